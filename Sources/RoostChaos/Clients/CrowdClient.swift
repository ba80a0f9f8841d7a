// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// One client of the load: connects, registers, joins, and logs what it sees. It is an ordinary client that knows
// several addresses: when its connection ends, it goes on to the next node under the same name. When it talks is up to
// the crowd.

import Glibc
import RoostConfiguration
import RoostIRC

/// A client. Belongs to the thread of its crowd.
final class CrowdClient {
    private enum Phase {
        case waiting(until: Duration)
        /// Its connection ended, and it stays away.
        case away
        case connecting
        /// Registering; the nick is asked for again then, where it was refused.
        case registering(again: Duration?)
        /// Welcomed; the number of channels of which the names are still to come.
        case joining(Int)
        case settled
    }

    /// The pause before it tries the next node, or its nick again.
    static let pause = Duration.milliseconds(100)
    /// What it asks for, as far as the server offers it.
    private static let wanted: Set<String> = [
        "echo-message", "message-tags", "server-time", "batch", "labeled-response", "standard-replies", "account-tag",
    ]

    let index: Int
    private(set) var log: ClientLog
    private let nick: String
    private let layout: CrowdLayout
    private let endpoints: [Endpoint]
    /// Whether it goes on at the next node when its connection ends.
    private let returns: Bool
    private var node: Int
    private var phase: Phase
    private var socket: StreamSocket?
    private var input = LineBuffer()
    private var output: [UInt8] = []
    private var sent = 0

    /// - Parameter start: when it connects.
    init(_ index: Int, layout: CrowdLayout, endpoints: [Endpoint], returns: Bool, start: Duration) {
        self.index = index
        self.returns = returns
        self.layout = layout
        self.endpoints = endpoints
        nick = layout.nick(index)
        node = index % endpoints.count
        log = ClientLog(client: index)
        phase = .waiting(until: start)
    }

    /// When it last got a message.
    private(set) var lastHeard = Duration.zero
    /// Whether it came back from a broken connection and has not spoken since.
    private var wasCutOff = false

    var isSettled: Bool { if case .settled = phase { true } else { false } }
    var isEager: Bool { wasCutOff && isSettled }

    /// What it waits for on its socket; nil while it has none.
    var want: (descriptor: Int32, reads: Bool, writes: Bool)? {
        guard let socket else { return nil }
        if case .connecting = phase { return (socket.descriptor, false, true) }
        return (socket.descriptor, true, !output.isEmpty)
    }

    /// Connects, or asks for its nick again, if it is time.
    func wake(at now: Duration) {
        switch phase {
        case .waiting(let time) where time <= now:
            socket = StreamSocket.connecting(to: endpoints[node])
            phase = .connecting
            if socket == nil { moveOn(at: now) }
        case .registering(let time?) where time <= now:
            phase = .registering(again: nil)
            send("NICK \(nick)", at: now)
        case .waiting, .away, .connecting, .registering, .joining, .settled: break
        }
    }

    /// Says something to a channel or nick.
    func say(to target: String, at now: Duration) {
        wasCutOff = false
        sent += 1
        let key = MessageKey(sender: index, number: sent)
        log.add(.sent(key, target: target), at: now)
        send("PRIVMSG \(target) :\(key.text)", at: now)
    }

    /// Its socket is ready.
    func serve(_ ready: Polling.Readiness, at now: Duration) {
        if ready.writes, case .connecting = phase { return connected(at: now) }
        if ready.writes { flush(at: now) }
        if ready.reads { read(at: now) }
    }

    // MARK: The connection

    private func connected(at now: Duration) {
        guard socket?.connectError == 0 else { return moveOn(at: now) }
        log.add(.connected(node: node), at: now)
        phase = .registering(again: nil)
        send("CAP LS 302", at: now)
        send("NICK \(nick)", at: now)
        send("USER \(nick) 0 * :\(nick)", at: now)
    }

    private func read(at now: Duration) {
        // Read to the end before a close is believed: the last lines of a node that dies count.
        while let socket {
            switch socket.read() {
            case .nothing: return
            case .end:
                log.add(.disconnected, at: now)
                wasCutOff = true
                return moveOn(at: now)
            case .bytes(let bytes):
                for line in input.take(bytes) {
                    // What is no line of IRC is noted as it came.
                    guard let parsed = try? IRCLine(parsing: line, limits: .fromServer) else {
                        log.add(.told(line), at: now)
                        continue
                    }
                    handle(parsed, line, at: now)
                }
            }
        }
    }

    private func send(_ line: String, at now: Duration) {
        output.append(contentsOf: Array(line.utf8) + [13, 10])
        flush(at: now)
    }

    private func flush(at now: Duration) {
        // A broken connection shows itself on reading, after what is still there to read.
        guard let count = socket?.write(output[...]) else { return output.removeAll() }
        output.removeFirst(count)
    }

    private func moveOn(at now: Duration) {
        socket = nil
        input = LineBuffer()
        output = []
        node = (node + 1) % endpoints.count
        phase = returns || !wasCutOff ? .waiting(until: now + Self.pause) : .away
    }

    // MARK: Lines

    private func handle(_ line: IRCLine, _ text: String, at now: Duration) {
        let source = line.source.map { String($0.prefix { $0 != "!" }) } ?? ""
        switch (line.command, line.parameters.count) {
        case ("PRIVMSG", 2...): message(line, from: source, at: now)
        case ("PING", 1...): send("PONG :\(line.parameters[0])", at: now)
        case ("CAP", 3...): negotiate(line.parameters, at: now)
        case ("001", _):
            log.add(.welcomed(node: node), at: now)
            let channels = layout.channels(of: index)
            phase = .joining(channels.count)
            send("JOIN \(channels.joined(separator: ","))", at: now)
            // The names tell when each channel is entered, even where a JOIN of a channel that it is in has no answer.
            for channel in channels { send("NAMES \(channel)", at: now) }
        case ("366", 2...): entered()
        case ("433", _):
            // The nick is its own; whoever has it is its own earlier connection.
            log.add(.told(text), at: now)
            if case .registering = phase { phase = .registering(again: now + Self.pause) }
        case ("QUIT", _): log.add(.sawQuit(nick: source), at: now)
        case ("JOIN", 1...):
            if source != nick { log.add(.sawJoin(nick: source, channel: line.parameters[0]), at: now) }
        case ("NICK", 1...): log.add(.sawNick(from: source, to: line.parameters[0]), at: now)
        case ("ERROR", _), ("NOTICE", _), ("FAIL", _), ("WARN", _), ("NOTE", _), ("KICK", _), ("PART", _):
            told(line, text, at: now)
        case (let command, _):
            if let numeric = Int(command), (400..<600).contains(numeric), numeric != 422 {
                log.add(.told(text), at: now)
            }
        }
    }

    private func message(_ line: IRCLine, from source: String, at now: Duration) {
        guard let key = MessageKey(text: line.parameters[1]) else { return log.add(.told(line.parameters[1]), at: now) }
        lastHeard = now
        let msgid = line.tag("msgid")
        if key.sender == index, source == nick {
            log.add(.echoed(key, msgid: msgid), at: now)
        } else {
            log.add(.received(key, target: line.parameters[0], msgid: msgid), at: now)
        }
    }

    private func negotiate(_ parameters: [String], at now: Duration) {
        switch parameters[1] {
        case "LS":
            let offered = parameters.last.map { $0.split(separator: " ") } ?? []
            let names = offered.compactMap { $0.split(separator: "=").first.map(String.init) }
            let chosen = names.filter { Self.wanted.contains($0) }
            send("CAP REQ :\(chosen.joined(separator: " "))", at: now)
        case "ACK", "NAK": send("CAP END", at: now)
        default: break
        }
    }

    /// Answers to JOIN (one, if it was not in) and to NAMES: two or four in all, of which the last come last.
    private func entered() {
        guard case .joining(let left) = phase else { return }
        phase = left > 1 ? .joining(left - 1) : .settled
    }

    private func told(_ line: IRCLine, _ text: String, at now: Duration) {
        if let returned = ReturnedMessage(line) { log.add(.returned(returned), at: now) }
        log.add(.told(text), at: now)
    }
}
