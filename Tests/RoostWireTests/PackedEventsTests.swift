// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Events that were packed come out as they went in, over seeds and kinds, in less space than they took.

import RoostModel
import RoostRoster
import RoostWire
import Testing

@Suite struct PackedEventsTests {
    @Test(arguments: 0..<RandomValues.kindsOfEvents)
    func eventsComeOutAsTheyWentIn(kind: Int) {
        for seed in 0..<100 {
            var random = RandomValues(seed: UInt64(seed))
            let events = random.eventFrame(kinds: [kind]).events
            if events.isEmpty { continue }
            #expect(PackedEvents(events).events == events, "seed \(seed)")
        }
    }

    @Test func aMessageTakesLittleMoreThanItsText() throws {
        let life = Life(node: try #require(NodeID("node1")), epoch: Epoch(1_700_000_000_000))
        func id(_ sequence: UInt64) -> EventID { EventID(node: life.node, epoch: life.epoch, sequence: sequence) }
        let text = String(repeating: "x", count: 120)
        let events = (100_000..<100_064).map { sequence in
            Event(
                id: id(sequence), time: HybridTime(wall: WallTime(milliseconds: 1_700_000_000_000 + sequence)),
                body: .messageSent(ChatMessage(kind: .message, sender: id(7), target: .user(id(8)), text: text)))
        }
        let packed = PackedEvents(events)
        #expect(packed.events == events)
        #expect(packed.byteCount < 64 * 150)
    }
}
