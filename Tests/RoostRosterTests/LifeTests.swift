// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Lives of nodes: a restart, a polite leave, a node out of reach, rule by rule.

import RoostModel
import Testing

@testable import RoostRoster

struct LifeTests {
    private let name = ChannelName("#c")

    @Test func theUsersOfAnEarlierLifeStayUntilItIsEnded() {
        var (x, y) = (Author("x"), Author("y", milliseconds: 2_000))
        let alice = x.connect("alice")
        x.join(alice, "#c")
        _ = x.claim("carol", identity: "cat@home")
        y.hear(x)
        let bob = y.connect("bob")
        y.join(bob, "#c")
        var roster = Roster(x.stream, y.stream)
        guard let record = roster.users[alice]?.record, let prefix = roster.users[alice]?.prefix else {
            Issue.record("no alice")
            return
        }
        let former = x.life
        x.restart()
        var changes: [RosterChange] = []
        roster.begin(x.epoch, of: x.node, into: &changes)
        #expect(changes == [])
        #expect(roster.users(of: former) == [alice])
        #expect(roster.populatedLives == [former, y.life])
        // What the earlier life still had to say counts, until it is ended.
        let late = Event(
            id: EventID(node: x.node, epoch: Epoch(1), sequence: 99), time: .zero,
            body: .nickClaimed(NickClaim(user: nil, nick: Nick("ghost"), identity: "")))
        #expect(roster.take([late]) == [])
        #expect(roster.claims[late.id]?.nick == Nick("ghost"))
        #expect(
            roster.take([y.publish(.lifeEnded(former))]) == [
                .userLeft(record, nick: Nick("alice"), prefix: prefix, channels: [name], reason: "x is out of reach")
            ])
        #expect(roster.claims.keys.sorted() == [bob])
        #expect(roster.populatedLives == [y.life])
        // Her channel stays, and Bob in it.
        #expect(roster.channels[name]?.members.keys.sorted() == [bob])
    }

    @Test func anEndedLifeOwnsNobodyWhateverElseIsHeardOfIt() {
        var (x, y) = (Author("x"), Author("y", milliseconds: 2_000))
        let bob = y.connect("bob")
        y.join(bob, "#c")
        x.hear(y)
        let alice = x.connect("alice")
        x.join(alice, "#c")
        y.publish(.lifeEnded(x.life))
        for roster in [Roster(x.stream, y.stream), Roster(y.stream, x.stream)] {
            #expect(roster.users.keys.sorted() == [bob])
            #expect(roster.claims.keys.sorted() == [bob])
            #expect(roster.channels[name]?.members.keys.sorted() == [bob])
        }
        var merged = Roster(x.stream)
        merged.merge(Roster(y.stream))
        #expect(merged.text == Roster(y.stream, x.stream).text)
    }

    @Test func theHighestHoldOfALifeStandsUntilItsEnd() {
        var (x, y, z) = (Author("x"), Author("y"), Author("z"))
        _ = x.connect("alice")
        y.publish(.nodeDown(x.life, heldUntil: WallTime(milliseconds: 90_000)))
        z.publish(.nodeDown(x.life, heldUntil: WallTime(milliseconds: 95_000)))
        for roster in [Roster(x.stream, y.stream, z.stream), Roster(z.stream, y.stream, x.stream)] {
            #expect(roster.holds == [x.life: WallTime(milliseconds: 95_000)])
        }
        var merged = Roster(y.stream)
        merged.merge(Roster(z.stream))
        #expect(merged.heldUntil(of: x.life) == WallTime(milliseconds: 95_000))
        z.publish(.lifeEnded(x.life))
        for roster in [Roster(x.stream, y.stream, z.stream), Roster(z.stream, y.stream, x.stream)] {
            #expect(roster.holds == [:])
        }
        merged.merge(Roster(z.stream))
        #expect(merged.holds == [:])
    }

    @Test func anOlderLifeDoesNotBeginAgain() {
        var x = Author("x")
        x.restart()
        let alice = x.connect("alice")
        var roster = Roster(x.stream)
        var changes: [RosterChange] = []
        roster.begin(Epoch(1), of: x.node, into: &changes)
        #expect(changes == [])
        #expect(roster.users.keys.sorted() == [alice])
        #expect(roster.vector[x.node]?.epoch == Epoch(2))
    }

    @Test func whatWaitsForALifeThatIsOverIsForgottenAfterADay() {
        // Kicked, given voice and invited by nodes that knew a life of x of which this one never heard enough.
        var (x, y) = (Author("x"), Author("y", milliseconds: 2_000))
        let bob = y.connect("bob")
        y.join(bob, "#c")
        x.hear(y)
        let (alice, carol) = (x.connect("alice"), x.connect("carol"))
        x.join(alice, "#c")
        y.hear(x)
        y.setStatus(.voice, of: alice, "#c", by: bob)
        y.invite(carol, "#c", by: bob)
        y.kick(alice, "#c", by: bob)
        y.setStatus(.voice, of: carol, "#c", by: bob)
        var roster = Roster(y.stream)
        #expect(roster.removals.count == 1)
        #expect(roster.invitedTo.count == 1)
        var changes: [RosterChange] = []
        roster.begin(Epoch(2), of: x.node, into: &changes)
        #expect(changes == [])
        // A snapshot may still tell of it.
        #expect(roster.removals.count == 1)
        let day: UInt64 = 24 * 3_600_000
        roster.collect(at: WallTime(milliseconds: day))
        #expect(roster.removals.count == 1)
        roster.collect(at: WallTime(milliseconds: 2 * day))
        #expect(roster.removals.isEmpty)
        #expect(roster.invitedTo == [:])
        #expect(!roster.facts.contains { $0.contains("status x/") })
        roster.merge(Roster(x.stream))
        #expect(roster.users.keys.sorted() == [bob])
    }

    @Test func aNodeThatLivesAgainDoesNotSpeakForItsFormerLife() {
        // x starts anew alone, having forgotten everything: who is held elsewhere, and the ban, are still held.
        var (x, y) = (Author("x"), Author("y", milliseconds: 2_000))
        let alice = x.connect("alice")
        x.join(alice, "#c")
        x.ban("bad!*@*", "#c", by: alice)
        y.hear(x)
        var again = Roster()
        var changes: [RosterChange] = []
        again.begin(Epoch(2), of: x.node, into: &changes)
        var other = y.roster
        other.merge(again)
        again.merge(y.roster)
        for roster in [again, other] {
            #expect(roster.users(of: x.life) == [alice])
            #expect(roster.channels[name]?.state.lists[.bans]?.keys.sorted() == ["bad!*@*"])
        }
        #expect(again.text == other.text)
    }

    @Test func theUsersOfANodeThatLeavesAreHeld() {
        var x = Author("x")
        let alice = x.connect("alice")
        x.join(alice, "#c")
        var roster = Roster(x.stream)
        #expect(roster.take([x.publish(.nodeLeft(reason: "maintenance"))]) == [])
        #expect(roster.users(of: x.life) == [alice])
    }

    @Test func whoIsHiddenChangesUnseenAndComesBackAsItIs() {
        var (x, y) = (Author("x", milliseconds: 1_000), Author("y", milliseconds: 2_000))
        let alice = x.connect("alice")
        x.join(alice, "#c")
        y.hear(x)
        let bob = y.connect("bob")
        y.join(bob, "#c")
        var roster = Roster(x.stream, y.stream)
        var changes: [RosterChange] = []
        roster.hide(x.life, reason: "out of reach", into: &changes)
        #expect(changes.count == 1)
        #expect(roster.visibleUserCount == 1)
        #expect(roster.user(named: Nick("alice")) == nil)
        let known = x.stream.count
        x.rename(alice, to: "alicia")
        x.publish(.profileChanged(user: alice, profile: UserProfile(host: "moved", realName: "Alice", away: "out")))
        x.part(alice, "#c")
        x.join(alice, "#d")
        #expect(roster.take(Array(x.stream[known...])).filter { !$0.isOfModes } == [])
        changes = []
        roster.hide(x.life, reason: "again", into: &changes)
        #expect(changes == [])
        roster.reveal(x.life, into: &changes)
        #expect(changes == [.userAppeared(alice), .joined(alice, ChannelName("#d"))])
        #expect(roster.user(named: Nick("alicia"))?.prefix == "alicia!alice@moved")
        #expect(roster.text == Roster(x.stream, y.stream).text)
    }

    @Test func aNickTakenMeanwhileIsNotGivenBackTwice() {
        // Alice's node is out of reach, Bob takes her nick, she returns: the older claim wins, and nobody sees two.
        var (x, y) = (Author("x", milliseconds: 1_000), Author("y", milliseconds: 2_000))
        let alice = x.connect("alice")
        var roster = Roster(x.stream)
        var changes: [RosterChange] = []
        roster.hide(x.life, reason: "out of reach", into: &changes)
        let bob = y.connect("alice")
        #expect(roster.take(y.stream) == [.userAppeared(bob)])
        #expect(roster.user(named: Nick("alice"))?.id == bob)
        let prefix = roster.users[bob]?.prefix ?? ""
        changes = []
        roster.reveal(x.life, into: &changes)
        #expect(changes == [.nickChanged(bob, from: Nick("alice"), prefix: prefix), .userAppeared(alice)])
        #expect(roster.user(named: Nick("alice"))?.id == alice)
    }

    @Test func aUserOfAHiddenNodeComesUnseen() {
        var x = Author("x")
        var (roster, changes): (Roster, [RosterChange]) = (Roster(), [])
        roster.hide(x.life, reason: "out of reach", into: &changes)
        let alice = x.connect("alice")
        x.join(alice, "#c")
        #expect(roster.take(x.stream).filter { !$0.isOfModes } == [])
        #expect(roster.visibleChannel(name) == nil)
        roster.reveal(x.life, into: &changes)
        #expect(changes == [.userAppeared(alice), .joined(alice, name)])
        #expect(roster.visibleChannel(name)?.status(of: alice) == .channelOperator)
    }
}

extension RosterChange {
    /// Modes of a channel that nobody can be seen in are told all the same: there is nobody to hear of them.
    fileprivate var isOfModes: Bool { if case .modesChanged = self { true } else { false } }
}
