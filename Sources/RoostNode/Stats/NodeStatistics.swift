// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What the machine can tell about itself for the statistics: a query, taken between two steps.

import RoostModel
import RoostRoster
import RoostWire

/// The machine's part of a node's statistics.
public struct NodeStatistics: Hashable, Sendable {
    /// A peer as this node sees it.
    public struct Peer: Hashable, Sendable {
        /// What is made of it.
        public enum State: Hashable, Sendable {
            /// It answered, and we are not in step yet.
            case joining
            /// Heard of late, and in step.
            case up
            /// Silent for longer than it should be.
            case suspect
            /// Not heard by this node, but by another.
            case unreachable
            /// Given up, or left.
            case down
        }

        /// Its name.
        public var node: NodeID
        /// Where it is reached.
        public var mesh: String
        /// Where it publishes its statistics; empty where it does not.
        public var stats: String
        /// What is made of it.
        public var state: State
        /// Events of ours that it has acknowledged.
        public var acknowledged: UInt64
        /// Events of its stream that exist and are not applied here.
        public var lag: UInt64
        /// What was counted.
        public var counters: PeerCounters
    }

    /// Users of the cluster that can be seen.
    public var users: Int
    /// Those of them whose node is down.
    public var usersHeld: Int
    /// Messages kept for those.
    public var messagesKept: Int
    /// About the bytes of these.
    public var bytesKept: Int
    /// Events kept for replay.
    public var eventsLogged: Int
    /// About the bytes of these.
    public var bytesLogged: Int
    /// About the bytes of events that wait for others before them.
    public var bytesWaiting: Int
    /// Whether this node has lost all of its peers.
    public var isIsolated: Bool
    /// Channels of the cluster that have a visible member.
    public var channels: Int
    /// The digest of the roster.
    public var digest: UInt64
    /// What was counted.
    public var counters: NodeCounters
    /// Whether clients are accepted.
    public var isServing: Bool
    /// Whether the node is about to end.
    public var isDraining: Bool
    /// The peers, in order of name.
    public var peers: [Peer]
    /// Addresses that a link is open to and nobody has answered from, in order.
    public var unanswered: [String]
}

extension Node {
    /// What is to be told of this node now.
    public var statistics: NodeStatistics {
        NodeStatistics(
            users: roster.visibleUserCount,
            usersHeld: roster.populatedLives.subtracting(roster.hiddenLives).filter { isDown($0) }
                .reduce(0) { $0 + roster.userCount(of: $1) },
            messagesKept: mail.values.reduce(0) { $0 + $1.count },
            bytesKept: mail.values.reduce(0) { $0 + $1.bytes },
            eventsLogged: logs.values.reduce(0) { $0 + $1.count },
            bytesLogged: logs.values.reduce(0) { $0 + $1.bytes },
            bytesWaiting: mesh.peers.values.reduce(0) { $0 + $1.waitingBytes }, isIsolated: mesh.isIsolated,
            channels: populatedChannels.count, digest: roster.digest,
            counters: counters, isServing: isServing, isDraining: isDraining,
            peers: mesh.peers.map { statistics(of: $0.key, $0.value) }.sorted { $0.node < $1.node },
            unanswered: mesh.links.values.filter { $0.node == nil }.map(\.address).sorted())
    }

    private func statistics(of node: NodeID, _ peer: Peer) -> NodeStatistics.Peer {
        let state: NodeStatistics.Peer.State =
            switch peer.health {
            case .down: .down
            case .suspect: .suspect
            case .unreachable: .unreachable
            case .up: peer.isFollowed ? .up : .joining
            }
        let applied = applied(of: node)
        return NodeStatistics.Peer(
            node: node, mesh: peer.address.mesh, stats: peer.address.stats, state: state,
            acknowledged: peer.confirmed, lag: peer.highest > applied ? peer.highest - applied : 0,
            counters: peer.counters)
    }

    /// How far each stream has been applied, ours included.
    public var applied: Vector { roster.vector }
}
