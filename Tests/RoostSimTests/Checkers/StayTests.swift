// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// For whom a message is, by how far the nodes had come that its receiver was at.

import RoostModel
import RoostRoster
import Testing

@testable import RoostSim

struct StayTests {
    private let sender: NodeID
    private let said: EventID
    private let message: FollowedMessage

    init() throws {
        sender = try #require(NodeID("a"))
        said = EventID(node: sender, epoch: Epoch(1), sequence: 5)
        var message = FollowedMessage(
            key: MessageKey(sender: 0, number: 1), target: "#den", sentAt: Instant(nanoseconds: 1), connection: 0)
        message.event = said
        self.message = message
    }

    private func vector(_ sequence: UInt64) -> Vector {
        Vector([sender: Vector.Position(epoch: Epoch(1), sequence: sequence)])
    }

    private func stay(from: UInt64, fromElsewhere: Vector = Vector()) -> Stay {
        Stay(
            channel: nil, user: said, startedAt: Instant(nanoseconds: 2), client: 0,
            from: Progress(vector: vector(from)),
            fromElsewhere: fromElsewhere, tag: nil)
    }

    @Test func whatComesAfterTheBeginningIsForWhoStays() {
        #expect(stay(from: 4).covers(message, now: Progress(vector: vector(9)), hasEvent: true))
        #expect(!stay(from: 5).covers(message, now: Progress(vector: vector(9)), hasEvent: true))
        #expect(!stay(from: 4).covers(message, now: Progress(vector: vector(4)), hasEvent: true))
    }

    /// bob came to b from a node that had handed the message out, and joined at b before b had it.
    @Test func whatTheFormerNodeHandedOutWasSaidBeforeTheBeginning() {
        #expect(
            !stay(from: 4, fromElsewhere: vector(5)).covers(message, now: Progress(vector: vector(9)), hasEvent: true))
        #expect(
            stay(from: 4, fromElsewhere: vector(4)).covers(message, now: Progress(vector: vector(9)), hasEvent: true))
    }

    /// bob's node passed over the message, which he was told, and bob went to another that had it.
    @Test func whatWasPassedOverIsKnownAndNotHad() {
        var passedOver = PassedOver()
        passedOver.add(4..<6, of: said.life)
        #expect(passedOver.contains(said))
        #expect(!passedOver.contains(EventID(node: sender, epoch: Epoch(1), sequence: 4)))
        #expect(passedOver.contains(EventID(node: sender, epoch: Epoch(1), sequence: 6)))
        #expect(!passedOver.contains(EventID(node: sender, epoch: Epoch(1), sequence: 7)))
        #expect(!passedOver.contains(EventID(node: sender, epoch: Epoch(2), sequence: 5)))
        #expect(!stay(from: 4).covers(message, now: Progress(vector: vector(9)), hasEvent: false))
    }
}
