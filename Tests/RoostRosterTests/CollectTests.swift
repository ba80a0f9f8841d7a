// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Forgetting births that nobody is in: when, and that nobody notices.

import RoostModel
import Testing

@testable import RoostRoster

struct CollectTests {
    private let name = ChannelName("#c")

    private func wall(_ seconds: UInt64) -> WallTime { WallTime(milliseconds: seconds * 1_000) }

    /// Alice has left #c, a second after 1970 began, and so ended it.
    private func ended() -> (x: Author, roster: Roster, alice: UserID) {
        var x = Author("x", milliseconds: 1_000)
        let alice = x.connect("alice")
        x.join(alice, "#c")
        x.topic("old", "#c", by: alice)
        x.part(alice, "#c")
        return (x, Roster(x.stream), alice)
    }

    @Test func theStateOfAnEndedBirthIsKeptForAMinuteAndItsEndForADay() {
        var (_, roster, _) = ended()
        roster.collect(at: wall(60))
        #expect(roster.channels[name]?.state.topic != nil)
        roster.collect(at: wall(62))
        #expect(roster.channels[name]?.states.count == 1)
        #expect(roster.channels[name]?.state.topic == nil)
        #expect(roster.channels[name]?.state.ended != nil)
        roster.collect(at: wall(24 * 3_600))
        #expect(roster.channels[name] != nil)
        roster.collect(at: wall(24 * 3_600 + 2))
        #expect(roster.channels[name] == nil)
    }

    @Test func aChannelMadeAgainAndAgainKeepsOneEnd() {
        var (x, _, alice) = ended()
        for second in UInt64(2)...30 {
            x.milliseconds = second * 1_000
            x.join(alice, "#c")
            x.part(alice, "#c")
        }
        var roster = Roster(x.stream)
        #expect(roster.channels[name]?.states.count == 30)
        roster.collect(at: wall(100))
        #expect(roster.channels[name]?.states.count == 1)
        #expect(roster.channels[name]?.ended?.wall == wall(30))
    }

    @Test func aRememberedEndKeepsOlderBirthsOut() {
        // A node cut off before the end still writes under the old birth.
        var (x, roster, alice) = ended()
        let old = roster.channels[name]?.state.birth
        roster.collect(at: wall(100))
        x.milliseconds = 200_000
        x.join(alice, "#c")
        _ = roster.take(Array(x.stream.suffix(2)))
        var y = Author("y", milliseconds: 200_000)
        if let old { y.publish(.topicChanged(channel: name, birth: old, text: "late", by: y.actor(alice))) }
        #expect(roster.take(y.stream) == [])
        #expect(roster.channels[name]?.status(of: alice) == .channelOperator)
        #expect(roster.channels[name]?.state.topic == nil)
    }

    @Test func aBirthThatSomebodyIsInIsKept() {
        // Alice's birth lost to an older one, but she is in it.
        var (x, y) = (Author("x", milliseconds: 2_000), Author("y", milliseconds: 1_000))
        let (alice, bob) = (x.connect("alice"), y.connect("bob"))
        x.join(alice, "#c")
        y.join(bob, "#c")
        var roster = Roster(x.stream, y.stream)
        roster.collect(at: wall(1_000_000))
        #expect(difference(Roster(x.stream, y.stream).text, roster.text).filter { !$0.contains("forgotten") } == [])
        // When she has left, it is forgotten.
        x.hear(y)
        x.part(alice, "#c")
        _ = roster.take(Array(x.stream.suffix(1)))
        roster.collect(at: wall(1_000_000))
        #expect(roster.channels[name]?.states.map(\.birth.node) == [y.node])
    }

    @Test func anInvitationGoesWithItsBirth() {
        var (x, _, alice) = ended()
        x.join(alice, "#c")
        let bob = x.connect("bob")
        x.invite(bob, "#c", by: alice)
        x.part(alice, "#c")
        var roster = Roster(x.stream)
        #expect(roster.invitedTo[bob] == [name])
        roster.collect(at: wall(100))
        #expect(roster.invitedTo == [:])
        #expect(roster.channels[name]?.invited == [:])
    }

    @Test(arguments: 0..<History.count)
    func nobodyNotices(seed: Int) {
        // Collecting at any moment, with any delay, changes neither what people see nor the digest.
        let history = History.of(seed)
        var random = SeededRandom(seed: UInt64(seed))
        var roster = history.roster(at: history.randomCut(&random), &random)
        let (view, digest) = (ObserverView(roster), roster.digest)
        roster.collect(at: WallTime(milliseconds: 1_000_000 + UInt64.random(in: 0...100_000_000, using: &random)))
        #expect(ObserverView(roster) == view)
        #expect(roster.digest == digest)
        var derived = roster
        derived.derive()
        #expect(difference(roster.text, derived.text) == [])
    }
}
