// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What is refused in a snapshot.

import RoostModel
import RoostRoster
import SwiftProtobuf
import Testing

@testable import RoostWire

extension RefusalTests {
    @Test func aChannelWithoutStateIsRefused() {
        expect(.missing, "channel.states") { () throws(WireError) in try decodeSnapshot { $0.channels[0].states = [] } }
    }

    @Test func aMaskWithoutTagIsRefused() {
        expect(.missing, "state.masks.tags") { () throws(WireError) in
            try decodeSnapshot { $0.channels[0].states[0].masks = [WireMask()] }
        }
    }

    @Test func aRegisterOfTwoFlagsIsRefused() {
        var flag = WireFlagRegister()
        flag.flag = 3
        flag.written.node = Self.header.node.rawValue
        expect(.outOfRange, "state.flags") { () throws(WireError) in
            try decodeSnapshot { $0.channels[0].states[0].flags = [flag] }
        }
    }

    @Test func aStampWithoutNodeIsRefusedInASnapshot() {
        expect(.outOfRange, "state.birth") { () throws(WireError) in
            try decodeSnapshot { $0.channels[0].states[0].birth.node = 0 }
        }
    }

    @Test func aLifeThatTheSnapshotDoesNotNameIsRefused() {
        let faults: [(String, (inout WireSnapshot) -> Void)] = [
            ("snapshot.former_lives.life", { $0.formerLives = [WireFormerLife()] }),
            ("snapshot.holds.life", { $0.holds = [WireHold()] }),
            ("snapshot.endings.life", { $0.endings = [WireEnding()] }),
            ("snapshot.delivered.life", { $0.delivered = [WireDelivery()] }),
        ]
        for (field, change) in faults {
            expect(.outOfRange, field) { () throws(WireError) in try decodeSnapshot(change) }
        }
    }

    @Test func moreLivesThanAllowedAreRefused() {
        let count = WireLimits.livesMax + 1
        let faults: [(String, (inout WireSnapshot) -> Void)] = [
            ("lives", { $0.lives = Array(repeating: Self.header.life.wire, count: count) }),
            ("snapshot.former_lives", { $0.formerLives = Array(repeating: WireFormerLife(), count: count) }),
            ("snapshot.holds", { $0.holds = Array(repeating: WireHold(), count: count) }),
            ("snapshot.endings", { $0.endings = Array(repeating: WireEnding(), count: count) }),
            ("snapshot.delivered", { $0.delivered = Array(repeating: WireDelivery(), count: count) }),
            (
                "snapshot.horizons",
                { $0.horizons = Array(repeating: WirePosition(), count: WireLimits.nodesMax + 1) }
            ),
        ]
        for (field, change) in faults {
            expect(.tooMuch, field) { () throws(WireError) in try decodeSnapshot(change) }
        }
    }

    @Test func aRemovalNowhereIsRefused() {
        expect(.missing, "snapshot.removals.channel") {
            () throws(WireError) in
            try decodeSnapshot {
                $0.lives = [Self.header.life.wire]
                $0.removals = [WireRemoval()]
                $0.removals[0].tag.sequence = 1
            }
        }
    }

    @Test func aDepartureOfNobodyOrAtNoNodeIsRefused() {
        expect(.missing, "snapshot.departures.user") {
            () throws(WireError) in
            try decodeSnapshot {
                $0.departures = [WireDeparture()]
                $0.departures[0].since.node = Self.header.node.rawValue
            }
        }
        expect(.outOfRange, "snapshot.departures.since") { () throws(WireError) in
            try decodeSnapshot { $0.departures = [WireDeparture()] }
        }
    }

    @Test func aKeptEventIsReadLikeAnyOther() throws {
        func snapshot(_ kind: UInt32, _ body: [UInt8]) throws(WireError) -> Snapshot {
            try decodeSnapshot {
                $0.lives = [Self.header.life.wire]
                $0.kept = [WireKeptEvent()]
                $0.kept[0].id.sequence = 1
                $0.kept[0].kind = kind
                $0.kept[0].body = bytesField(body)
            }
        }
        #expect(try snapshot(1, message().bytes).kept.count == 1)
        expect(.missing, "message.sender") { () throws(WireError) in
            try snapshot(1, message { $0.sender = 0 }.bytes)
        }
        expect(.malformed, "roost.mesh.v1.Message") { () throws(WireError) in try snapshot(1, [0xFF]) }
        expect(.outOfRange, "event.kind") { () throws(WireError) in try snapshot(63, []) }
        expect(.missing, "snapshot.kept.id") { () throws(WireError) in
            try decodeSnapshot { $0.kept = [WireKeptEvent()] }
        }
    }
}
