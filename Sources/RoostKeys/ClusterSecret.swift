// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The one secret of a cluster, as people keep it: `roost keygen` makes it, every node is given it, nothing prints it.
// What is derived from it stands in `ClusterKeys.swift`.

/// 256 random bits that all nodes of a cluster share. Whoever holds them is a node of the cluster.
public struct ClusterSecret: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    /// What the written form begins with, so that people and scanners tell a secret from other keys.
    static let prefix = "roost-cluster-"
    static let byteCount = 32

    let bytes: [UInt8]

    /// A new one, from the system's generator (getrandom(2)).
    public static func random() -> ClusterSecret {
        ClusterSecret(bytes: (0..<byteCount).map { _ in UInt8.random(in: .min ... .max) })
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Reads the written form: `roost-cluster-` and 64 hexadecimal digits. Nil for anything else.
    public init?(_ text: String) {
        guard text.hasPrefix(Self.prefix), let bytes = Hexadecimal.bytes(of: text.dropFirst(Self.prefix.count)),
            bytes.count == Self.byteCount
        else { return nil }
        self.bytes = bytes
    }

    /// The written form. For files that only their owner may read; never for logs.
    public var text: String { Self.prefix + Hexadecimal.text(of: bytes) }

    /// Does not show the secret.
    public var description: String { "ClusterSecret(hidden)" }

    /// Does not show it to `dump` either.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Bytes as pairs of hexadecimal digits.
enum Hexadecimal {
    static func text(of bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// Nil for anything but pairs of digits.
    static func bytes(of text: Substring) -> [UInt8]? {
        let digits = text.utf8.map { Character(Unicode.Scalar($0)).hexDigitValue }
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for pair in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[pair], let low = digits[pair + 1] else { return nil }
            bytes.append(UInt8(high << 4 | low))
        }
        return bytes
    }
}
