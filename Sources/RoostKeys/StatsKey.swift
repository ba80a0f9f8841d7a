// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What a reader of the statistics holds: enough to read them from any node of the cluster, and for nothing else.

import ZeroMQ

/// The public key by which nodes are known, and the secret key by which they know a reader.
public struct StatsKey: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    static let prefix = "roost-stats-"

    private let serverKey: CurvePublicKey
    private let secretKey: CurveSecretKey

    init(serverKey: CurvePublicKey, secretKey: CurveSecretKey) {
        self.serverKey = serverKey
        self.secretKey = secretKey
    }

    /// Reads the written form: `roost-stats-` and 128 hexadecimal digits, the nodes' public key and then the reader's
    /// secret key. Nil for anything else.
    public init?(_ text: String) {
        guard text.hasPrefix(Self.prefix), let bytes = Hexadecimal.bytes(of: text.dropFirst(Self.prefix.count)),
            bytes.count == 64, let serverKey = CurvePublicKey(bytes: Array(bytes.prefix(32))),
            let secretKey = CurveSecretKey(bytes: Array(bytes.suffix(32)))
        else { return nil }
        self.init(serverKey: serverKey, secretKey: secretKey)
    }

    /// Reads a stats key, or takes the one that a cluster's secret gives. Nil for anything else.
    ///
    /// - Throws: `unsupported` if libzmq was built without CURVE.
    public static func reading(_ text: String) throws(ZeroMQError) -> StatsKey? {
        if let secret = ClusterSecret(text) { return try ClusterKeys(secret).statsKey }
        return StatsKey(text)
    }

    /// The written form. For files that only their owner may read; never for logs.
    public var text: String { Self.prefix + Hexadecimal.text(of: serverKey.bytes + secretKey.bytes) }

    /// For a socket that connects to a node's statistics.
    ///
    /// - Throws: `unsupported` if libzmq was built without CURVE.
    public func client() throws(ZeroMQError) -> SocketOptions.Curve {
        .client(keys: try CurveKeyPair(secretKey: secretKey), serverKey: serverKey)
    }

    /// Does not show the key.
    public var description: String { "StatsKey(hidden)" }

    /// Does not show it to `dump` either.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
