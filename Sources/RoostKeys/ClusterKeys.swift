// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The keys of CURVE that follow from a cluster's secret, and who is let in with which (DESIGN §10).

import Crypto
import ZeroMQ

/// The two kinds of sockets that a node binds, as ZAP domains (RFC 27), since not everyone may connect to both.
public enum KeyDomain: String, Sendable, CaseIterable {
    /// The stream of events and the control socket: for nodes of the cluster.
    case mesh
    /// The statistics: for nodes, and for holders of the stats key.
    case stats
}

/// All keys of a cluster. The same secret gives the same keys, in every version of Roost.
public struct ClusterKeys: Sendable {
    /// What every node is, on both ends of every link.
    public let node: CurveKeyPair
    /// What a reader of the statistics is.
    private let reader: CurveKeyPair

    /// Derives the keys: one by HKDF (RFC 5869) with SHA-256 for each purpose, so that none tells of another.
    ///
    /// - Throws: `unsupported` if libzmq was built without CURVE.
    public init(_ secret: ClusterSecret) throws(ZeroMQError) {
        node = try Self.pair(from: secret, for: "roost/1 node")
        reader = try Self.pair(from: secret, for: "roost/1 stats reader")
    }

    private static func pair(from secret: ClusterSecret, for purpose: String) throws(ZeroMQError) -> CurveKeyPair {
        let derived = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: secret.bytes), info: Array(purpose.utf8), outputByteCount: 32)
        guard let key = CurveSecretKey(bytes: derived.withUnsafeBytes { Array($0) }) else {
            preconditionFailure("a derived key of another length than asked for")
        }
        return try CurveKeyPair(secretKey: key)
    }

    /// For a socket that this node binds. The binder is always the CURVE server.
    public func server(in domain: KeyDomain) -> SocketOptions.Curve {
        .server(secretKey: node.secretKey, zapDomain: domain.rawValue)
    }

    /// For a socket that connects to a node, as a node.
    public var client: SocketOptions.Curve {
        .client(keys: node, serverKey: node.publicKey)
    }

    /// What readers of the statistics are given.
    public var statsKey: StatsKey {
        StatsKey(serverKey: node.publicKey, secretKey: reader.secretKey)
    }

    /// Why whoever asks may not connect, in words for the log; nil where it may.
    public func objection(to request: ZAPRequest) -> String? {
        guard let domain = KeyDomain(rawValue: request.domain) else { return "nothing listens there" }
        guard case .curve(let key) = request.credentials else { return "it showed no key" }
        switch (domain, key) {
        case (_, node.publicKey), (.stats, reader.publicKey):
            return nil
        case (.mesh, reader.publicKey):
            return "it holds the key for statistics only; a node must hold the cluster's secret (mesh.secret-file)"
        default:
            return "its key is not of this cluster; nodes must hold the same secret (mesh.secret-file), readers of the"
                + " statistics the key that `roost keygen --stats` derives from it"
        }
    }
}
