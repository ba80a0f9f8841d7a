// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// One node's view of another, as part of its report.

extension NodeStats {
    /// Another node, as the reporting node sees it.
    public struct Peer: Codable, Sendable, Equatable {
        /// The peer's name; its address while the name is not known yet.
        public var node: String
        /// Mesh control address, `HOST:PORT`.
        public var address: String
        /// Where the peer publishes its own reports, as it advertised it; absent until it said so, or when it does not.
        public var statsAddress: String?
        /// What the reporting node makes of it.
        public var state: PeerState
        /// The last round trip over the mesh, in microseconds; absent until measured.
        public var roundTripUs: Int?
        /// Events of the peer's stream applied here.
        public var eventsIn: Int
        /// Events of our stream that the peer has acknowledged.
        public var eventsOut: Int
        /// Events of the peer's stream that we know to exist and have not applied: how far we are behind it.
        public var lag: Int
        /// Gaps seen in the peer's stream.
        public var gaps: Int
        /// Replays received to close them.
        public var replays: Int
        /// Snapshots received.
        public var snapshots: Int
        /// Frames or events of the peer that could not be decoded.
        public var malformed: Int

        /// A peer, with nothing counted yet.
        public init(
            node: String, address: String, statsAddress: String? = nil, state: PeerState, roundTripUs: Int? = nil,
            eventsIn: Int = 0, eventsOut: Int = 0, lag: Int = 0, gaps: Int = 0, replays: Int = 0, snapshots: Int = 0,
            malformed: Int = 0
        ) {
            self.node = node
            self.address = address
            self.statsAddress = statsAddress
            self.state = state
            self.roundTripUs = roundTripUs
            self.eventsIn = eventsIn
            self.eventsOut = eventsOut
            self.lag = lag
            self.gaps = gaps
            self.replays = replays
            self.snapshots = snapshots
            self.malformed = malformed
        }
    }

    /// The state of a peer in the eyes of one node. An open set: a reader shows a state that it does not know as it
    /// stands.
    public struct PeerState: RawRepresentable, Codable, Sendable, Hashable {
        /// Dialled, never heard in this epoch of ours.
        public static let connecting = PeerState(rawValue: "connecting")
        /// Heard of late.
        public static let up = PeerState(rawValue: "up")
        /// Not heard for a moment; nothing has been concluded.
        public static let suspect = PeerState(rawValue: "suspect")
        /// Not heard here, heard by another node.
        public static let unreachable = PeerState(rawValue: "unreachable")
        /// Taken for dead or left; its users may be held.
        public static let down = PeerState(rawValue: "down")
        /// Down for so long that its users have quit.
        public static let gone = PeerState(rawValue: "gone")

        /// The word in the JSON.
        public var rawValue: String

        /// The state that `rawValue` names, known or not.
        public init(rawValue: String) { self.rawValue = rawValue }
    }
}
