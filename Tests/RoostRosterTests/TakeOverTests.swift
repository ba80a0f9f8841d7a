// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Take-overs, rule by rule: who is held at a node that is down goes on at another, and nobody else notices.

import RoostModel
import Testing

@testable import RoostRoster

struct TakeOverTests {
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

    @Test func nobodyNoticesATakeOver() {
        var (x, y, alice, _) = aliceAndBob()
        x.join(alice, "#d")
        y.hear(x)
        var roster = y.roster
        let before = ObserverView(roster)
        let taken = y.takeOver(alice)
        #expect(roster.take(last(y)) == [.takenOver(alice, from: x.life)])
        #expect(before.looksLike(ObserverView(roster)))
        let user = roster.users[alice]
        #expect(user?.life == y.life && user?.node == y.node && user?.introduced == taken)
        #expect(user?.record.session.number == 2)
        #expect(roster.claimInUse(of: alice)?.id == taken)
        #expect(roster.claims.count == 2)
        for name in [c, d] {
            #expect(roster.channels[name]?.members[alice]?.map(\.id) == taken.map { [$0] })
            #expect(roster.channels[name]?.status(of: alice) == .channelOperator)
        }
        #expect(roster.users(of: x.life) == [])
        #expect(roster.populatedLives == [y.life])
    }

    @Test func whatIsNotListedEnds() {
        var (x, y, alice, _) = aliceAndBob()
        x.join(alice, "#d")
        y.hear(x)
        var roster = y.roster
        let prefix = roster.users[alice]?.prefix ?? ""
        y.takeOver(alice, without: [d])
        #expect(
            roster.take(last(y)) == [.takenOver(alice, from: x.life), .parted(alice, d, prefix: prefix, reason: nil)])
        #expect(roster.users[alice]?.channels == [c])
    }

    @Test func whoWasOutOfSightIsSeenAgain() {
        var (x, y, alice, _) = aliceAndBob()
        var roster = y.roster
        var changes: [RosterChange] = []
        roster.hide(x.life, reason: "out of reach", into: &changes)
        y.takeOver(alice)
        #expect(
            roster.take(last(y)) == [.takenOver(alice, from: x.life), .userAppeared(alice), .joined(alice, c)])
        #expect(roster.channels[c]?.status(of: alice) == .channelOperator)
        changes = []
        roster.reveal(x.life, into: &changes)
        #expect(changes == [])
        #expect(roster.text == Roster(x.stream, y.stream).text)
        // And whoever is taken over by a life out of sight is seen no more.
        x.hear(y)
        roster.hide(x.life, reason: "out of reach", into: &changes)
        x.takeOver(alice)
        changes = roster.take(last(x))
        #expect(changes.first == .takenOver(alice, from: y.life) && changes.count == 2)
        #expect(roster.user(named: Nick("alice")) == nil && roster.visibleUserCount == 1)
    }

    @Test func aNickIsKeptWithTheTimeOfItsFirstClaim() {
        // Another alice came after her and before the take-over: the nick stays hers.
        var (x, y, alice, _) = aliceAndBob()
        var z = Author("z", milliseconds: 2_000)
        let other = z.connect("alice")
        y.milliseconds = 60_000
        y.takeOver(alice)
        for roster in [Roster(x.stream, y.stream, z.stream), Roster(z.stream, y.stream, x.stream)] {
            #expect(roster.user(named: Nick("alice"))?.id == alice)
            #expect(roster.users[other]?.nick.text.hasPrefix("alice|") == true)
        }
        // A new claim of hers goes on from there.
        x.hear(y)
        y.rename(alice, to: "alicia")
        #expect(Roster(z.stream, x.stream, y.stream).user(named: Nick("alicia"))?.id == alice)
        #expect(Roster(z.stream, x.stream, y.stream).user(named: Nick("alice"))?.id == other)
    }

    @Test func invitationsSurviveATakeOver() {
        var (x, y, alice, bob) = aliceAndBob()
        y.join(bob, "#d")
        y.invite(alice, "#d", by: bob)
        y.takeOver(alice)
        for roster in [Roster(x.stream, y.stream), Roster(y.stream, x.stream)] {
            #expect(roster.channels[d]?.invited[alice]?.count == 1)
            #expect(roster.text == Roster(x.stream, y.stream).text)
        }
        x.hear(y)
        y.join(alice, "#d")
        x.hear(y)
        #expect(x.roster.channels[d]?.invited == [:])
    }

    @Test func theDigestTellsSessionsApart() {
        let (_, y, alice, _) = aliceAndBob()
        var roster = y.roster
        guard let user = roster.users[alice] else { return }
        let (record, before) = (user.record, roster.digest)
        func put(_ number: UInt32, _ introduced: EventID) -> UInt64 {
            let session = Session(number: number, since: record.session.since, node: record.session.node)
            roster.put(
                User(
                    record: UserRecord(
                        id: alice, session: session, claim: record.claim, userName: record.userName,
                        profile: record.profile, signedOn: record.signedOn),
                    introduced: introduced, nick: user.nick))
            return roster.digest
        }
        #expect(put(1, user.introduced) == before)
        #expect(put(2, user.introduced) != before)
        #expect(put(1, alice) != before)
    }

    @Test func whatATakeOverSaysWithoutNeedIsPassedOver() {
        // One of a first session, one for another node, one that lists a channel twice.
        var (x, y, alice, _) = aliceAndBob()
        func takeOver(_ number: UInt32, _ node: NodeID) -> EventBody {
            let birth = y.roster.channels[c]?.state.birth ?? Birth(time: .zero, node: node)
            let stays = TakeOver.Membership(channel: c, birth: birth, status: [])
            return .userTakenOver(
                TakeOver(
                    user: alice, session: Session(number: number, since: y.roster.someTime, node: node),
                    nick: Nick("alice"), identity: "", claimedAt: .zero, userName: "a",
                    profile: UserProfile(host: "h", realName: ""), signedOn: WallTime(milliseconds: 0),
                    memberships: [stays, stays], after: nil))
        }
        var roster = y.roster
        #expect(roster.take([y.publish(takeOver(1, y.node)), y.publish(takeOver(2, x.node))]) == [])
        #expect(roster.users[alice]?.life == x.life)
        _ = roster.take([y.publish(takeOver(2, y.node))])
        #expect(roster.channels[c]?.members[alice]?.count == 1)
        #expect(roster.text == y.roster.text)
        x.hear(y)
        #expect(x.roster.text == y.roster.text)
    }
}

extension Roster {
    /// Some time.
    fileprivate var someTime: HybridTime { HybridTime(wall: WallTime(milliseconds: 9_000)) }
}
