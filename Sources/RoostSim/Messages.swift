// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The book of all messages that are followed through a run: who said what to whom, which event it became, whether it was
// accepted, and who got it how often. The checkers read it.

import RoostIRC
import RoostModel
import RoostRoster

/// A message, by its sender and the sender's count. It is written in the text.
struct MessageKey: Hashable, Comparable, Sendable, CustomStringConvertible {
    let sender: Int
    let number: Int

    /// The text that is sent.
    var text: String { "message \(sender) \(number)" }
    var description: String { text }

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

    static func < (left: Self, right: Self) -> Bool { (left.sender, left.number) < (right.sender, right.number) }
}

/// A message that is followed.
struct FollowedMessage: Sendable {
    let key: MessageKey
    /// As the sender wrote it: a nick or a channel.
    let target: String
    let sentAt: Instant
    /// The connection that it was sent on, by its client's number.
    let connection: Int
    /// The event that it became, and what this says that it is for.
    var event: EventID?
    var destination: ChatMessage.Target?
    /// The user that its sender was.
    var user: UserID?
    /// When the sender saw its echo.
    var acceptedAt: Instant?
    /// Who got it: by person, the clients that it came to.
    var receipts: [Int: [Int]] = [:]
    /// Whether its sender was told that it was not delivered.
    var isReturned = false

    /// Whether its sender is whom it is for.
    var isToItsSender: Bool { user.map { destination == .user($0) } ?? false }

    /// Whether the next copy that its sender gets on a client is the echo: who writes to itself is sent the message first.
    func isEchoNext(on client: Int) -> Bool { !isToItsSender || receipts[key.sender]?.contains(client) == true }
}

/// All messages that are followed.
struct Messages: Sendable {
    private(set) var all: [MessageKey: FollowedMessage] = [:]
    private(set) var events: [EventID: MessageKey] = [:]
    private var counts: [Int: Int] = [:]
    /// The channels of which each sender was told that members did not get some of what it said.
    private var channelsReturned: [Int: Set<ChannelName>] = [:]

    /// A sender is about to send a message; gives its text.
    mutating func send(from sender: Int, on connection: Int, to target: String, at now: Instant) -> String {
        counts[sender, default: 0] += 1
        let key = MessageKey(sender: sender, number: counts[sender] ?? 0)
        all[key] = FollowedMessage(key: key, target: target, sentAt: now, connection: connection)
        return key.text
    }

    /// A node has made an event of a message.
    mutating func publish(_ message: ChatMessage, as event: EventID) {
        guard let key = MessageKey(message.text), all[key] != nil else { return }
        all[key]?.event = event
        all[key]?.destination = message.target
        all[key]?.user = message.sender
        events[event] = key
    }

    /// The sender of a message saw its echo. Says whether it is the first time.
    mutating func accept(_ key: MessageKey, at now: Instant) -> Bool {
        guard all[key]?.acceptedAt == nil else { return false }
        all[key]?.acceptedAt = now
        return true
    }

    /// Somebody got a message.
    mutating func receive(_ key: MessageKey, by person: Int, on client: Int) {
        all[key]?.receipts[person, default: []].append(client)
    }

    /// A sender was told of what was not delivered: of one message, or that there are some to a channel.
    mutating func giveBack(_ line: IRCLine, to sender: Int) {
        guard ["FAIL", "NOTE"].contains(line.command), line.parameters.count > 3,
            ["NOT_DELIVERED", "NOT_KEPT"].contains(line.parameters[1])
        else { return }
        if isChannelName(line.parameters[2]) {
            channelsReturned[sender, default: []].insert(ChannelName(line.parameters[2]))
        } else if let event = EventID(line.parameters[3]), let key = events[event] {
            all[key]?.isReturned = true
        }
    }

    /// Whether the sender of a message was told that it was not delivered.
    func wasReturned(_ message: FollowedMessage) -> Bool {
        message.isReturned || channelsReturned[message.key.sender]?.contains(ChannelName(message.target)) == true
    }
}
