// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What happened in the cluster, said when it happens: the schema of the topics `event.<kind>`. Who decides that
// something is worth an event is the server.

/// Something that happened, as one node saw it.
///
/// Publish/subscribe loses what nobody listens to: events are for reading and for alarms, the totals in ``NodeStats``
/// are for counting.
public struct StatsEvent: Codable, Sendable, Equatable {
    /// What happened.
    public var kind: Kind
    /// The node that reports it.
    public var node: String
    /// The reporting node's epoch.
    public var epoch: Int
    /// The reporting node's wall clock, in milliseconds since 1970-01-01 UTC.
    public var timeMs: Int
    /// The node that it happened to, when that is another one.
    public var peer: String?
    /// One sentence for a person, without line breaks.
    public var text: String
    /// Particulars for programs; the keys of each kind are listed in docs/protocol/stats.md.
    public var values: [String: String]

    /// An event; see the properties.
    public init(
        kind: Kind, node: String, epoch: Int, timeMs: Int, peer: String? = nil, text: String,
        values: [String: String] = [:]
    ) {
        self.kind = kind
        self.node = node
        self.epoch = epoch
        self.timeMs = timeMs
        self.peer = peer
        self.text = text
        self.values = values
    }
}

extension StatsEvent {
    /// What happened, and the second half of the topic. An open set: a reader shows a kind that it does not know by its
    /// text.
    public struct Kind: RawRepresentable, Codable, Sendable, Hashable {
        /// A peer is in step with us.
        public static let peerUp = Kind(rawValue: "peer_up")
        /// A peer has not been heard for a moment.
        public static let peerSuspect = Kind(rawValue: "peer_suspect")
        /// A peer is heard by others only.
        public static let peerUnreachable = Kind(rawValue: "peer_unreachable")
        /// A user who was held since its node went down goes on at the reporting node.
        public static let takeOver = Kind(rawValue: "take_over")
        /// A peer is taken for dead, or left.
        public static let peerDown = Kind(rawValue: "peer_down")
        /// The hold on a dead peer's users is over.
        public static let peerGone = Kind(rawValue: "peer_gone")
        /// A peer was turned away: wrong cluster, wrong version, a clock too far from ours.
        public static let peerRefused = Kind(rawValue: "peer_refused")
        /// Two users held one nick; the text says who keeps it.
        public static let collision = Kind(rawValue: "collision")
        /// A gap in a peer's stream was closed by a replay or a snapshot.
        public static let repair = Kind(rawValue: "repair")
        /// Something that a peer sent could not be decoded and was set aside.
        public static let malformed = Kind(rawValue: "malformed")
        /// A client was turned away.
        public static let clientRefused = Kind(rawValue: "client_refused")
        /// The reporting node's own state changed: `values["state"]` is the new one.
        public static let nodeState = Kind(rawValue: "node_state")

        /// The word in the JSON and in the topic.
        public var rawValue: String

        /// The kind that `rawValue` names, known or not.
        public init(rawValue: String) { self.rawValue = rawValue }
    }
}
