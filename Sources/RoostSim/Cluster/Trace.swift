// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The hash of a whole run, by which two runs are seen to be the same.

import RoostModel

/// Everything that was handed to a node, a peer or a client, in order, as one number.
public struct Trace: Sendable {
    private var hash = StableHash()

    /// How many things were noted.
    public private(set) var count = 0
    /// The hash of all of them.
    public var value: UInt64 { hash.value }

    /// Notes that bytes went to a node, by its place, or passed a client, by a negative number.
    mutating func note(_ bytes: [UInt8], to number: Int, at now: Instant) {
        count += 1
        hash.combine(now.nanoseconds)
        hash.combine(UInt64(bitPattern: Int64(number)))
        var word: UInt64 = 0
        for (index, byte) in bytes.enumerated() {
            word = word << 8 | UInt64(byte)
            if index % 8 == 7 {
                hash.combine(word)
                word = 0
            }
        }
        hash.combine(word)
        hash.combine(UInt64(bytes.count))
    }
}
