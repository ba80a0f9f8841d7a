// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What the rule of order makes of one who writes to a channel and to itself: lines come to it by hand.

import RoostModel
import RoostRoster
import Testing

@testable import RoostSim

struct SenderOrderTests {
    private var book = Messages()
    private var rule = SenderOrder()

    /// Person 0 says something, to itself or not, on its client 0.
    private mutating func say(toItself: Bool) throws -> MessageKey {
        let number = book.all.count + 1
        let text = book.send(from: 0, on: 0, to: toItself ? "me" : "#den", at: Instant(nanoseconds: 0))
        let node = try #require(NodeID("a"))
        let user = UserID(node: node, epoch: Epoch(1), sequence: 1)
        let target: ChatMessage.Target = toItself ? .user(user) : .channel(ChannelName("#den"), atLeast: [])
        book.publish(
            ChatMessage(kind: .message, sender: user, target: target, text: text),
            as: EventID(node: node, epoch: Epoch(1), sequence: UInt64(number + 1)))
        return MessageKey(sender: 0, number: number)
    }

    private mutating func see(_ key: MessageKey) throws {
        let message = try #require(book.all[key])
        try rule.check(message, by: 0, on: 0, in: book)
        book.receive(key, by: 0, on: 0)
    }

    @Test mutating func whatSomebodyWritesToItselfMayComeBeforeTheEchoOfWhatItSaidBefore() throws {
        let (first, second) = (try say(toItself: false), try say(toItself: true))
        for key in [second, first, second] { try see(key) }
    }

    @Test mutating func echoesHaveAnOrderOfTheirOwn() throws {
        let (first, second) = (try say(toItself: false), try say(toItself: false))
        try see(second)
        #expect(throws: Violation.self) { try see(first) }
    }

    @Test mutating func whatSomebodyWritesToItselfComesInOrder() throws {
        let (first, second) = (try say(toItself: true), try say(toItself: true))
        try see(second)
        #expect(throws: Violation.self) { try see(first) }
    }
}
