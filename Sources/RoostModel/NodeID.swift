// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Who a node is. A node's name is packed into 64 bits, so that the ids built on it compare and hash in one
// instruction, and every node orders them alike.

/// The identity of a node: its name, unique within the cluster.
///
/// A name is 1 to 12 characters of `a-z 0-9 - . _`. It is kept as a number in base 40, first character most
/// significant, so that ids order as their names do in that alphabet.
public struct NodeID: Hashable, Sendable {
    /// The longest name, in characters: the most that base 40 packs into 64 bits.
    public static let nameLengthMax = 12

    /// The name as a number in base 40, padded at the end with the empty digit 0.
    public let rawValue: UInt64

    private static let alphabet = Array("abcdefghijklmnopqrstuvwxyz0123456789-._".utf8)

    /// The node of that name; nil where the name is empty, too long or has a character that is not allowed.
    public init?(_ name: String) {
        let utf8 = name.utf8
        guard !utf8.isEmpty, utf8.count <= Self.nameLengthMax else { return nil }
        var packed: UInt64 = 0
        for byte in utf8 {
            guard let digit = Self.alphabet.firstIndex(of: byte) else { return nil }
            packed = packed * 40 + UInt64(digit + 1)
        }
        for _ in utf8.count..<Self.nameLengthMax {
            packed *= 40
        }
        rawValue = packed
    }

    /// The node with that packed name, as it comes over the wire; nil where the number packs no name.
    public init?(rawValue: UInt64) {
        var rest = rawValue
        var inName = false
        for _ in 0..<Self.nameLengthMax {
            let digit = rest % 40
            rest /= 40
            if digit != 0 { inName = true }
            if digit == 0 && inName { return nil }
        }
        guard inName, rest == 0 else { return nil }
        self.rawValue = rawValue
    }

    /// The node's name.
    public var name: String {
        String(unsafeUninitializedCapacity: Self.nameLengthMax) { write(to: $0) }
    }

    /// Writes the name to the start of a buffer that has room for the longest. Returns its length.
    func write(to buffer: UnsafeMutableBufferPointer<UInt8>) -> Int {
        var (rest, length) = (rawValue, 0)
        for index in (0..<Self.nameLengthMax).reversed() {
            let digit = Int(rest % 40)
            rest /= 40
            guard digit > 0 else { continue }
            length = max(length, index + 1)
            buffer[index] = Self.alphabet[digit - 1]
        }
        return length
    }
}

extension NodeID: Comparable, CustomStringConvertible {
    /// Orders as the packed numbers do: by name, letters before digits before `- . _`.
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    /// The node's name.
    public var description: String { name }
}
