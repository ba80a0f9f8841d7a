// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Each message that was accepted reaches everybody who is there once, in the order in which its sender sent it (P2).

import RoostIRC
import RoostModel

/// Follows numbered messages. Senders see by their echo that a message was accepted.
struct Deliveries {
    /// A message, by its sender and the sender's count. It is written in the text.
    private struct Key: Hashable {
        let sender: Int
        let number: Int

        var text: String { "message \(sender) \(number)" }

        init(sender: Int, number: Int) {
            self.sender = sender
            self.number = number
        }

        init?(_ text: String) {
            let words = text.split(separator: " ")
            guard words.count == 3, words[0] == "message", let sender = Int(words[1]), let number = Int(words[2])
            else { return nil }
            self.init(sender: sender, number: number)
        }
    }

    private struct Message {
        let target: String
        let sentAt: Instant
        var isAccepted = false
        var receivers: Set<Int> = []
    }

    private struct Stay {
        let from: Instant
        var until = Instant.never
    }

    /// The longest that anything takes from one node to another.
    private let latencyMax: Duration
    private var messages: [Key: Message] = [:]
    private var counts: [Int: Int] = [:]
    /// The last message of each sender that each client got.
    private var lastHeard: [Int: [Int: Int]] = [:]
    /// When each client was in each channel.
    private var stays: [ChannelName: [Int: [Stay]]] = [:]
    private var departures: [Instant] = []

    init(latencyMax: Duration) { self.latencyMax = latencyMax }

    /// A sender is about to send a message; gives its text.
    mutating func send(from sender: Int, to target: String, at now: Instant) -> String {
        counts[sender, default: 0] += 1
        let key = Key(sender: sender, number: counts[sender] ?? 0)
        messages[key] = Message(target: target, sentAt: now)
        return key.text
    }

    /// A client was sent a line, which its view has not taken in yet.
    mutating func see(_ line: IRCLine, by client: Int, knowing view: ClientView, at now: Instant) throws(Violation) {
        switch line.command {
        case "JOIN" where line.sender == view.nick && !line.parameters.isEmpty:
            stays[ChannelName(line.parameters[0]), default: [:]][client, default: []].append(Stay(from: now))
        case "PART" where line.sender == view.nick && !line.parameters.isEmpty:
            leave(ChannelName(line.parameters[0]), client, at: now)
        case "KICK" where line.parameters.count > 1 && Nick(line.parameters[1]) == view.nick:
            leave(ChannelName(line.parameters[0]), client, at: now)
        case "PRIVMSG", "NOTICE":
            guard line.parameters.count == 2, let key = Key(line.parameters[1]) else { return }
            try receive(key, of: line, by: client, knowing: view)
        default:
            break
        }
    }

    /// A client is gone.
    mutating func depart(_ client: Int, at now: Instant) {
        departures.append(now)
        for name in stays.keys { leave(name, client, at: now) }
    }

    private mutating func leave(_ name: ChannelName, _ client: Int, at now: Instant) {
        guard var stay = stays[name]?[client]?.popLast() else { return }
        if stay.until == .never { stay.until = now }
        stays[name]?[client]?.append(stay)
    }

    private mutating func receive(
        _ key: Key, of line: IRCLine, by client: Int, knowing view: ClientView
    ) throws(Violation) {
        guard var message = messages[key] else {
            throw Violation(rule: "Deliveries", detail: "client \(client) got \(key.text), which nobody sent")
        }
        guard message.receivers.insert(client).inserted else {
            throw Violation(rule: "Deliveries", detail: "client \(client) got \(key.text) twice")
        }
        if client == key.sender { message.isAccepted = true }
        messages[key] = message
        if let last = lastHeard[client]?[key.sender], last >= key.number {
            throw Violation(rule: "Deliveries", detail: "client \(client) got \(key.text) after \(last)")
        }
        lastHeard[client, default: [:]][key.sender] = key.number
        let target = line.parameters[0]
        if client != key.sender, isChannelName(target), view.channels[ChannelName(target)] == nil {
            throw Violation(rule: "Deliveries", detail: "client \(client) got \(key.text), and is not in \(target)")
        }
    }

    /// Everything has arrived: sees whether everybody got what was for them.
    func finish() throws(Violation) {
        for (key, message) in messages.sorted(by: { ($0.key.sender, $0.key.number) < ($1.key.sender, $1.key.number) }) {
            guard message.isAccepted else {
                if message.receivers.isEmpty { continue }
                throw Violation(rule: "Deliveries", detail: "\(key.text) was delivered, and not accepted")
            }
            if isChannelName(message.target) {
                try finish(key, message)
            } else if message.receivers.count != 2 {
                let wasNear = departures.contains { abs($0, message.sentAt) <= latencyMax }
                if message.receivers.count > 2 || !wasNear {
                    throw Violation(
                        rule: "Deliveries",
                        detail: "\(key.text) to \(message.target) reached \(message.receivers.count - 1)")
                }
            }
        }
    }

    private func finish(_ key: Key, _ message: Message) throws(Violation) {
        for (client, stays) in (stays[ChannelName(message.target)] ?? [:]).sorted(by: { $0.key < $1.key }) {
            let wasThere = stays.contains { $0.from < message.sentAt && $0.until > message.sentAt + latencyMax }
            if wasThere, !message.receivers.contains(client) {
                throw Violation(
                    rule: "Deliveries", detail: "\(key.text) to \(message.target) did not reach client \(client)")
            }
        }
    }

    private func abs(_ one: Instant, _ other: Instant) -> Duration {
        max(one, other) - min(one, other)
    }
}
