// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The format itself: what one frame is, byte for byte, so that it cannot change unnoticed; how long frames are; and
// what an event of a kind from the future comes to.

import RoostModel
import RoostRoster
import Testing

@testable import RoostWire

@Suite struct FormatTests {
    private let header: FrameHeader
    private let time = HybridTime(wall: WallTime(milliseconds: 1_764_000_000_250))

    init() throws {
        header = FrameHeader(
            cluster: "roost", node: try #require(NodeID("node1")), epoch: Epoch(1_764_000_000_000),
            time: HybridTime(wall: WallTime(milliseconds: 1_764_000_000_252)))
    }

    private static let golden =
        "2208011205726f6f737419000080e2f746b0532080d0dfb4ab33290000fce897b69a01"  // length, Header
        + "11120b09000020081e47b05310051880897a"  // length, Run: the life on node2, the first sequence
        + "01ffff0f1008b1a8031206236c6f62627922024869"  // kind 1, time, length, Message
        + "03020e0a021001120223611a0408011003"  // kind 3, time, length, Parted
        + "ac0202020102"  // kind 300, time, length, content

    private func id(_ sequence: UInt64) -> EventID {
        EventID(node: header.node, epoch: header.epoch, sequence: sequence)
    }

    private func message(_ text: String) -> EventBody {
        .messageSent(
            ChatMessage(
                kind: .message, sender: id(54_321), target: .channel(ChannelName("#lobby"), atLeast: []), text: text))
    }

    private func frame(_ bodies: [EventBody]) -> EventFrame {
        let events = bodies.enumerated().map { index, body in
            Event(
                id: id(2_000_000 + UInt64(index)), time: HybridTime(rawValue: time.rawValue + UInt64(index)),
                body: body)
        }
        return EventFrame(header: header, events: events)
    }

    /// A change here is a change of the protocol: see "How the protocol may change" in `docs/protocol/mesh.proto`.
    @Test func anEventFrameHasTheseBytes() throws {
        let node2 = EventID(node: try #require(NodeID("node2")), epoch: Epoch(5), sequence: 3)
        let frame = frame([
            message("Hi"), .parted(user: id(1), channel: ChannelName("#a"), tags: [node2], reason: nil),
            .unknown(kind: 300, content: [1, 2]),
        ])
        let hex = frame.encoded().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        #expect(hex == Self.golden)
    }

    @Test func aMessageOfAHundredBytesTakesLessThanAHundredAndFifty() {
        let text = String(repeating: "hello ", count: 17).prefix(100)
        let one = frame([message(String(text))]).encoded().count
        let hundred = frame(Array(repeating: message(String(text)), count: 100)).encoded().count
        let each = (hundred - one) / 99
        print("A message of 100 bytes: \(one) bytes in a frame of its own, \(each) with others.")
        #expect(each < 120)
        #expect(one < 170)
    }

    @Test func anIgnorableKindIsKeptAndForwardedAsItIs() throws {
        let content: [UInt8] = [0xFF, 0, 0x0D, 0x0A]
        let frame = frame([.unknown(kind: 64, content: content), message("after it")])
        let decoded = try EventFrame(decoding: frame.encoded().span.bytes)
        #expect(decoded == frame)
        #expect(decoded.encoded() == frame.encoded())
    }

    @Test(arguments: [21, 63] as [UInt8])
    func anUnknownKindThatMayNotBeIgnoredIsRefused(kind: UInt8) throws {
        var bytes = frame([]).encoded()
        bytes[bytes.count - 1] = 2  // The length of the empty head of the run, which becomes `first: 1`.
        bytes += [0x18, 1, kind, 0, 0]
        #expect(throws: WireError(.outOfRange, "event.kind: \(kind), which is not known and may not be ignored")) {
            try EventFrame(decoding: bytes.span.bytes, quarantine: false)
        }
    }

    @Test func aFieldFromTheFutureIsPassedOver() throws {
        let wire = header.wire.bytes + [0xFA, 0x01, 3, 1, 2, 3]
        #expect(try FrameHeader(WireHeader(bytes: wire.span.bytes)) == header)
    }
}
