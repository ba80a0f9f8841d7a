// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Frames with a fault, made by hand, for the tests of what is refused.

import RoostModel
import RoostRoster
import SwiftProtobuf
import Testing

@testable import RoostWire

extension RefusalTests {
    static let header = FrameHeader(
        cluster: "roost", node: RandomValues.node1, epoch: Epoch(7), time: HybridTime(rawValue: 9))

    func expect(
        _ code: WireError.Code, _ field: String, sourceLocation: SourceLocation = #_sourceLocation,
        _ body: () throws(WireError) -> some Any
    ) {
        do {
            let value = try body()
            Issue.record("accepted: \(value)", sourceLocation: sourceLocation)
        } catch {
            #expect(error.code == code, "\(error)", sourceLocation: sourceLocation)
            #expect(error.text.hasPrefix(field + ":"), "\(error)", sourceLocation: sourceLocation)
        }
    }

    func message(_ change: (inout WireMessage) -> Void = { _ in }) -> WireMessage {
        var wire = WireMessage()
        wire.sender = 1
        wire.channel = "#a"
        wire.text = "hello"
        change(&wire)
        return wire
    }

    func takeOver(_ change: (inout WireUserTakenOver) -> Void = { _ in }) -> WireUserTakenOver {
        var membership = WireContinuedMembership()
        membership.channel = "#a"
        membership.birth.time = 1
        var wire = WireUserTakenOver()
        wire.user.sequence = 1
        wire.session = 2
        wire.since.time = 1
        wire.nick = "alice"
        wire.profile.host = "host"
        wire.memberships = [membership]
        change(&wire)
        return wire
    }

    func event(_ kind: WireEventKind, _ body: some Message) -> [UInt8] {
        var bytes: [UInt8] = [UInt8(kind.rawValue), 0]
        bytes.append(delimited: body.bytes)
        return bytes
    }

    func frame(event: [UInt8], first: UInt64 = 1) -> [UInt8] {
        var run = WireRun()
        run.first = first
        var bytes: [UInt8] = []
        bytes.append(delimited: Self.header.wire.bytes)
        bytes.append(delimited: run.bytes)
        return bytes + event
    }

    func decode(_ kind: WireEventKind, _ body: some Message) throws(WireError) -> EventFrame {
        let bytes = frame(event: event(kind, body))
        return try EventFrame(decoding: bytes.span.bytes, quarantine: false)
    }

    func decodeControl(_ change: (inout WireControlFrame) -> Void) throws(WireError) -> ControlFrame {
        var wire = WireControlFrame()
        wire.header = Self.header.wire
        change(&wire)
        let bytes = wire.bytes
        return try ControlFrame(decoding: bytes.span.bytes)
    }

    /// A snapshot of one channel, with a change that makes it faulty.
    func decodeSnapshot(_ change: (inout WireSnapshot) -> Void) throws(WireError) -> Snapshot {
        var channel = WireChannel()
        channel.name = "#a"
        channel.states = [WireChannelState()]
        channel.states[0].birth.node = Self.header.node.rawValue
        var wire = WireSnapshot()
        wire.version = 1
        wire.channels = [channel]
        change(&wire)
        let bytes = wire.bytes
        return try Snapshot(decoding: bytes.span.bytes)
    }
}
