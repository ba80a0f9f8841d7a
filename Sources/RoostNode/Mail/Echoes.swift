// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// A message is accepted once one other node that is up has it, or where there is none (DESIGN §2). Its sender sees that
// by its echo, which waits for it; nobody else waits.

import RoostIRC
import RoostModel
import RoostRoster

/// An echo that waits for another node's acknowledgement.
struct WaitingEcho: Sendable {
    /// The event of ours that must be acknowledged.
    let sequence: UInt64
    let connection: ConnectionID
    let line: OutgoingMessage
    let since: Instant
}

/// How long echoes have waited for an acknowledgement.
public struct EchoWaits: Hashable, Sendable {
    /// How many have been sent after a wait.
    public private(set) var count: UInt64 = 0
    /// The sum of their waits, in microseconds.
    public private(set) var microsecondsTotal: UInt64 = 0
    /// The longest wait, in microseconds.
    public private(set) var microsecondsMax: UInt64 = 0

    mutating func note(_ wait: Duration) {
        let (seconds, attoseconds) = wait.components
        let microseconds = UInt64(clamping: seconds) &* 1_000_000 &+ UInt64(clamping: attoseconds / 1_000_000_000_000)
        count += 1
        microsecondsTotal &+= microseconds
        microsecondsMax = max(microsecondsMax, microseconds)
    }
}

extension Node {
    /// Whether a client is sent what it says (https://ircv3.net/specs/extensions/echo-message).
    func wantsEcho(_ connection: ConnectionID) -> Bool { capabilities(of: connection).contains(.echoMessage) }

    /// Sends a message's echo to its sender, which wants one: now, or when the message is accepted.
    mutating func echo(_ line: OutgoingMessage, of event: Event, to connection: ConnectionID) {
        let mustWait = settings.acknowledge == .one && event.id.life == life && hasAcknowledgers
        guard mustWait || !echoes.isEmpty else {
            effects.append(.send(line, to: connection))
            return
        }
        echoes.append(
            WaitingEcho(sequence: event.id.sequence, connection: connection, line: line, since: now.instant))
    }

    /// Whether any other node is there to acknowledge.
    private var hasAcknowledgers: Bool {
        mesh.peers.values.contains { $0.health != .down && $0.isInStepWithUs }
    }

    /// A peer has applied our stream so far: what it holds is accepted.
    mutating func accept(upTo sequence: UInt64) {
        guard sequence > accepted else { return }
        accepted = sequence
        var sent = 0
        for echo in echoes {
            guard echo.sequence <= sequence else { break }
            send(echo)
            sent += 1
        }
        if sent > 0 { echoes.removeFirst(sent) }
    }

    /// Sends all echoes that wait, where nobody is left to wait for.
    mutating func releaseEchoes() {
        guard !echoes.isEmpty, !hasAcknowledgers else { return }
        for echo in echoes { send(echo) }
        echoes = []
    }

    private mutating func send(_ echo: WaitingEcho) {
        guard clients[echo.connection] != nil else { return }
        counters.echoWaits.note(now.instant - echo.since)
        effects.append(.send(echo.line, to: echo.connection))
    }
}
