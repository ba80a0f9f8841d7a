// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The bytes of the message at hand, once for each set of capabilities that makes a difference to it.

import RoostIRC

/// Encodes one message after the other, each at most once for each variant.
struct EncodedVariants: Sendable {
    private struct Variant: Sendable {
        let capabilities: CapabilitySet
        let bytes: [UInt8]
    }

    private var variants: [Variant] = []
    private var mask: CapabilitySet = []

    /// Turns to another message.
    mutating func begin(_ message: OutgoingMessage) {
        variants.removeAll(keepingCapacity: true)
        mask = message.variantMask
    }

    /// Its bytes for a client with these capabilities; empty where such a client gets nothing.
    ///
    /// - Parameter message: the message that was begun with.
    @inline(__always)
    mutating func bytes(of message: OutgoingMessage, for capabilities: CapabilitySet) -> [UInt8] {
        let wanted = capabilities.intersection(mask)
        for index in variants.indices where variants[index].capabilities == wanted {
            return variants[index].bytes
        }
        return encode(message, for: wanted)
    }

    private mutating func encode(_ message: OutgoingMessage, for variant: CapabilitySet) -> [UInt8] {
        let bytes = message.encoded(for: variant)
        variants.append(Variant(capabilities: variant, bytes: bytes))
        return bytes
    }
}
