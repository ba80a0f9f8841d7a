// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What is encoded comes back as it was, over seeds; and equal values have equal bytes, whatever the order in which
// their dictionaries happen to be. (Names compare without case, so the bytes are compared as well.)

import RoostModel
import RoostRoster
import RoostWire
import Testing

@Suite struct RoundTripTests {
    @Test(arguments: 0..<RandomValues.kindsOfEvents)
    func eachKindOfEventComesBack(kind: Int) throws {
        for seed in 0..<200 {
            var random = RandomValues(seed: UInt64(seed))
            let frame = random.eventFrame(kinds: [kind])
            let bytes = frame.encoded()
            let decoded = try EventFrame(decoding: bytes.span.bytes)
            #expect(decoded == frame, "seed \(seed)")
            #expect(decoded.encoded() == bytes, "seed \(seed)")
        }
    }

    @Test func framesOfManyEventsComeBack() throws {
        for seed in 0..<500 {
            var random = RandomValues(seed: UInt64(seed))
            let frame = random.eventFrame()
            let bytes = frame.encoded()
            let decoded = try EventFrame(decoding: bytes.span.bytes)
            #expect(decoded == frame, "seed \(seed)")
            #expect(decoded.encoded() == bytes, "seed \(seed)")
        }
    }

    @Test func acknowledgementsComeBack() throws {
        for seed in 0..<500 {
            var random = RandomValues(seed: UInt64(seed))
            let frame = random.acknowledgement()
            let bytes = frame.encoded()
            let decoded = try Acknowledgement(decoding: bytes.span.bytes)
            #expect(decoded == frame, "seed \(seed)")
            #expect(decoded.encoded() == bytes, "seed \(seed)")
        }
    }

    @Test func heartbeatsComeBack() throws {
        for seed in 0..<500 {
            var random = RandomValues(seed: UInt64(seed))
            let frame = random.heartbeat()
            let bytes = frame.encoded()
            let decoded = try Heartbeat(decoding: bytes.span.bytes)
            #expect(decoded == frame, "seed \(seed)")
            #expect(decoded.encoded() == bytes, "seed \(seed)")
        }
    }

    @Test(arguments: 0..<RandomValues.kindsOfControl)
    func eachKindOfControlMessageComesBack(kind: Int) throws {
        for seed in 0..<200 {
            var random = RandomValues(seed: UInt64(seed))
            let frame = random.controlFrame(kind: kind)
            let bytes = frame.encoded()
            let decoded = try ControlFrame(decoding: bytes.span.bytes)
            #expect(decoded == frame, "seed \(seed)")
            #expect(decoded.encoded() == bytes, "seed \(seed)")
        }
    }

    @Test func snapshotsComeBack() throws {
        for seed in 0..<500 {
            var random = RandomValues(seed: UInt64(seed))
            let snapshot = random.snapshot()
            let bytes = snapshot.encoded()
            let decoded = try Snapshot(decoding: bytes.span.bytes)
            #expect(decoded == snapshot, "seed \(seed)")
            #expect(decoded.encoded() == bytes, "seed \(seed)")
        }
    }

    @Test func namesKeepTheirCase() throws {
        var random = RandomValues(seed: 1)
        let header = random.header()
        let id = EventID(node: header.node, epoch: header.epoch, sequence: 1)
        let claim = NickClaim(user: nil, nick: Nick("BoB"), identity: "bob@host")
        let frame = EventFrame(header: header, events: [Event(id: id, time: .zero, body: .nickClaimed(claim))])
        let decoded = try EventFrame(decoding: frame.encoded().span.bytes)
        guard case .nickClaimed(let back) = decoded.events.first?.body else {
            Issue.record("not a claim: \(decoded)")
            return
        }
        #expect(back.nick.text == "BoB")
    }

    @Test func replayedEventsKeepTheNodeTheyComeFrom() throws {
        var random = RandomValues(seed: 2)
        let origin = try #require(NodeID("origin"))
        let answering = try #require(NodeID("answering"))
        let events = random.events(kinds: [0, 1, 2], of: origin, in: Epoch(9))
        let header = FrameHeader(cluster: "roost", node: answering, epoch: Epoch(10), time: .zero)
        let frame = ControlFrame(
            header: header, message: .replay(life: Life(node: origin, epoch: Epoch(9)), events: events))
        #expect(try ControlFrame(decoding: frame.encoded().span.bytes) == frame)
        #expect(events.allSatisfy { $0.id.node == origin })
    }
}
