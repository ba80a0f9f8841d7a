// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// A node with two users, whose peers send it anything that decodes. Nothing may stop it: it takes every frame, whatever
// it says to clients is a line, whatever it says to peers is a frame, and its deadlines pass.
//
// The records: `E` an event frame, `A` a report, `H` a heartbeat, `C` an answer, `R` a request, `S` a whole snapshot, sent
// in one chunk. In small letters they are given as they are; in capitals, as a peer would say them that this node listens
// to. The digit says which of four peers; from 4 on, the same peers with numbers at their end. `T` lets time pass, 25 ms
// for each byte, and 10 s for each byte from 4 on; `L` is a line of a user; `X` is a frame that could not be read; `G` and
// `B` make and break the link; `P` answers a probe.

import RoostIRC
import RoostModel
import RoostNode
import RoostRoster
import RoostSim
import RoostWire

func checkPeer(_ bytes: [UInt8]) throws(BrokenRule) {
    guard var session = try PeerSession.begun.get() else { return }
    for record in Record.all(in: bytes) { try session.take(record) }
    try session.pass(.seconds(1))
    _ = session.node.statistics
    try checkHandedOn(session.node.roster)
}

/// A node, what it was told, and the time.
private struct PeerSession {
    /// The node serves, and alice and bob talk in #den, before the peers say anything.
    static let begun = Result<PeerSession?, BrokenRule> { () throws(BrokenRule) in
        guard let settings = SimulatedCluster.settings(of: ["a", "b"]).last else { return nil }
        var session = PeerSession(node: Node(settings: settings))
        try session.step(.started)
        try session.pass(.milliseconds(1_100))
        for (connection, nick) in zip(connections, ["alice", "bob"]) {
            try session.step(.clientConnected(connection, host: "192.0.2.1"))
            try session.say("NICK \(nick)", from: connection)
            try session.say("USER \(nick) 0 * :\(nick)", from: connection)
        }
        let capabilities = CapabilitySet.all.tokens(withValues: false).joined(separator: " ")
        try session.say("CAP REQ :\(capabilities)", from: connections[0])
        for line in ["CAP END", "MODE alice +w", "JOIN #den", "TOPIC #den :tea", "MODE #den +b *!*@192.0.2.9"] {
            try session.say(line, from: connections[0])
        }
        try session.say("JOIN #den,#two", from: connections[1])
        try session.say("MONITOR + carol", from: connections[1])
        return session
    }

    private static let connections = [ConnectionID(lane: 0, serial: 1), ConnectionID(lane: 1, serial: 2)]

    private(set) var node: Node
    /// The number of the last event that the node published.
    private var published: UInt64 = 0
    /// The id of the snapshot that the node asked for last.
    private var request: UInt32 = 0
    private var now = Moment(
        instant: Instant(nanoseconds: 1_000_000_000), wall: WallTime(milliseconds: firstEpoch + 1_000))

    private init(node: Node) { self.node = node }

    mutating func take(_ record: Record) throws(BrokenRule) {
        let link = LinkID(UInt32(record.peer) + 1)
        let bytes = record.bytes
        switch record.kind & 0xDF {
        case UInt8(ascii: "E"):
            guard var frame = try? EventFrame(decoding: bytes.span.bytes) else { return }
            if !record.isRaw { frame = heard(frame, in: record) }
            try step(.eventsReceived(link, frame))
        case UInt8(ascii: "A"):
            guard var report = try? Acknowledgement(decoding: bytes.span.bytes) else { return }
            if !record.isRaw { report.header = heard(report.header, from: record.peer) }
            if record.isExtreme { report = report.atItsEnd(but: 1) }
            try step(.acknowledgementReceived(link, report))
        case UInt8(ascii: "H"):
            guard var heartbeat = try? Heartbeat(decoding: bytes.span.bytes) else { return }
            if !record.isRaw {
                heartbeat.acknowledgement.header = heard(heartbeat.acknowledgement.header, from: record.peer)
                heartbeat.wall = now.wall
            }
            if record.isExtreme { heartbeat = heartbeat.atItsEnd(but: 0) }
            try step(.heartbeatReceived(link, heartbeat))
        case UInt8(ascii: "C"), UInt8(ascii: "R"):
            guard var frame = try? ControlFrame(decoding: bytes.span.bytes) else { return }
            if !record.isRaw { frame = heard(frame, in: record) }
            if record.isExtreme { frame.message = frame.message.atItsEnd(but: 0) }
            let isRequest = record.kind & 0xDF == UInt8(ascii: "R")
            try step(.controlReceived(isRequest ? .router([UInt8(record.peer)]) : .link(link), frame))
        case UInt8(ascii: "S"):
            var chunk = bytes
            if record.isExtreme, let snapshot = try? Snapshot(decoding: bytes.span.bytes) {
                chunk = snapshot.atItsEnd(but: 1).encoded()
            }
            let message = ControlMessage.snapshotChunk(id: request, index: 0, count: 1, bytes: chunk)
            let frame = ControlFrame(header: header(of: record.peer), message: message)
            try step(.controlReceived(.link(link), frame))
        default:
            try takeOther(record, on: link)
        }
    }

    private mutating func takeOther(_ record: Record, on link: LinkID) throws(BrokenRule) {
        switch record.kind {
        case UInt8(ascii: "T"):
            try pass((record.isExtreme ? .seconds(10) : .milliseconds(25)) * min(record.bytes.count, 20))
        case UInt8(ascii: "L"):
            guard let line = try? IRCLine(parsing: record.bytes) else { return }
            try step(.lineReceived(Self.connections[record.option & 1], line))
        case UInt8(ascii: "X"): try step(.frameRefused(link, reason: "no frame"))
        case UInt8(ascii: "G"): try step(.linkConnected(link))
        case UInt8(ascii: "B"): try step(.linkDisconnected(link))
        case UInt8(ascii: "P"): try step(.probeAnswered(link, isRefused: record.isExtreme))
        default: return
        }
    }

    /// Lets time pass, with every deadline in it.
    mutating func pass(_ duration: Duration) throws(BrokenRule) {
        let end = now.instant + duration
        while let next = node.nextDeadline, next <= end {
            set(max(now.instant, next))
            try step(.deadlineReached)
            let following = node.nextDeadline.map { $0 > now.instant } ?? true
            try check(following, "a deadline that was reached is over")
        }
        set(end)
    }

    private mutating func set(_ instant: Instant) {
        now = Moment(
            instant: instant, wall: WallTime(milliseconds: firstEpoch + instant.nanoseconds / 1_000_000))
    }

    private mutating func say(_ line: String, from connection: ConnectionID) throws(BrokenRule) {
        if let line = try? IRCLine(parsing: line) { try step(.lineReceived(connection, line)) }
    }

    private mutating func step(_ input: NodeInput) throws(BrokenRule) {
        var effects = NodeEffects()
        node.step(input, at: now, into: &effects)
        try checkEffects(effects.queue)
        for case .publish(let event) in effects.queue { published = event.id.sequence }
        let own = node.applied[node.settings.node]
        try check(
            own.map { $0.epoch == node.settings.epoch && $0.sequence == published } ?? (published == 0),
            "no peer moves our own stream: it was at \(published) and is at \(own, or: "nothing")")
        for effect in effects.queue {
            switch effect {
            case .sendControl(let frame, _):
                if case .snapshotRequest(let id, _) = frame.message { request = id }
            case .checkPassword(let connection, let purpose, let given, let stored):
                try step(.passwordChecked(connection, purpose, matches: given == stored))
            default: continue
            }
        }
    }

    // MARK: What a peer would say

    /// The header of a frame that the node listens to.
    private func header(of option: Int) -> FrameHeader {
        FrameHeader(
            cluster: node.settings.cluster, node: RoostFuzzing.node(option) ?? node.settings.node,
            epoch: Epoch(firstEpoch), time: HybridTime(wall: now.wall))
    }

    private func heard(_ header: FrameHeader, from option: Int) -> FrameHeader {
        var heard = self.header(of: option)
        // Four lives are enough to restart in.
        heard.epoch = Epoch(firstEpoch + header.epoch.rawValue % 4)
        if header.time.wall <= now.wall { heard.time = header.time }
        return heard
    }

    private func heard(_ frame: ControlFrame, in record: Record) -> ControlFrame {
        var frame = frame
        frame.header = heard(frame.header, from: record.peer)
        switch frame.message {
        case .replay(let life, let events) where life == frame.header.life:
            frame.message = .replay(life: life, events: next(events, in: frame.header, atItsEnd: record.isExtreme))
        case .snapshotChunk(_, let index, let count, let bytes):
            frame.message = .snapshotChunk(id: request, index: index, count: count, bytes: bytes)
        default: break
        }
        return frame
    }

    private func heard(_ frame: EventFrame, in record: Record) -> EventFrame {
        let header = heard(frame.header, from: record.peer)
        return EventFrame(header: header, events: next(frame.events, in: header, atItsEnd: record.isExtreme))
    }

    /// The events as the next of the sender's stream, unless they are near it, or as its last.
    private func next(_ events: [Event], in header: FrameHeader, atItsEnd: Bool) -> [Event] {
        let applied = node.applied[header.node].flatMap { $0.epoch == header.epoch ? $0.sequence : nil } ?? 0
        let last = UInt64.max - UInt64(events.count)
        guard let first = events.first?.id.sequence, applied < last else { return events }
        let isNear = first >= applied ? first - applied <= 3 : applied - first <= 3
        let start = atItsEnd ? last : isNear ? first : applied + 1
        return events.enumerated().map { index, event in
            let id = EventID(node: header.node, epoch: header.epoch, sequence: start + UInt64(index))
            return Event(id: id, time: event.time, body: event.body)
        }
    }
}

extension Record {
    /// Which peer, of four.
    fileprivate var peer: Int { option & 3 }
    /// Whether numbers are at their end.
    fileprivate var isExtreme: Bool { option >= 4 }
    /// Whether a frame is given as it is.
    fileprivate var isRaw: Bool { kind >= UInt8(ascii: "a") }
}
