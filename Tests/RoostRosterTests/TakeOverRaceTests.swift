// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Take-overs that cross with something else: another take-over, a quit, the end of a life, a kick, what the former life
// still has to say.

import RoostModel
import Testing

@testable import RoostRoster

struct TakeOverRaceTests {
    private let c = ChannelName("#c")
    private let d = ChannelName("#d")

    /// Alice at x and Bob at y, both in #c, which Alice made; everybody has heard everything.
    private func aliceAndBob() -> (x: Author, y: Author, alice: UserID, bob: UserID) {
        var (x, y) = (Author("x", milliseconds: 1_000), Author("y", milliseconds: 2_000))
        let alice = x.connect("alice")
        x.join(alice, "#c")
        y.hear(x)
        let bob = y.connect("bob")
        y.join(bob, "#c")
        x.hear(y)
        return (x, y, alice, bob)
    }

    private func last(_ author: Author) -> [Event] { Array(author.stream.suffix(1)) }

    @Test func theFormerLifeSpeaksForItsUserNoMore() {
        var (x, y, alice, bob) = aliceAndBob()
        y.takeOver(alice)
        var late = x
        late.join(alice, "#d")
        late.rename(alice, to: "alicia")
        late.publish(.profileChanged(user: alice, profile: UserProfile(host: "late", realName: "")))
        late.quit(alice)
        for roster in [Roster(x.stream, y.stream), Roster(y.stream, late.stream), Roster(late.stream, y.stream)] {
            #expect(roster.user(named: Nick("alice"))?.life == y.life)
            #expect(roster.users[alice]?.channels == [c])
            #expect(roster.users[alice]?.profile.host == "x")
            #expect(roster.claims.keys.count == 2)
        }
        // What it still does to others, it does.
        x.kick(bob, "#c", by: alice)
        let roster = Roster(y.stream, x.stream)
        #expect(roster.channels[c]?.members.keys.sorted() == [alice])
    }

    @Test func aLaterLifeOfTheSameNodeDoesNotSpeakForTheUser() {
        // Not before it has taken her over.
        var (x, y, alice, _) = aliceAndBob()
        x.restart()
        var roster = y.roster
        #expect(roster.take([x.publish(.userQuit(user: alice, reason: "bye"))]) == [])
        x.takeOver(alice)
        #expect(roster.take(last(x)).count == 1)
        #expect(roster.take([x.publish(.userQuit(user: alice, reason: "bye"))]).count == 1)
        #expect(roster.users[alice] == nil)
    }

    @Test func aTakeOverBeforeTheIntroductionMovesNobodysNickThereAndBack() {
        // Her claim was seen and keeps the nick from another alice; then the take-over is seen, before she is introduced.
        let (x, before, alice, _) = aliceAndBob()
        var (y, z) = (before, Author("z", milliseconds: 2_000))
        z.connect("alice")
        y.takeOver(alice)
        var roster = Roster(x.stream.prefix(1).map { $0 }, z.stream, y.stream.dropLast())
        #expect(roster.take(last(y)) == [.userAppeared(alice), .joined(alice, c)])
        #expect(roster.take(x.stream).filter { if case .nickChanged = $0 { true } else { false } } == [])
        #expect(difference(Roster(x.stream, y.stream, z.stream).text, roster.text) == [])
    }

    @Test func theGreaterOfTwoConcurrentTakeOversWins() {
        // Two clients of Alice's, at two nodes that have not heard of each other's take-over.
        let (x, before, alice, _) = aliceAndBob()
        var (y, z) = (before, Author("z", milliseconds: 3_000))
        z.hear(x)
        z.hear(y)
        y.takeOver(alice)
        z.takeOver(alice)
        var roster = Roster(x.stream, y.stream)
        #expect(roster.take(z.stream) == [.takenOver(alice, from: y.life)])
        #expect(roster.text == Roster(x.stream, z.stream, y.stream).text)
        var merged = y.roster
        var changes: [RosterChange] = []
        merged.merge(z.roster.snapshot, into: &changes)
        #expect(changes == [.takenOver(alice, from: y.life)])
        #expect(difference(roster.text, merged.text) == [])
        var other = z.roster
        changes = []
        other.merge(y.roster.snapshot, into: &changes)
        #expect(changes == [])
        #expect(difference(roster.text, other.text) == [])
    }

    @Test func aQuitEndsTheLowerTakeOversToo() {
        // Alice is taken over twice, apart, and quits where she was taken over last; the other take-over comes late.
        let (x, before, alice, bob) = aliceAndBob()
        var (y, z) = (before, Author("z", milliseconds: 3_000))
        z.hear(x)
        z.hear(y)
        y.takeOver(alice)
        z.takeOver(alice)
        z.quit(alice)
        for roster in [Roster(x.stream, z.stream, y.stream), Roster(z.stream, y.stream, x.stream)] {
            #expect(roster.users.keys.sorted() == [bob])
            #expect(roster.text == Roster(x.stream, y.stream, z.stream).text)
        }
        var merged = y.roster
        merged.merge(z.roster)
        #expect(merged.text == Roster(x.stream, y.stream, z.stream).text)
    }

    @Test func aTakeOverStandsAgainstTheEndOfTheFormerLife() {
        var (x, y, alice, _) = aliceAndBob()
        var z = Author("z", milliseconds: 3_000)
        z.hear(x)
        z.end(x.life)
        y.takeOver(alice)
        var roster = Roster(x.stream, y.stream.dropLast(), z.stream)
        #expect(roster.users[alice] == nil)
        // She comes back as she was.
        #expect(roster.take(last(y)) == [.userAppeared(alice), .joined(alice, c)])
        #expect(roster.channels[c]?.status(of: alice) == .channelOperator)
        #expect(roster.text == Roster(x.stream, y.stream, z.stream).text)
        #expect(roster.text == Roster(z.stream, y.stream, x.stream).text)
        // When the life that took her over is ended in turn, she is gone, whatever came first.
        x.hear(z)
        x.end(y.life)
        #expect(Roster(x.stream, y.stream, z.stream).users.isEmpty)
        #expect(Roster(z.stream, x.stream, y.stream).text == Roster(x.stream, y.stream, z.stream).text)
    }

    @Test func aKickOfTheFormerMembershipLeavesTheNewOne() {
        var (x, y, alice, bob) = aliceAndBob()
        var z = Author("z", milliseconds: 3_000)
        z.hear(x)
        z.hear(y)
        z.kick(alice, "#c", by: bob)
        y.takeOver(alice)
        var roster = Roster(x.stream, y.stream)
        #expect(roster.take(z.stream) == [])
        roster = Roster(x.stream, y.stream.dropLast(), z.stream)
        #expect(roster.take(last(y)) == [.takenOver(alice, from: x.life), .joined(alice, c)])
        #expect(difference(roster.text, Roster(x.stream, y.stream, z.stream).text) == [])
        x.hear(y)
        #expect(x.roster.channels[c]?.members[alice]?.count == 1)
    }

    @Test func aKickOfTheNewMembershipMayOvertakeIt() {
        // From one of her channels, not from the other, though one event is the tag of both.
        var (x, y, alice, bob) = aliceAndBob()
        x.join(alice, "#d")
        y.hear(x)
        y.takeOver(alice)
        var z = Author("z", milliseconds: 3_000)
        z.hear(x)
        z.hear(y)
        z.kick(alice, "#c", by: bob)
        var roster = Roster(x.stream, y.stream.dropLast())
        #expect(roster.take(z.stream) == [])
        #expect(roster.removals.values.map { $0 } == [[c]])
        let prefix = roster.users[alice]?.prefix ?? ""
        #expect(
            roster.take(last(y)) == [.takenOver(alice, from: x.life), .parted(alice, c, prefix: prefix, reason: nil)])
        #expect(roster.users[alice]?.channels == [d])
        #expect(roster.removals.isEmpty)
        #expect(roster.text == z.roster.text)
        var merged = Roster(x.stream, y.stream)
        merged.merge(z.roster)
        #expect(merged.text == z.roster.text)
    }

    @Test func aDeopOfTheFormerMembershipIsVoid() {
        var (x, y, alice, bob) = aliceAndBob()
        x.setStatus(.channelOperator, of: bob, "#c", by: alice)
        y.hear(x)
        var z = Author("z", milliseconds: 3_000)
        z.hear(x)
        z.hear(y)
        z.setStatus(.channelOperator, of: alice, "#c", isSet: false, by: bob)
        y.takeOver(alice)
        let roster = Roster(x.stream, y.stream, z.stream)
        #expect(roster.channels[c]?.status(of: alice) == .channelOperator)
        #expect(roster.text == Roster(x.stream, z.stream, y.stream).text)
        // One that saw the new membership is not.
        z.hear(y)
        z.setStatus(.channelOperator, of: alice, "#c", isSet: false, by: bob)
        for roster in [Roster(x.stream, y.stream, z.stream), Roster(z.stream, x.stream, y.stream)] {
            #expect(roster.channels[c]?.status(of: alice) == [])
        }
    }

    @Test func aJoinThatATakeOverMadeVoidStillUsesUpItsInvitation() {
        var (x, y, alice, bob) = aliceAndBob()
        y.join(bob, "#d")
        y.invite(alice, "#d", by: bob)
        x.hear(y)
        x.join(alice, "#d")
        y.takeOver(alice)
        let late = Roster(x.stream.prefix(3).map { $0 }, y.stream, x.stream)
        #expect(late.channels[d]?.invited == [:])
        #expect(late.users[alice]?.channels == [c])
        #expect(late.text == Roster(x.stream, y.stream).text)
    }
}
