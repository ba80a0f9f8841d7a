// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What nodes send each other, as values: RMP/1, the Roost mesh protocol. How they look on the wire is in
// `docs/protocol/mesh.proto`; the conversions are in the files beside this one.

import RoostModel
import RoostRoster

/// The range of protocol versions that this build speaks.
public enum MeshProtocol {
    /// The version of what this build sends.
    public static let version: UInt32 = 1
}

/// Who sent a frame, in which life, and when.
public struct FrameHeader: Hashable, Sendable {
    /// The version of the protocol that the frame is in.
    public var version: UInt32
    /// The name of the cluster; frames of another are refused.
    public var cluster: String
    /// The node that sent it.
    public var node: NodeID
    /// The sender's life.
    public var epoch: Epoch
    /// The sender's hybrid clock at sending.
    public var time: HybridTime

    /// A header with these parts.
    public init(
        version: UInt32 = MeshProtocol.version, cluster: String, node: NodeID, epoch: Epoch, time: HybridTime
    ) {
        self.version = version
        self.cluster = cluster
        self.node = node
        self.epoch = epoch
        self.time = time
    }

    /// The life that sent the frame.
    public var life: Life { Life(node: node, epoch: epoch) }
}

/// A run of events of one stream, in order and without a gap (topic `E`, and the answer to a replay request).
public struct EventFrame: Hashable, Sendable {
    /// Who sent it.
    public var header: FrameHeader
    /// The events. Their ids share a node and an epoch, and count up by one.
    public var events: [Event]

    /// That run from that sender.
    public init(header: FrameHeader, events: [Event]) {
        self.header = header
        self.events = events
    }
}

/// How far a node has come (topic `A`).
public struct Acknowledgement: Hashable, Sendable {
    /// Who sent it.
    public var header: FrameHeader
    /// For each stream, the sender's own included, how far the sender has applied it without a gap.
    public var applied: Vector
    /// For each stream, how far the deliveries to the sender's clients have reached its kernel.
    public var delivered: Vector

    /// A report with these parts.
    public init(header: FrameHeader, applied: Vector, delivered: Vector) {
        self.header = header
        self.applied = applied
        self.delivered = delivered
    }
}

/// A sign of life (topic `H`), four times a second.
public struct Heartbeat: Hashable, Sendable {
    /// The same report as in an acknowledgement, with the header of both.
    public var acknowledgement: Acknowledgement
    /// For each peer, the milliseconds since the sender last heard it.
    public var ages: [NodeID: UInt32]
    /// The peers that the sender is in step with, and in which of their lives.
    public var inStep: [NodeID: Epoch]
    /// The hash of the sender's roster at the vector of this report.
    public var digest: UInt64
    /// The sender's time of day.
    public var wall: WallTime
    /// Whether the sender is about to leave.
    public var isDraining: Bool
    /// How far the sender has applied lives that are over and whose users are held.
    public var formerLives: [Life: UInt64]

    /// A sign of life with these parts.
    public init(
        acknowledgement: Acknowledgement, ages: [NodeID: UInt32], inStep: [NodeID: Epoch], digest: UInt64,
        wall: WallTime, isDraining: Bool, formerLives: [Life: UInt64] = [:]
    ) {
        self.acknowledgement = acknowledgement
        self.ages = ages
        self.inStep = inStep
        self.digest = digest
        self.wall = wall
        self.isDraining = isDraining
        self.formerLives = formerLives
    }
}

/// Where a node is reached.
public struct NodeAddress: Hashable, Sendable {
    /// `HOST:PORT` of its control socket; events are one port higher.
    public var mesh: String
    /// `HOST:PORT` of its stats socket; empty where it publishes none.
    public var stats: String

    /// A node reached at these.
    public init(mesh: String, stats: String) {
        self.mesh = mesh
        self.stats = stats
    }
}

/// What two nodes ask and answer each other on the control sockets.
public enum ControlMessage: Hashable, Sendable {
    /// Asks to be known: who I am, how far I have come, where I am reached, and whom I know.
    case hello(Introduction)
    /// The answer to `hello`: the same of the answering node.
    case welcome(Introduction)
    /// The other answer to `hello`, or to a request that cannot be met, in words for the log.
    case refused(reason: String)
    /// Asks for the node's knowledge, whole. `credit` chunks may be sent ahead; they will bear the asker's `id`.
    case snapshotRequest(id: UInt32, credit: UInt32)
    /// A part of the snapshot that was asked for by that id: chunk `index` of `count`, in order.
    case snapshotChunk(id: UInt32, index: UInt32, count: UInt32, bytes: [UInt8])
    /// Allows so many more chunks of the snapshot that was asked for by that id.
    case snapshotCredit(id: UInt32, credit: UInt32)
    /// Asks for events of a life again, whatever node is asked: those from `first` to `last`, or to the end, where
    /// `last` is the highest number.
    case replayRequest(life: Life, first: UInt64, last: UInt64)
    /// The answer to a replay request: a part of what was asked for. The header is the answering node's.
    case replay(life: Life, events: [Event])
    /// The answer to a replay request that reaches behind the log: the first event still there.
    case replayUnavailable(life: Life, oldest: UInt64)
}

/// How a node presents itself.
public struct Introduction: Hashable, Sendable {
    /// How far it has applied each stream; its own entry tells the last event that it published.
    public var applied: Vector
    /// The oldest event of its own stream that it can replay; one past the last where it can replay none.
    public var oldestReplayable: UInt64
    /// Where it is reached.
    public var address: NodeAddress
    /// Where the nodes are reached that it knows.
    public var peers: [NodeID: NodeAddress]
    /// Its time of day.
    public var wall: WallTime
    /// In HELLO, which greeting it is, in numbers of the sender's own; in WELCOME, which one is answered.
    public var greeting: UInt64

    /// A node with these properties.
    public init(
        applied: Vector, oldestReplayable: UInt64, address: NodeAddress, peers: [NodeID: NodeAddress], wall: WallTime,
        greeting: UInt64
    ) {
        self.applied = applied
        self.oldestReplayable = oldestReplayable
        self.address = address
        self.peers = peers
        self.wall = wall
        self.greeting = greeting
    }
}

/// A control message with who sent it.
public struct ControlFrame: Hashable, Sendable {
    /// Who sent it.
    public var header: FrameHeader
    /// What it says.
    public var message: ControlMessage

    /// That message from that sender.
    public init(header: FrameHeader, message: ControlMessage) {
        self.header = header
        self.message = message
    }
}
