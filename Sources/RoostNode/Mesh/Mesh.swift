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
    /// Addresses that turned out to be our own.
    var ownAddresses: Set<String> = []
    /// The number of the next link.
    var nextLink: UInt32 = 1

    /// When the node started, without the time that it stood still.
    var startedAt = Instant(nanoseconds: 0)
    /// When the next sign of life is due; nil before the start.
    var nextHeartbeat: Instant?
    /// When events applied since the last report are to be reported; nil where there are none.
    var acknowledgementDue: Instant?
    /// How far deliveries to our clients have reached the kernel, as far as the driver has told.
    var handedOver = Vector()
    /// The same, as far as peers are told of it.
    var delivered = Vector()
    /// How far deliveries to our clients can have come at most: when this node leaves, it closes them, and from a pause on
    /// some may be gone, until that is known of all. nil where they go on.
    var deliveredMax: Vector?
    /// Whether the node has begun to serve.
    var hasJoined = false
    /// Whether it began to serve without having met anybody.
    var beganAlone = false
    /// When a peer was first heard; nil where none has been.
    var metAt: Instant?
    /// Whether this node has lost all of its peers, none of which said goodbye.
    var isIsolated = false
    /// When this node was itself paused last; nil where it never was.
    var lastPause: Pause?
    /// Until when clients' lines wait because of that; nil where they do not.
    var catchingUpUntil: Instant?
    /// Snapshots that peers are being sent, by their control socket.
    var snapshotsSent: [[UInt8]: OutgoingSnapshot] = [:]
    /// What may still be replayed to peers.
    var replayBudget = ReplayBudget()

    /// How long others may still tell what was there before this node came.
    private static let acquaintance = Duration.seconds(10)

    /// Whether it has not been among others for long: of those who are held it may not know all.
    func isNewcomer(at now: Instant) -> Bool { metAt.map { now - $0 < Self.acquaintance } ?? true }

    /// When the start must be decided, if it is not yet.
    func joinDeadline(_ limits: NodeLimits) -> Instant? {
        if hasJoined { return nil }
        let patience = startedAt + limits.joinPatience
        return peers.values.contains { $0.isAnswering } ? startedAt + limits.joinLimit : patience
    }

    /// The peers that can be asked for something, in order.
    var reachable: [NodeID] { peers.filter { $0.value.isReachable }.keys.sorted() }
}

/// Our sockets to one address.
struct Link: Sendable {
    /// `HOST:PORT` of the peer's control socket.
    let address: String
    /// Who answered there; nil until somebody did.
    var node: NodeID?
    /// When HELLO was sent last; nil before the first. It is sent again every second: it spreads addresses, and its
    /// answer tells the round trip.
    var greetedAt: Instant?
    /// When the latest HELLO was sent that was answered; nil where none was.
    var answeredGreeting: Instant?
    /// Since when its signs of life have told a time of day too far from ours; nil where they do not.
    var skewedSince: Instant?
    /// When the link was opened.
    let openedAt: Instant
}

/// How much may be replayed: a bucket that fills with time (DESIGN §7).
struct ReplayBudget: Sendable {
    /// What may be replayed in a second, in bytes.
    static let bytesPerSecond = 32 << 20
    /// What may be replayed at once after a quiet time, in bytes.
    static let burst = 8 << 20

    private var bytes = Self.burst
    private var filledAt: Instant?

    /// Whether anything may be replayed now.
    mutating func allows(at now: Instant) -> Bool {
        if let filledAt {
            let passed = min(max(0, (now - filledAt).milliseconds), 1_000)
            bytes = min(Self.burst, bytes + Int(passed) * (Self.bytesPerSecond / 1_000))
        }
        filledAt = now
        return bytes > 0
    }

    /// Takes what was replayed out of the bucket; it may owe some.
    mutating func spend(_ bytes: Int) { self.bytes -= bytes }
}

/// A snapshot on its way to a peer, chunk by chunk.
struct OutgoingSnapshot: Sendable {
    /// The number that its asker gave the request.
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
