// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Who is in a channel and who may come in, rule by rule: joins, parts, kicks, invitations, in the orders in which they
// can reach a node.

import RoostModel
import Testing

@testable import RoostRoster

struct MembershipTests {
    private let name = ChannelName("#c")

    /// Alice, operator of #c at x, and Bob, a member at y, who know each other.
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

    @Test func aKickThatOvertakesItsJoinHolds() {
        var (x, y, alice, bob) = aliceAndBob()
        x.kick(bob, "#c", by: alice)
        y.hear(x)
        var roster = Roster(x.stream)
        #expect(roster.removals.count == 1)
        #expect(roster.take(y.stream).contains(.joined(bob, name)) == false)
        #expect(roster.channels[name]?.members[bob] == nil)
        #expect(roster.removals.isEmpty)
        #expect(roster.text == Roster(y.stream, x.stream).text)
        #expect(roster.facts == y.roster.facts)
    }

    @Test func aKickLeavesALaterJoinAlone() {
        // Bob left and came back before he heard of the kick, which names the tag that it saw.
        var (x, y, alice, bob) = aliceAndBob()
        x.kick(bob, "#c", by: alice)
        y.publish(
            .parted(user: bob, channel: name, tags: y.roster.channels[name]?.members[bob]?.map(\.id) ?? [], reason: nil)
        )
        let tag = y.join(bob, "#c")
        for roster in [Roster(x.stream, y.stream), Roster(y.stream, x.stream)] {
            #expect(roster.channels[name]?.members[bob]?.map(\.id) == [tag])
        }
    }

    @Test func aSnapshotCarriesRemovalsOfWhatItHasNotSeen() {
        // The third node saw the kick and not the join; merging its snapshot must not lose the kick.
        let (before, y, alice, bob) = aliceAndBob()
        var x = before
        x.kick(bob, "#c", by: alice)
        var seen = Roster(x.stream.dropLast(), y.stream)
        #expect(seen.channels[name]?.members[bob] != nil)
        let prefix = seen.users[bob]?.prefix ?? ""
        var changes: [RosterChange] = []
        seen.merge(Roster(x.stream).snapshot, into: &changes)
        #expect(changes == [.parted(bob, name, prefix: prefix, reason: nil)])
        #expect(seen.channels[name]?.members[bob] == nil)
    }

    @Test func aStatusThatOvertakesItsJoinTakesEffect() {
        let (before, y, alice, bob) = aliceAndBob()
        var x = before
        x.setStatus(.voice, of: bob, "#c", by: alice)
        var roster = Roster(x.stream)
        // Nobody is told: the status is shown with the join.
        #expect(roster.take(y.stream) == [.userAppeared(bob), .joined(bob, name)])
        #expect(roster.channels[name]?.status(of: bob) == .voice)
        #expect(roster.text == Roster(y.stream, x.stream).text)
    }

    @Test func aStatusGoesWithAKickThatOvertakesTheJoin() {
        let (before, y, alice, bob) = aliceAndBob()
        var x = before
        var z = Author("z", milliseconds: 3_000)
        z.hear(x)
        z.hear(y)
        x.kick(bob, "#c", by: alice)
        z.setStatus(.channelOperator, of: bob, "#c", by: alice)
        let expected = Roster(x.stream, y.stream, z.stream).text
        #expect(Roster(x.stream, z.stream, y.stream).text == expected)
        #expect(Roster(z.stream, x.stream, y.stream).text == expected)
        #expect(!expected.contains { $0.contains("status") && $0.contains("y/") })
    }

    @Test func aSecondTagAddsItsStatus() {
        // As a take-over will give one: the user is seen to join once, and gains what the new tag brings.
        var (x, _, alice, _) = aliceAndBob()
        guard let birth = x.roster.channels[name]?.state.birth else {
            Issue.record("no channel")
            return
        }
        var roster = Roster(x.stream)
        let join = EventBody.joined(user: alice, channel: name, birth: birth, status: .voice, invitations: [])
        #expect(
            roster.take([x.publish(join)])
                == [.modesChanged(name, [.status(.voice, user: alice, isSet: true)], by: nil)])
        let tags = roster.channels[name]?.members[alice]?.map(\.id) ?? []
        #expect(tags.count == 2)
        let part = EventBody.parted(user: alice, channel: name, tags: [tags[0]], reason: nil)
        #expect(
            roster.take([x.publish(part)])
                == [.modesChanged(name, [.status(.channelOperator, user: alice, isSet: false)], by: nil)])
        #expect(roster.channels[name]?.status(of: alice) == .voice)
    }

    @Test func whoQuitsIsInNoChannel() {
        var (x, y, alice, bob) = aliceAndBob()
        x.setStatus(.voice, of: bob, "#c", by: alice)
        x.invite(bob, "#c", by: alice)
        y.quit(bob)
        for roster in [Roster(x.stream, y.stream), Roster(y.stream, x.stream)] {
            #expect(roster.users[bob] == nil)
            #expect(roster.channels[name]?.members.keys.sorted() == [alice])
            #expect(!roster.facts.contains { $0.contains("status y/") })
            #expect(roster.users.keys.sorted() == [alice])
        }
    }

    @Test func anInvitationThatOvertakesItsChannelIsKept() {
        var (x, y, alice, _) = aliceAndBob()
        let carol = x.connect("carol")
        y.hear(x)
        y.invite(carol, "#c", by: alice)
        let roster = Roster(y.stream, x.stream)
        #expect(roster.channels[name]?.invited[carol]?.count == 1)
        #expect(roster.text == Roster(x.stream, y.stream).text)
    }

    @Test func aJoinUsesUpTheInvitationsThatItNames() {
        var (x, y, alice, _) = aliceAndBob()
        let carol = y.connect("carol")
        x.hear(y)
        x.invite(carol, "#c", by: alice)
        y.hear(x)
        y.join(carol, "#c")
        for roster in [Roster(x.stream, y.stream), Roster(y.stream, x.stream)] {
            #expect(roster.channels[name]?.invited == [:])
            #expect(roster.invitedTo == [:])
        }
    }

    @Test func anInvitationOutlivesItsUserByAnHour() {
        // A take-over that was concurrent with the quit may still bring the user back, and it with everything.
        var (x, y, alice, _) = aliceAndBob()
        let carol = y.connect("carol")
        x.hear(y)
        x.invite(carol, "#c", by: alice)
        y.quit(carol)
        let digest = Roster(x.stream.dropLast(), y.stream).digest
        for var roster in [Roster(x.stream, y.stream), Roster(y.stream, x.stream)] {
            #expect(roster.digest == digest)
            roster.collect(at: WallTime(milliseconds: 5_000))
            roster.collect(at: WallTime(milliseconds: 5_000 + 3_600_000))
            #expect(roster.channels[name]?.invited.count == 1)
            roster.collect(at: WallTime(milliseconds: 5_001 + 3_600_000))
            #expect(roster.channels[name]?.invited == [:])
            #expect(roster.invitedTo == [:])
            #expect(roster.digest == digest)
        }
    }

    @Test func anInvitationUnderALostBirthOpensNothing() {
        // Bob made a #c of his own, apart from Alice's, and invited Carol to it.
        var (x, y) = (Author("x", milliseconds: 1_000), Author("y", milliseconds: 2_000))
        let (alice, bob, carol) = (x.connect("alice"), y.connect("bob"), y.connect("carol"))
        x.join(alice, "#c")
        y.join(bob, "#c")
        y.invite(carol, "#c", by: bob)
        #expect(y.roster.channels[name]?.invited[carol]?.count == 1)
        y.hear(x)
        #expect(y.roster.channels[name]?.invited == [:])
    }
}
