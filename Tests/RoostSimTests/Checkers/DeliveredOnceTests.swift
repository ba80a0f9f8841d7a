// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What the rule against getting a message twice makes of people who come back: welcomes and messages come to it by hand.

import RoostModel
import RoostRoster
import Testing

@testable import RoostSim

struct DeliveredOnceTests {
    private var book = Messages()
    private var rule = DeliveredOnce()

    private func event(_ sequence: UInt64) throws -> EventID {
        EventID(node: try #require(NodeID("a")), epoch: Epoch(1), sequence: sequence)
    }

    /// Person 0 gets a message on client 0, which was reported when client 1 took the same user over; then it gets the
    /// message once more, on a client that was welcomed as that user.
    private mutating func getAgain(on client: Int, as user: UserID) throws {
        let (first, message) = (try event(1), try event(2))
        let text = book.send(from: 1, on: 9, to: "#den", at: Instant(nanoseconds: 0))
        book.publish(
            ChatMessage(
                kind: .message, sender: try event(9), target: .channel(ChannelName("#den"), atLeast: []), text: text),
            as: message)
        let key = MessageKey(sender: 1, number: 1)
        rule.welcome(0, as: first, by: first)
        book.receive(key, by: 0, on: 0)
        rule.welcome(1, as: first, by: try event(3))
        var reported = Vector()
        reported[message.node] = Vector.Position(epoch: message.epoch, sequence: message.sequence)
        rule.takeOver(0, as: first, from: 0, knowing: reported)
        if client != 1 { rule.welcome(client, as: user, by: try event(4)) }
        try rule.check(try #require(book.all[key]), by: 0, on: client)
    }

    @Test mutating func whatWasReportedDeliveredIsNotHandedAgain() throws {
        let user = try event(1)
        #expect(throws: Violation.self) { try getAgain(on: 1, as: user) }
    }

    @Test mutating func whoComesBackAsSomebodyNewMayGetItAgain() throws {
        try getAgain(on: 2, as: try event(4))
    }
}
