// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Each field that can be wrong is refused with the right code and its name: messages of the schema are made with one
// fault each, by hand, as a peer with a bug might send them.

import RoostModel
import RoostRoster
import SwiftProtobuf
import Testing

@testable import RoostWire

@Suite struct RefusalTests {
    // MARK: Events

    @Test func aMessageWithoutSenderIsRefused() {
        expect(.missing, "message.sender") { () throws(WireError) in try decode(.message, message { $0.sender = 0 }) }
    }

    @Test func aMessageWithoutTargetIsRefused() {
        expect(.missing, "message.target") { () throws(WireError) in try decode(.message, message { $0.target = nil }) }
    }

    @Test(arguments: ["a\rb", "a\nb", "\0", "\r\n"])
    func aTextThatWouldEndALineIsRefused(text: String) {
        expect(.illegalText, "message.text") { () throws(WireError) in try decode(.message, message { $0.text = text })
        }
    }

    @Test func aChannelWithASpaceIsRefused() {
        expect(.illegalText, "message.channel") { () throws(WireError) in
            try decode(.message, message { $0.channel = "#a b" })
        }
    }

    @Test func anEmptyChannelIsRefused() {
        expect(.missing, "message.channel") { () throws(WireError) in try decode(.message, message { $0.channel = "" })
        }
    }

    @Test func aTextIsRefusedFromOneByteAboveTheBound() throws {
        let longest = String(repeating: "x", count: WireLimits.textBytesMax)
        _ = try decode(.message, message { $0.text = longest })
        expect(.tooMuch, "message.text") { () throws(WireError) in
            try decode(.message, message { $0.text = longest + "x" })
        }
    }

    @Test func aNameIsRefusedFromOneByteAboveTheBound() throws {
        let longest = String(repeating: "#", count: WireLimits.nameBytesMax)
        _ = try decode(.message, message { $0.channel = longest })
        expect(.tooMuch, "message.channel") { () throws(WireError) in
            try decode(.message, message { $0.channel = longest + "#" })
        }
    }

    @Test func moreTagsThanAllowedAreRefused() {
        var tag = WireTag()
        tag.key = "+a"
        let tags = Array(repeating: tag, count: WireLimits.tagsMax + 1)
        expect(.tooMuch, "message.tags") { () throws(WireError) in try decode(.message, message { $0.tags = tags }) }
    }

    @Test func anUnknownStatusIsRefused() {
        expect(.outOfRange, "message.at_least") { () throws(WireError) in
            try decode(.message, message { $0.atLeast = 8 })
        }
        expect(.outOfRange, "message.at_least") { () throws(WireError) in
            try decode(.message, message { $0.atLeast = 256 })
        }
    }

    @Test func anUnknownKindOfMessageIsRefused() {
        expect(.outOfRange, "message.kind") { () throws(WireError) in
            try decode(.message, message { $0.kind = .UNRECOGNIZED(3) })
        }
    }

    @Test func aLifeThatTheFrameDoesNotNameIsRefused() {
        expect(.outOfRange, "message.sender") { () throws(WireError) in
            try decode(.message, message { $0.senderLife = 1 })
        }
    }

    @Test func aJoinWithoutBirthIsRefused() {
        var joined = WireJoined()
        joined.user.sequence = 1
        joined.channel = "#a"
        expect(.missing, "joined.birth") { () throws(WireError) in try decode(.joined, joined) }
    }

    @Test func aBirthAtNoNodeIsRefused() {
        var joined = WireJoined()
        joined.user.sequence = 1
        joined.channel = "#a"
        joined.birth.node = .max
        expect(.outOfRange, "joined.birth") { () throws(WireError) in try decode(.joined, joined) }
    }

    @Test func aKickByNobodyIsRefused() {
        var kicked = WireKicked()
        kicked.user.sequence = 1
        kicked.channel = "#a"
        expect(.missing, "kicked.by") { () throws(WireError) in try decode(.kicked, kicked) }
    }

    @Test func aUserWithoutProfileIsRefused() {
        var user = WireUser()
        user.id.sequence = 1
        user.since.time = 1
        expect(.missing, "profile") { () throws(WireError) in try decode(.userIntroduced, user) }
    }

    @Test func anEmptyChangeOfModesIsRefused() {
        var modes = WireModesChanged()
        modes.channel = "#a"
        modes.birth.time = 1
        modes.by.prefix = "server"
        modes.changes = [WireModeChange()]
        expect(.missing, "mode.change") { () throws(WireError) in try decode(.modesChanged, modes) }
        modes.changes[0].maskAdded.list = .UNRECOGNIZED(3)
        expect(.outOfRange, "list") { () throws(WireError) in try decode(.modesChanged, modes) }
        modes.changes[0].flagsSet = 64
        expect(.outOfRange, "mode.flags_set") { () throws(WireError) in try decode(.modesChanged, modes) }
    }

    /// A node that took several at once kept them in one register, and no peer could read its snapshots any more.
    @Test func aChangeOfSeveralFlagsOrStatusesAtOnceIsRefused() {
        var modes = WireModesChanged()
        modes.channel = "#a"
        modes.birth.time = 1
        modes.by.prefix = "server"
        modes.changes = [WireModeChange()]
        modes.changes[0].flagsCleared = 3
        expect(.outOfRange, "mode.flags_cleared") { () throws(WireError) in try decode(.modesChanged, modes) }
        modes.changes[0].statusSet.status = 6
        expect(.outOfRange, "mode.status") { () throws(WireError) in try decode(.modesChanged, modes) }
    }

    @Test func bytesThatAreNoMessageAreRefused() {
        expect(.malformed, "roost.mesh.v1.Message") { () throws(WireError) in
            try EventFrame(decoding: frame(event: [1, 0, 1, 0xFF]).span.bytes, quarantine: false)
        }
    }

    @Test func anEventWithAnIdAboveTheHighestSequenceIsRefused() throws {
        _ = try EventFrame(decoding: frame(event: event(.message, message()), first: .max).span.bytes)
        let two = event(.message, message()) + event(.message, message())
        expect(.outOfRange, "run.first") { () throws(WireError) in
            try EventFrame(decoding: frame(event: two, first: .max).span.bytes)
        }
        expect(.outOfRange, "run.first") { () throws(WireError) in
            try EventFrame(decoding: frame(event: two, first: 0).span.bytes)
        }
    }

    @Test func moreEventsThanAllowedAreRefused() {
        let events = Array(repeating: [64, 0, 0] as [UInt8], count: WireLimits.eventsMax + 1).flatMap { $0 }
        expect(.tooMuch, "run") { () throws(WireError) in
            try EventFrame(decoding: frame(event: events).span.bytes)
        }
    }

    @Test func aLifeThatTheFrameDoesNotNameIsNotDown() {
        var down = WireNodeDown()
        down.life = 1
        expect(.outOfRange, "node_down.life") { () throws(WireError) in try decode(.nodeDown, down) }
        var ended = WireLifeEnded()
        ended.life = 1
        expect(.outOfRange, "life_ended.life") { () throws(WireError) in try decode(.lifeEnded, ended) }
    }

    @Test func aTakeOverThatIsNotWholeIsRefused() throws {
        _ = try decode(.userTakenOver, takeOver())
        let faults: [(WireError.Code, String, (inout WireUserTakenOver) -> Void)] = [
            (.missing, "user_taken_over.user", { $0.clearUser() }),
            (.missing, "user_taken_over.since", { $0.clearSince() }),
            (.outOfRange, "user_taken_over.since", { $0.since.node = .max }),
            (.outOfRange, "user_taken_over.session", { $0.session = 1 }),
            (.missing, "user_taken_over.nick", { $0.nick = "" }),
            (.illegalText, "user_taken_over.nick", { $0.nick = "a b" }),
            (.illegalText, "user_taken_over.identity", { $0.identity = "a\n" }),
            (.illegalText, "user_taken_over.user_name", { $0.userName = "\0" }),
            (.missing, "profile", { $0.clearProfile() }),
            (.missing, "user_taken_over.after", { $0.after = WireEventID() }),
            (.missing, "membership.channel", { $0.memberships[0].channel = "" }),
            (.missing, "membership.birth", { $0.memberships[0].clearBirth() }),
            (.outOfRange, "membership.status", { $0.memberships[0].status = 8 }),
        ]
        for (code, field, change) in faults {
            expect(code, field) { () throws(WireError) in try decode(.userTakenOver, takeOver(change)) }
        }
    }

    @Test func moreMembershipsThanAllowedAreRefused() throws {
        func many(_ count: Int) -> WireUserTakenOver {
            takeOver { $0.memberships = Array(repeating: $0.memberships[0], count: count) }
        }
        _ = try decode(.userTakenOver, many(WireLimits.membershipsMax))
        expect(.tooMuch, "user_taken_over.memberships") { () throws(WireError) in
            try decode(.userTakenOver, many(WireLimits.membershipsMax + 1))
        }
    }

    // MARK: Headers, reports and control messages

    @Test func anotherVersionIsRefused() {
        var header = Self.header
        header.version = 2
        let frame = Acknowledgement(header: header, applied: Vector(), delivered: Vector()).encoded()
        expect(.unknownVersion, "version") { () throws(WireError) in
            try Acknowledgement(decoding: frame.span.bytes)
        }
    }

    @Test func anEmptyFrameIsRefused() {
        let nothing: [UInt8] = []
        expect(.malformed, "header") { () throws(WireError) in try EventFrame(decoding: nothing.span.bytes) }
        expect(.unknownVersion, "version") { () throws(WireError) in try Heartbeat(decoding: nothing.span.bytes) }
    }

    @Test func aFrameAboveTheBoundIsRefusedUnread() {
        let bytes = [UInt8](repeating: 0, count: WireLimits.frameBytesMax + 1)
        expect(.tooMuch, "frame") { () throws(WireError) in try EventFrame(decoding: bytes.span.bytes) }
        expect(.tooMuch, "frame") { () throws(WireError) in try ControlFrame(decoding: bytes.span.bytes) }
    }

    @Test func aPositionOfNoNodeIsRefused() {
        var wire = WireAcknowledgement()
        wire.header = Self.header.wire
        wire.applied = [WirePosition()]
        let bytes = wire.bytes
        expect(.outOfRange, "acknowledgement.applied") { () throws(WireError) in
            try Acknowledgement(decoding: bytes.span.bytes)
        }
    }

    @Test func aControlFrameThatSaysNothingIsRefused() {
        expect(.missing, "control.message") { () throws(WireError) in try decodeControl { _ in } }
    }

    @Test func aChunkOutsideItsCountIsRefused() {
        expect(.outOfRange, "snapshot_chunk") {
            () throws(WireError) in
            try decodeControl {
                $0.snapshotChunk.index = 3
                $0.snapshotChunk.count = 3
            }
        }
    }

    @Test func aReplayRequestForNothingIsRefused() {
        expect(.outOfRange, "replay_request") {
            () throws(WireError) in
            try decodeControl {
                $0.replayRequest.node = Self.header.node.rawValue
                $0.replayRequest.first = 2
                $0.replayRequest.last = 1
            }
        }
    }

    @Test func aReplayOfALifeOfNoNodeIsRefused() {
        expect(.outOfRange, "replay_request.node") {
            () throws(WireError) in
            try decodeControl {
                $0.replayRequest.first = 1
                $0.replayRequest.last = .max
            }
        }
        expect(.outOfRange, "replay_unavailable.node") { () throws(WireError) in
            try decodeControl { $0.replayUnavailable.oldest = 1 }
        }
        var run = WireRun()
        run.origin.epoch = 1
        var bytes: [UInt8] = []
        bytes.append(delimited: run.bytes)
        expect(.outOfRange, "run.origin") { () throws(WireError) in
            try decodeControl { $0.replay = bytesField(bytes) }
        }
    }
}
