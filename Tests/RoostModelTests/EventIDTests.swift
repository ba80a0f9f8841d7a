// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Places of events: how they print, parse and order, and which of them a vector covers.

import RoostModel
import Testing

struct EventIDTests {
    private func event(_ node: String, _ epoch: UInt64, _ sequence: UInt64) throws -> EventID {
        EventID(node: try #require(NodeID(node)), epoch: Epoch(epoch), sequence: sequence)
    }

    @Test func whatPrintsParses() throws {
        #expect(try event("node1", 36, 35).description == "node1/10/z")
        var random = SeededRandom(seed: 2)
        for node in ["a", "node-1.x", "____________"] {
            for _ in 0..<100 {
                let event = try event(node, random.next(), random.next() >> UInt64(random.next() % 64))
                #expect(EventID(event.description) == event)
            }
        }
        #expect(try EventID(event("a", .max, 0).description) == event("a", .max, 0))
    }

    @Test(arguments: [
        "", "a", "a/1", "a/1/", "/1/1", "a//1", "a/1/1/1", "A/1/1", "a/1/-1", "a/+1/1", "a/01/1", "a/1/Z", "a/1/1 ",
        "a/1/!", "a/zzzzzzzzzzzzzz/1", "abcdefghijklm/1/1",
    ])
    func nothingElseParses(text: String) {
        #expect(EventID(text) == nil)
    }

    @Test func eventsOrderByNodeThenEpochThenSequence() throws {
        let ordered = [
            try event("a", 1, 9), try event("a", 2, 1), try event("a", 2, 2), try event("b", 1, 1),
        ]
        #expect(ordered.reversed().sorted() == ordered)
    }

    @Test func aVectorCoversWhatWasAppliedAndWhatALaterLifeEnded() throws {
        let a = try #require(NodeID("a"))
        var vector = Vector()
        #expect(try !vector.covers(event("a", 1, 1)))
        vector[a] = Vector.Position(epoch: Epoch(2), sequence: 5)
        #expect(try vector.covers(event("a", 2, 5)))
        #expect(try !vector.covers(event("a", 2, 6)))
        #expect(try vector.covers(event("a", 1, 99)))
        #expect(try !vector.covers(event("a", 3, 1)))
        #expect(try !vector.covers(event("b", 1, 1)))
        vector[a] = Vector.Position(epoch: Epoch(3), sequence: 0)
        #expect(try vector.covers(event("a", 2, 6)))
        #expect(try !vector.covers(event("a", 3, 1)))
    }

    @Test func aVectorListsItsPositionsInOrderOfNode() throws {
        var vector = Vector()
        for name in ["c", "a", "b"] { vector[try #require(NodeID(name))] = .init(epoch: Epoch(1), sequence: 1) }
        #expect(vector.sorted.map(\.node.name) == ["a", "b", "c"])
    }

    @Test func positionsOrderByLifeFirst() {
        let ordered = [
            Vector.Position(epoch: Epoch(1), sequence: 9), .init(epoch: Epoch(2), sequence: 0),
            .init(epoch: Epoch(2), sequence: 3),
        ]
        #expect(ordered.reversed().sorted() == ordered)
        #expect(Epoch(1) < Epoch(2))
    }
}
