// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Snapshots that are well formed and mean harm: whatever numbers a peer puts in, the node that merges them goes on.

import RoostIRC
import RoostModel
import RoostNode
import RoostRoster
import RoostSim
import RoostWire
import Testing

struct HostileSnapshotTests {
    /// A snapshot told of an end of our own life that we had not reached: from then on our own events had no effect.
    @Test func noSnapshotMovesOurOwnStream() throws {
        var session = try Session()
        let own = Life(node: session.node.settings.node, epoch: session.node.settings.epoch)
        let published = try #require(session.node.applied[own.node])
        var snapshot = session.snapshot
        snapshot.vector[own.node] = Vector.Position(epoch: own.epoch, sequence: .max)
        snapshot.formerLives.last[own] = .max
        snapshot.formerLives.last[Life(node: own.node, epoch: Epoch(.max))] = 1
        snapshot.formerLives.horizons[own.node] = Epoch(.max)
        session.give(snapshot)
        #expect(session.merged == 1)
        #expect(session.node.applied[own.node] == published)
        session.say("JOIN #den")
        #expect(session.node.roster.visibleChannel(ChannelName("#den")) != nil)
    }

    /// A stream that ended twice, each time but for a few events at the highest number there is, stopped the node.
    @Test func skippedEventsOfAnyNumberAreCounted() throws {
        var session = try Session()
        let other = try #require(NodeID("d"))
        for (epoch, sequence) in [(1, 5), (1, UInt64.max), (2, 5), (2, UInt64.max)] as [(UInt64, UInt64)] {
            var snapshot = session.snapshot
            snapshot.vector[other] = Vector.Position(epoch: Epoch(epoch), sequence: sequence)
            session.give(snapshot)
        }
        #expect(session.merged == 4)
        #expect(session.node.applied[other] == Vector.Position(epoch: Epoch(2), sequence: .max))
    }
}

/// A node with one user, and a peer that gives it snapshots, each in a new life.
private struct Session {
    private(set) var node: Node
    /// How many snapshots the node has merged.
    private(set) var merged = 0
    private let peer: NodeID
    private let user = ConnectionID(lane: 0, serial: 1)
    private var epoch: UInt64 = 0
    private var request: UInt32 = 0
    private var milliseconds: UInt64 = 0
    private static let beginning: UInt64 = 1_767_225_600_000

    init() throws {
        peer = try #require(NodeID("z"))
        node = Node(settings: try #require(SimulatedCluster.settings(of: ["a", "b"]).last))
        step(.started)
        pass(1_100)
        step(.clientConnected(user, host: "192.0.2.1"))
        say("NICK alice")
        say("USER alice 0 * :Alice")
    }

    /// What the peer knows: nothing but itself.
    var snapshot: Snapshot {
        let position = Vector.Position(epoch: Epoch(epoch + 1), sequence: 1)
        return Snapshot(vector: Vector([peer: position]), users: [], claims: [], channels: [], removals: [])
    }

    mutating func say(_ line: String) {
        if let line = try? IRCLine(parsing: line) { step(.lineReceived(user, line)) }
    }

    /// The peer lives anew, is asked for its snapshot, and gives this one.
    mutating func give(_ snapshot: Snapshot) {
        epoch += 1
        let report = Acknowledgement(header: header, applied: snapshot.vector, delivered: Vector())
        step(
            .heartbeatReceived(
                LinkID(1),
                Heartbeat(
                    acknowledgement: report, ages: [:], inStep: [:], digest: 0, wall: now.wall, isDraining: false)))
        pass(600)
        let introduction = Introduction(
            applied: Vector(), oldestReplayable: .max, address: NodeAddress(mesh: "127.0.0.1:7600", stats: ""),
            peers: [:], wall: now.wall, greeting: 1)
        answer(.welcome(introduction))
        answer(.snapshotChunk(id: request, index: 0, count: 1, bytes: snapshot.encoded()))
        pass(2_500)
    }

    private var now: Moment {
        Moment(
            instant: Instant(nanoseconds: 1_000_000_000 + milliseconds * 1_000_000),
            wall: WallTime(milliseconds: Self.beginning + milliseconds))
    }

    private var header: FrameHeader {
        FrameHeader(
            cluster: node.settings.cluster, node: peer, epoch: Epoch(epoch), time: HybridTime(wall: now.wall))
    }

    private mutating func answer(_ message: ControlMessage) {
        step(.controlReceived(.link(LinkID(1)), ControlFrame(header: header, message: message)))
    }

    private mutating func pass(_ duration: UInt64) {
        for _ in 0..<duration / 50 {
            milliseconds += 50
            step(.deadlineReached)
        }
    }

    private mutating func step(_ input: NodeInput) {
        var effects = NodeEffects()
        node.step(input, at: now, into: &effects)
        for effect in effects.queue {
            switch effect {
            case .sendControl(let frame, _):
                if case .snapshotRequest(let id, _) = frame.message { request = id }
            case .note(.snapshotMerged): merged += 1
            default: continue
            }
        }
    }
}
