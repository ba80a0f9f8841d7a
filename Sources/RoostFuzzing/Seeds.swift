// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Inputs to begin with, for the targets that take what nodes say: a session of clients is played at a node, and what
// the node says of it is kept. They are made anew where the format of the mesh changes.

import RoostIRC
import RoostModel
import RoostNode
import RoostRoster
import RoostSim
import RoostWire

/// What nodes say of the sessions in the corpus of `clients`.
public struct Seeds {
    /// Inputs by target.
    public private(set) var inputs: [FuzzTarget: [[UInt8]]] = [:]

    /// What a node says of each of the sessions, and what two nodes come to that played two of them unknown to each
    /// other.
    public init(of sessions: [[UInt8]]) {
        var before: [Record] = []
        for (index, session) in sessions.enumerated() {
            guard let node = node(index % 2 == 0 ? 0 : 2) else { continue }
            var speaker = Speaker(node)
            speaker.play(session)
            let said = speaker.records
            for record in said {
                switch record.kind {
                case UInt8(ascii: "E"): add(record.bytes, to: .events)
                case UInt8(ascii: "A"), UInt8(ascii: "H"): add(record.bytes, to: .reports)
                case UInt8(ascii: "C"): add(record.bytes, to: .control)
                case UInt8(ascii: "S"): add(record.bytes, to: .snapshot)
                default: continue
                }
            }
            let known = said.kinds("ES")
            add(known, to: .roster)
            add(known + before, to: .roster)
            before = known
            // The node hears of the speaker, asks for its snapshot, and then hears it talk.
            let greeting = said.kinds("HC")
            let first = Record(kind: UInt8(ascii: "S"), option: 0, bytes: speaker.firstSnapshot)
            let time = Record(kind: UInt8(ascii: "T"), option: 0, bytes: Array("....".utf8))
            var input: [Record] = Array(greeting.prefix(2))
            input.append(first)
            input += said.kinds("E")
            input.append(time)
            input += greeting.suffix(4)
            add(input, to: .peer)
            input = Array(greeting.prefix(2)) + said.kinds("S")
            input.append(time)
            add(input + said, to: .peer)
        }
    }

    private mutating func add(_ records: [Record], to target: FuzzTarget) {
        add(Record.input(of: records), to: target)
    }

    private mutating func add(_ input: [UInt8], to target: FuzzTarget) {
        if inputs[target]?.contains(input) != true { inputs[target, default: []].append(input) }
    }
}

extension [Record] {
    fileprivate func kinds(_ letters: String) -> [Record] { filter { letters.utf8.contains($0.kind) } }
}

/// A node alone, whose every word is kept.
private struct Speaker {
    private(set) var records: [Record] = []
    private(set) var firstSnapshot: [UInt8] = []
    private var node: Node
    private var events: [Event] = []
    private var now = Moment(
        instant: Instant(nanoseconds: 1_000_000_000), wall: WallTime(milliseconds: firstEpoch + 1_000))

    /// Short inputs are the quicker.
    private static let linesMax = 15

    init(_ id: NodeID) {
        var settings = NodeSettings(node: id, epoch: Epoch(firstEpoch))
        settings.address = NodeAddress(mesh: "127.0.0.1:7600", stats: "127.0.0.1:7602")
        settings.operators = [.init(name: "root", password: "secret")]
        node = Node(settings: settings)
    }

    /// Plays a session of the corpus of `clients`, with a question of a peer of each kind at its end.
    mutating func play(_ session: [UInt8]) {
        step(.started)
        for (serial, nick) in ["alice", "bob"].enumerated() {
            step(.clientConnected(ConnectionID(lane: 0, serial: UInt64(serial)), host: "192.0.2.\(serial)"))
            for line in ["NICK \(nick)", "USER \(nick) 0 * :\(nick)", "JOIN #den"] {
                say(Array(line.utf8), from: serial)
            }
        }
        ask(.hello(introduction))
        firstSnapshot = node.roster.snapshot.encoded()
        for line in session.split(separator: 0x0A).prefix(Self.linesMax) {
            let letters = Array("ab".utf8)
            if line.first == UInt8(ascii: "+") {
                pass()
            } else if let first = line.first, line.dropFirst().first == 0x20 {
                let serial = letters.firstIndex(of: first) ?? 1
                say(Array(line.dropFirst(2)), from: serial)
            }
        }
        pass()
        let last = node.applied[node.settings.node]?.sequence ?? 1
        let life = Life(node: node.settings.node, epoch: node.settings.epoch)
        ask(.replayRequest(life: life, first: 2, last: min(last, 9)))
        ask(.replayRequest(life: life, first: last + 5, last: last + 9))
        ask(.snapshotRequest(id: 1, credit: 1))
        ask(.hello(introduction))
        records.append(Record(kind: UInt8(ascii: "S"), option: 0, bytes: node.roster.snapshot.encoded()))
    }

    private var introduction: Introduction {
        Introduction(
            applied: node.applied, oldestReplayable: 1, address: NodeAddress(mesh: "127.0.0.1:7610", stats: ""),
            peers: [node.settings.node: node.settings.address], wall: now.wall, greeting: 1)
    }

    private mutating func ask(_ message: ControlMessage) {
        guard let peer = NodeID("b") else { return }
        let header = FrameHeader(
            cluster: "roost", node: peer, epoch: Epoch(firstEpoch), time: HybridTime(wall: now.wall))
        let frame = ControlFrame(header: header, message: message)
        keep("R", frame.encoded())
        step(.controlReceived(.router([1]), frame))
    }

    private mutating func pass() {
        now = Moment(
            instant: now.instant + .milliseconds(300), wall: WallTime(milliseconds: now.wall.milliseconds + 300))
        step(.deadlineReached)
    }

    private mutating func say(_ line: [UInt8], from serial: Int) {
        guard let line = try? IRCLine(parsing: line) else { return }
        step(.lineReceived(ConnectionID(lane: 0, serial: UInt64(serial)), line))
        flush()
    }

    private mutating func step(_ input: NodeInput) {
        var effects = NodeEffects()
        node.step(input, at: now, into: &effects)
        for effect in effects.queue {
            switch effect {
            case .publish(let event): events.append(event)
            case .publishHeartbeat(let heartbeat): keep("H", heartbeat.encoded())
            case .publishAcknowledgement(let report): keep("A", report.encoded())
            case .sendControl(let frame, _): keep("C", frame.encoded())
            case .checkPassword(let connection, let purpose, let given, let stored):
                step(.passwordChecked(connection, purpose, matches: given == stored))
            default: continue
            }
        }
    }

    private mutating func flush() {
        guard let last = events.last else { return }
        let header = FrameHeader(cluster: "roost", node: last.id.node, epoch: last.id.epoch, time: last.time)
        keep("E", EventFrame(header: header, events: events).encoded())
        events = []
    }

    private mutating func keep(_ kind: Unicode.Scalar, _ bytes: [UInt8]) {
        records.append(Record(kind: UInt8(ascii: kind), option: 0, bytes: bytes))
    }
}
