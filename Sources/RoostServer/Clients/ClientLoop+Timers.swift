// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Registration and ping timeouts, the flood limit's waiting lines, and the cutting of connections that do not close:
// all on the loop's one wheel, with one timer of the event loop set for the next bucket that is not empty.

import NIOCore
import RoostModel

extension ClientLoop {
    /// Has a client looked at by some time, unless that happens earlier anyway.
    func look(at slot: Int, by instant: Instant) {
        guard let current = clients[slot]?.timerTick, wheel.tick(at: instant) < current else { return }
        let tick = wheel.insert(slot, at: instant)
        clients[slot]?.timerTick = tick
        arm(for: tick)
    }

    private func arm(for tick: UInt64) {
        guard tick < armedTick else { return }
        armedTick = tick
        let delay = max(.zero, wheel.instant(of: tick) - SystemClock.instant())
        eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(delay)) { self.timerFired(tick) }
    }

    private func timerFired(_ tick: UInt64) {
        // A timer set for an earlier tick has taken this one's place.
        guard tick == armedTick else { return }
        armedTick = .max
        let now = SystemClock.instant()
        for entry in wheel.due(at: now) where clients[entry.slot]?.timerTick == entry.tick {
            clients[entry.slot]?.timerTick = .max
            look(into: entry.slot, now)
        }
        flush()
        if let next = wheel.nextTick { arm(for: next) }
    }

    private func look(into slot: Int, _ now: Instant) {
        if let flood = limits.flood { releaseWaiting(slot, flood) }
        guard let client = clients[slot] else { return }
        switch client.phase {
        case .registering:
            let deadline = client.openedAt + limits.registrationTimeout
            guard now >= deadline else { return look(at: slot, by: deadline) }
            lose(slot, reason: "Registration timed out", farewell: true)
        case .registered:
            clients[slot]?.output.trim()
            lookIntoPing(slot, client, now)
        case .closing(let cutAt):
            guard now >= cutAt else { return look(at: slot, by: cutAt) }
            client.channel.close(promise: nil)
        }
    }

    private func lookIntoPing(_ slot: Int, _ client: Client, _ now: Instant) {
        if let pingedAt = client.pingedAt {
            let deadline = pingedAt + limits.pingTimeout
            guard now >= deadline else { return look(at: slot, by: deadline) }
            let silence = (now - client.lastHeard).components.seconds
            lose(slot, reason: "Ping timeout: \(silence) seconds", farewell: true)
        } else {
            let deadline = client.lastHeard + limits.pingInterval
            guard now >= deadline else { return look(at: slot, by: deadline) }
            append(pingLine, to: slot)
            clients[slot]?.pingedAt = now
            look(at: slot, by: now + limits.pingTimeout)
        }
    }
}

extension ClientLimits {
    /// How exact timers are: a tenth of the shortest limit, 10 to 100 ms.
    var timerGrain: Duration {
        var shortest = min(registrationTimeout, pingInterval, pingTimeout, closePatience)
        if let flood { shortest = min(shortest, .seconds(10) / max(flood.linesPerSecond, 1)) }
        return min(max(shortest / 10, .milliseconds(10)), .milliseconds(100))
    }
}
