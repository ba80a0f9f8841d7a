// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What is written to a birth, rule by rule: registers that the later write wins, and masks that stand while anybody's
// addition does.

import RoostModel
import Testing

@testable import RoostRoster

struct StateTests {
    private let name = ChannelName("#c")

    /// Alice at x made #c, and Bob at y is in it; both nodes know all.
    private func aliceAndBob() -> (x: Author, y: Author, alice: UserID, bob: UserID) {
        var (x, y) = (Author("x", milliseconds: 1_000), Author("y", milliseconds: 1_000))
        let alice = x.connect("alice")
        x.join(alice, "#c")
        y.hear(x)
        let bob = y.connect("bob")
        y.join(bob, "#c")
        x.hear(y)
        return (x, y, alice, bob)
    }

    @Test func theLaterWriteWins() {
        var (x, y, alice, bob) = aliceAndBob()
        (x.milliseconds, y.milliseconds) = (5_000, 4_000)
        x.topic("later", "#c", by: alice)
        x.mode("#c", by: alice, [.key("later"), .limit(9), .flag(.secret, isSet: true)])
        y.topic("earlier", "#c", by: bob)
        y.mode("#c", by: bob, [.key("earlier"), .limit(3), .flag(.secret, isSet: false)])
        for roster in [Roster(x.stream, y.stream), Roster(x.stream.dropLast(2), y.stream, x.stream)] {
            let state = roster.channels[name]?.state
            #expect(state?.topic?.value.text == "later")
            #expect(state?.key?.value == "later")
            #expect(state?.limit?.value == 9)
            #expect(state?.setFlags.contains(.secret) == true)
        }
    }

    @Test func theHigherNodeWinsATieOfWrites() {
        guard let x = NodeID("x"), let y = NodeID("y") else { return }
        let time = HybridTime(wall: WallTime(milliseconds: 7))
        let (left, right) = (Register("x", time: time, node: x), Register("y", time: time, node: y))
        var (one, other) = (left, right)
        let written = [one.merge(right), other.merge(left), one.merge(right)]
        #expect(written == [true, false, false])
        #expect((one.value, other.value) == ("y", "y"))
    }

    @Test func aClearedValueIsAWriteToo() {
        var (x, y, alice, bob) = aliceAndBob()
        x.mode("#c", by: alice, [.key("secret")])
        y.hear(x)
        y.milliseconds = 3_000
        y.mode("#c", by: bob, [.key(nil)])
        let roster = Roster(x.stream.prefix(4).map { $0 }, y.stream, x.stream)
        #expect(roster.channels[name]?.state.key?.value == .some(nil))
    }

    @Test func aBanRemovedWhileItIsAddedAgainStands() {
        var (x, y, alice, bob) = aliceAndBob()
        x.ban("bad!*@*", "#c", by: alice)
        y.hear(x)
        // x takes it away; y, too, and adds it again, before either hears of the other.
        x.unban("bad!*@*", "#c", by: alice)
        y.unban("bad!*@*", "#c", by: bob)
        y.ban("bad!*@*", "#c", by: bob)
        for roster in [Roster(x.stream, y.stream), Roster(y.stream, x.stream)] {
            #expect(roster.channels[name]?.state.lists[.bans]?["bad!*@*"]?.tags.map(\.node) == [y.node])
        }
    }

    @Test func aBanRemovedBeforeItIsSeenNeverStands() {
        var (x, y, alice, bob) = aliceAndBob()
        x.ban("bad!*@*", "#c", by: alice)
        y.hear(x)
        y.unban("bad!*@*", "#c", by: bob)
        var roster = Roster(Array(x.stream.dropLast()), y.stream)
        #expect(roster.take(Array(x.stream.suffix(1))) == [])
        #expect(roster.channels[name]?.state.lists == [:])
        #expect(roster.removals.isEmpty)
    }

    @Test func aBanAddedTwiceStandsUntilBothAreTakenBack() {
        var (x, y, alice, bob) = aliceAndBob()
        (x.milliseconds, y.milliseconds) = (3_000, 2_000)
        x.ban("bad!*@*", "#c", by: alice)
        y.ban("bad!*@*", "#c", by: bob)
        let both = Roster(x.stream, y.stream).channels[name]?.state.lists[.bans]?["bad!*@*"]
        #expect(both?.tags.count == 2)
        #expect(both?.setter.hasPrefix("bob!") == true)
        #expect(both?.time == WallTime(milliseconds: 2_000))
        #expect(both?.parts.map(\.tags.count) == [1, 1])
        // Bob takes back what he knows of: his own.
        y.unban("bad!*@*", "#c", by: bob)
        for roster in [Roster(x.stream, y.stream), Roster(y.stream, x.stream)] {
            let entry = roster.channels[name]?.state.lists[.bans]?["bad!*@*"]
            #expect(entry?.tags.map(\.node) == [x.node])
            #expect(entry?.setter.hasPrefix("alice!") == true)
        }
        y.hear(x)
        y.unban("bad!*@*", "#c", by: bob)
        #expect(Roster(x.stream, y.stream).channels[name]?.state.lists == [:])
    }

    @Test func aStatusOfATagThatWentIsNotKept() {
        var (x, y, alice, bob) = aliceAndBob()
        x.setStatus(.voice, of: bob, "#c", by: alice)
        y.part(bob, "#c")
        for roster in [Roster(x.stream, y.stream), Roster(y.stream, x.stream)] {
            #expect(roster.channels[name]?.state.statuses.keys.allSatisfy { $0.node == x.node } == true)
        }
        #expect(Roster(x.stream, y.stream).text == Roster(y.stream, x.stream).text)
    }

    @Test func theSameTopicAgainIsShownAndNoTopicAgainIsNot() {
        let (before, y, alice, _) = aliceAndBob()
        var x = before
        x.topic("hello", "#c", by: alice)
        x.topic("hello", "#c", by: alice)
        x.topic("", "#c", by: alice)
        x.topic("", "#c", by: alice)
        var roster = Roster(Array(x.stream.dropLast(4)), y.stream)
        let shown = x.stream.suffix(4).map { roster.take([$0]).count }
        #expect(shown == [1, 1, 1, 0])
    }

    @Test func partsOfAMaskEntryMakeItAgain() {
        guard let x = NodeID("x") else { return }
        func tag(_ sequence: UInt64) -> EventID { EventID(node: x, epoch: Epoch(1), sequence: sequence) }
        var entry = MaskEntry(tags: [tag(3), tag(1)], setter: "a!b@c", time: WallTime(milliseconds: 5))
        entry.merge(MaskEntry(tags: [tag(2)], setter: "d!e@f", time: WallTime(milliseconds: 4)))
        #expect(entry.tags == [tag(1), tag(2), tag(3)])
        #expect((entry.setter, entry.time.milliseconds) == ("d!e@f", 4))
        var again = entry.parts[0]
        for part in entry.parts.reversed() { again.merge(part) }
        #expect(again == entry)
    }
}
