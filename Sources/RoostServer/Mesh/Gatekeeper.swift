// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Decides who may connect to this node's mesh and statistics, and tells of those who may not (DESIGN §10).

import RoostKeys
import ZeroMQ

/// The node's ZAP handler. Made before any other socket: without it libzmq would let everyone in. Belongs to the mesh
/// thread.
final class Gatekeeper {
    /// For the poller.
    let handler: ZAPHandler
    /// What the sockets that it guards are made with.
    let keys: ClusterKeys

    /// Binds the handler.
    init(_ keys: ClusterKeys, in context: Context) throws(ZeroMQError) {
        handler = try ZAPHandler(in: context)
        self.keys = keys
    }

    /// Answers all who wait to be let in.
    func answer(telling stats: StatsPublisher) throws(ZeroMQError) {
        try handler.answerAll { request in
            guard let objection = keys.objection(to: request) else { return true }
            stats.refused(.handshake, request.address, because: "\(request.domain): \(objection)")
            return false
        }
    }
}

/// The sockets that a node binds, for words in the log.
enum BoundSocket: String, CaseIterable, Sendable {
    /// Our stream of events.
    case stream
    /// The requests of peers.
    case control
    /// The statistics.
    case stats

    /// What to tell of somebody who cannot be let in; nil for any other event. A connection that ends early is nothing to
    /// tell of, since probes do that; and whoever was refused for a key is told of by the gatekeeper, who knows the address.
    static func objection(to event: SocketEvent, isEncrypted: Bool) -> String? {
        guard case .handshakeProtocolFailed = event else { return nil }
        return isEncrypted
            ? "somebody without a key of this cluster wants to connect; nodes need its mesh.secret-file, readers of the"
                + " statistics --key"
            : "somebody with a key, or who does not speak ZeroMQ, wants to connect; this node has no mesh.secret-file"
    }
}
