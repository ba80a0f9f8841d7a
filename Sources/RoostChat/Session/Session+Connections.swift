// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Connections come and go: which address is next, how long to pause, what becomes of what was said, and every deadline.

import RoostIRC

extension Session {
    mutating func connect() {
        phase = .connecting(until: now + limits.connecting)
        effects.append(.connect(address))
    }

    mutating func beginRegistration() {
        phase = .registering(until: now + limits.registering)
        lastHeard = now
        isProbing = false
        farewell = nil
        offeredCapabilities = []
        capabilities = []
        nickAttempts = 0
        register()
    }

    mutating func connectionEnded(_ reason: String, wasConnected: Bool) {
        if case .leaving(_, let failure) = phase {
            finish(failure ?? undeliveredFailure)
            return
        }
        var held = false
        if case .registered(let since) = phase { held = now - since >= limits.settling }
        giveUpUnconfirmed()
        if inputHasEnded, hasBeenRegistered {
            finish(undeliveredFailure ?? Self.lostAtEnd(address, reason))
            return
        }
        // Those that we were in are to be joined again; those not joined yet still are.
        let rejoining = channels.map { Membership(name: $0.name, key: $0.key) }
        awaitedJoins = rejoining + awaitedJoins.filter { channelIndex($0.name) == nil }
        channels = []
        awaitedBarrier = nil

        let old = address
        failures = held ? 0 : failures + 1
        lastFailure = "\(old): \(reason)"
        addressIndex = (addressIndex + 1) % options.addresses.count
        announce(.problem, wasConnected ? "\(old) is gone: \(reason)" : "cannot connect to \(old): \(reason)")
        guard failures > 0, failures % options.addresses.count == 0 else {
            announce(.news, "moving on to \(address)")
            connect()
            return
        }
        let rounds = failures / options.addresses.count
        if mode == .pipe, rounds >= limits.roundsMax {
            finish(Self.unreachable(options.addresses, lastFailure))
            return
        }
        let pause = min(limits.pause * (1 << min(rounds - 1, 10)), limits.pauseMax)
        phase = .pausing(until: now + pause)
        effects.append(.disconnect)
        if mode == .terminal { announce(.news, "trying \(address) again in \(Self.text(pause))") }
    }

    private mutating func giveUpUnconfirmed() {
        for said in unconfirmed {
            show(.problem, "perhaps not delivered to \(said.target): \(said.text)", in: .named(said.target))
        }
        undelivered += unconfirmed.count
        unconfirmed = []
    }

    // MARK: Time

    var quietDeadline: Duration {
        lastHeard + limits.quiet + (isProbing ? limits.answering : .zero)
    }

    /// Deals with every deadline that has passed, however late we come.
    mutating func passDeadlines() {
        switch phase {
        case .connecting(let until) where now >= until:
            effects.append(.disconnect)
            connectionEnded("no answer within \(Self.text(limits.connecting))", wasConnected: false)
        case .registering(let until) where now >= until:
            effects.append(.disconnect)
            connectionEnded("it did not take us within \(Self.text(limits.registering))", wasConnected: false)
        case .pausing(let until) where now >= until:
            connect()
        case .leaving(let until, let failure) where now >= until:
            finish(failure ?? undeliveredFailure)
        case .registered:
            passRegisteredDeadlines()
        default: break
        }
    }

    private mutating func passRegisteredDeadlines() {
        while let said = unconfirmed.first, now >= said.until {
            unconfirmed.removeFirst()
            undelivered += 1
            show(.problem, "not confirmed, perhaps not delivered: \(said.text)", in: .named(said.target))
        }
        if now >= quietDeadline {
            if isProbing {
                effects.append(.disconnect)
                connectionEnded(
                    "it has not answered for \(Self.text(limits.quiet + limits.answering))", wasConnected: true)
                return
            }
            isProbing = true
            send("PING", "still-there")
        }
        if inputHasEnded, awaitedBarrier == nil, unconfirmed.isEmpty {
            leave(reason: nil, failure: undeliveredFailure)
        }
    }

    // MARK: Texts

    var undeliveredFailure: ChatFailure? {
        guard mode == .pipe, undelivered > 0 else { return nil }
        let lines = undelivered == 1 ? "1 line" : "\(undelivered) lines"
        return ChatFailure(
            .undelivered, "\(lines) may not have been delivered",
            hint: "the output above names each; send it again if need be")
    }

    private static func lostAtEnd(_ address: ChatAddress, _ reason: String) -> ChatFailure {
        ChatFailure(
            .undelivered, "\(address) was lost before it confirmed the last lines: \(PlainText.oneLine(reason))",
            hint: "look in the channel whether they came, and send them again if not")
    }

    private static func unreachable(_ addresses: [ChatAddress], _ lastFailure: String) -> ChatFailure {
        let all = addresses.map(\.description).joined(separator: ", ")
        return ChatFailure(
            .unreachable, "no node answers at \(all) (\(PlainText.oneLine(lastFailure)))",
            hint: "check the addresses, and with 'roost cluster status' that a node runs there")
    }

    private static func text(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let tenths = attoseconds / 100_000_000_000_000_000
        return tenths == 0 ? "\(seconds) s" : "\(seconds).\(tenths) s"
    }
}
