// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What a node knows of its peers and of the links to them. What it does about them stands in the files beside this one.

import RoostModel
import RoostRoster
import RoostWire

/// The links, the peers behind them, and what is due when.
struct Mesh: Sendable {
    /// Our ends of the connections, by number.
    var links: [LinkID: Link] = [:]
    /// The other nodes, by name, as long as this node lives.
    var peers: [NodeID: Peer] = [:]
    /// The number of the next link.
    var nextLink: UInt32 = 1

    /// When the node started.
    var startedAt = Instant(nanoseconds: 0)
    /// When the next sign of life is due; nil before the start.
    var nextHeartbeat: Instant?
    /// When events applied since the last report are to be reported; nil where there are none.
    var acknowledgementDue: Instant?
    /// How far deliveries to our clients have reached the kernel, as far as the driver has told.
    var delivered = Vector()
    /// Whether the node has begun to serve.
    var hasJoined = false
    /// Snapshots that peers are being sent, by their control socket.
    var snapshotsSent: [[UInt8]: OutgoingSnapshot] = [:]

    /// When the start must be decided, if it is not yet.
    func joinDeadline(_ limits: NodeLimits) -> Instant? {
        if hasJoined { return nil }
        let patience = startedAt + limits.joinPatience
        return peers.values.contains { $0.stage != .down } ? startedAt + limits.joinLimit : patience
    }
}

/// Our sockets to one address.
struct Link: Sendable {
    /// `HOST:PORT` of the peer's control socket.
    let address: String
    /// Who answered there; nil until somebody did.
    var node: NodeID?
    /// Whether the sockets have a connection.
    var isConnected = false
    /// When HELLO was sent last; nil before the first. It is sent again every second: it spreads addresses, and its
    /// answer tells the round trip.
    var greetedAt: Instant?
    /// Whether the last HELLO still waits for its answer.
    var isGreeting = false
    /// Frames that could not be read.
    var malformed: UInt64 = 0
}

/// Another node.
struct Peer: Sendable {
    /// How far we have come with it.
    enum Stage: Hashable, Sendable {
        /// Its sign of life was heard and HELLO sent; events are kept until WELCOME tells where to begin.
        case greeting
        /// Its snapshot is on the way; events are kept until it is merged.
        case fetching
        /// Its stream is applied as it comes.
        case following
        /// It left on purpose, or was given up and has not been heard since.
        case down
    }

    /// The link to it.
    var link: LinkID
    /// Its life.
    var epoch: Epoch
    /// Where it is reached.
    var address: NodeAddress
    /// How far we have come with it.
    var stage = Stage.greeting
    /// When anything of it was last heard.
    var lastHeard: Instant
    /// Whether it has been silent for longer than it should.
    var isSuspect = false
    /// Whether operators have been told that we are in step with it.
    var isAnnounced = false
    /// Its last event, as far as it has told.
    var highest: UInt64 = 0
    /// Whether its signs of life say that it is in step with this life of ours.
    var isInStepWithUs = false

    /// Frames that wait for those before them or for a snapshot, in order of their first event.
    var waiting: [EventFrame] = []
    /// Since when events before the waiting ones, or the last ones, have been missing.
    var gapSince: Instant?
    /// When they were last asked for.
    var askedAt: Instant?
    /// The chunks of its snapshot so far, and how many there will be.
    var chunks: [[UInt8]] = []
    /// A snapshot that waits until the streams that we follow have come as far as it.
    var snapshot: Snapshot?
    /// The number of the last request for one.
    var snapshotID: UInt32 = 0
    /// How long it may wait.
    var snapshotDeadline: Instant?

    /// How many events of ours it has acknowledged, its own stream being applied here as far as it was then.
    var confirmed: UInt64 = 0
    /// Acknowledgements that wait for its stream: so many events of ours, at that number of its own.
    var unconfirmed: [(ours: UInt64, theirs: UInt64)] = []

    /// What was counted.
    var counters = PeerCounters()

    /// When something must be done about it.
    func nextDeadline(_ limits: NodeLimits) -> Instant? {
        var next: Instant?
        func consider(_ instant: Instant?) {
            guard let instant else { return }
            next = min(next ?? instant, instant)
        }
        if stage == .down { return nil }
        if let gapSince, stage == .following {
            consider(askedAt.map { $0 + limits.gapPatience * 10 } ?? (gapSince + limits.gapPatience))
        }
        if stage == .fetching { consider(snapshotDeadline) }
        consider(lastHeard + (isSuspect ? limits.downAfter : limits.suspectAfter))
        return next
    }
}

/// What is counted of a peer.
public struct PeerCounters: Hashable, Sendable {
    /// Events of its stream that were applied.
    public var eventsApplied: UInt64 = 0
    /// Gaps seen in its stream.
    public var gaps: UInt64 = 0
    /// Events of its stream that were replayed to us.
    public var replayed: UInt64 = 0
    /// Snapshots of it that were merged.
    public var snapshots: UInt64 = 0
    /// Frames of it that could not be read.
    public var malformed: UInt64 = 0
    /// The time that a question and its answer took last; nil before the first answer.
    public var roundTrip: Duration?
}

/// A snapshot on its way to a peer, chunk by chunk.
struct OutgoingSnapshot: Sendable {
    /// The asker's number for it.
    let id: UInt32
    let bytes: [UInt8]
    let chunkBytes: Int
    var next: UInt32 = 0
    let startedAt: Instant

    var count: UInt32 { UInt32(clamping: (bytes.count + chunkBytes - 1) / chunkBytes) }

    func chunk(_ index: UInt32) -> [UInt8] {
        let start = Int(index) * chunkBytes
        return Array(bytes[start..<min(start + chunkBytes, bytes.count)])
    }
}
