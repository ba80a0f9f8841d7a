// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Who holds a nick, and what the others go by (DESIGN §6.1), rule by rule.

import RoostModel
import Testing

@testable import RoostRoster

struct NickTests {
    @Test func theOlderClaimWinsACollision() {
        var (x, y) = (Author("x", milliseconds: 2_000), Author("y", milliseconds: 1_000))
        let (late, early) = (x.connect("alice"), y.connect("Alice"))
        var roster = Roster(x.stream)
        let prefix = roster.users[late]?.prefix ?? ""
        #expect(
            roster.take(y.stream) == [
                .nickChanged(late, from: Nick("alice"), prefix: prefix), .userAppeared(early),
            ])
        #expect(roster.user(named: Nick("ALICE"))?.id == early)
        #expect(roster.users[late]?.nick == Roster().substitute(for: Nick("alice"), of: late, attempt: 0))
        #expect(roster.claimedNick(of: late) == Nick("alice"))
        #expect(Roster(y.stream, x.stream).text == roster.text)
    }

    @Test func theLowerUserWinsATie() {
        var (x, y) = (Author("x"), Author("y"))
        let (first, second) = (x.connect("alice"), y.connect("alice"))
        let roster = Roster(y.stream, x.stream)
        #expect(roster.claims[first]?.time == roster.claims[second]?.time)
        #expect(roster.user(named: Nick("alice"))?.id == first)
    }

    @Test func ofOneIdentityTheNewestClaimStandsWithTheOldestTime() {
        // Ann connected at x, was cut off, and is back at y; meanwhile Ben took her nick at z.
        var x = Author("x", milliseconds: 1_000)
        var z = Author("z", milliseconds: 2_000)
        var y = Author("y", milliseconds: 3_000)
        let ghost = x.connect("alice", identity: "ann@home")
        let ben = z.connect("alice", identity: "ben@home")
        let ann = y.connect("alice", identity: "ann@home")
        let roster = Roster(z.stream, y.stream, x.stream)
        #expect(roster.user(named: Nick("alice"))?.id == ann)
        for loser in [ghost, ben] { #expect(roster.users[loser]?.nick.text.hasPrefix("alice|") == true) }
    }

    @Test func aLoserGetsItsNickBackWhenTheHolderLeaves() {
        var (x, y) = (Author("x", milliseconds: 1_000), Author("y", milliseconds: 2_000))
        let (holder, loser) = (x.connect("alice"), y.connect("alice"))
        var roster = Roster(x.stream, y.stream)
        let known = x.stream.count
        let (record, prefix) = (roster.users[holder]?.record, roster.users[holder]?.prefix ?? "")
        let (nick, loserPrefix) = (roster.users[loser]?.nick ?? Nick(""), roster.users[loser]?.prefix ?? "")
        x.quit(holder)
        #expect(
            roster.take(Array(x.stream[known...]))
                == record.map {
                    [
                        .userLeft($0, nick: Nick("alice"), prefix: prefix, channels: [], reason: "bye"),
                        .nickChanged(loser, from: nick, prefix: loserPrefix),
                    ]
                })
        #expect(roster.user(named: Nick("alice"))?.id == loser)
    }

    @Test func aSubstituteThatAnotherHoldsIsNotGiven() {
        var (x, y) = (Author("x", milliseconds: 1_000), Author("y", milliseconds: 2_000))
        x.connect("alice")
        let loser = y.connect("alice")
        let wanted = Roster().substitute(for: Nick("alice"), of: loser, attempt: 0)
        let squatter = x.connect(wanted.text)
        for roster in [Roster(x.stream, y.stream), Roster(y.stream, x.stream)] {
            #expect(roster.user(named: wanted)?.id == squatter)
            #expect(roster.users[loser]?.nick == Roster().substitute(for: Nick("alice"), of: loser, attempt: 1))
        }
        // Nor is it kept once another comes to hold it.
        x.quit(squatter)
        let other = x.connect(wanted.text)
        var roster = Roster(y.stream, x.stream)
        #expect(roster.user(named: wanted)?.id == other)
        x.quit(other)
        let left = roster.take(Array(x.stream.suffix(1)))
        #expect(left.count == 2)
        #expect(roster.user(named: wanted)?.id == loser)
    }

    @Test func usersWhoseSubstitutesAreTheSameGetDifferentOnes() {
        // Two losers at different nodes are looked for whose first substitutes are one.
        func user(_ author: Author, _ sequence: UInt64) -> UserID {
            EventID(node: author.node, epoch: Epoch(1), sequence: sequence)
        }
        var (x, y, z) = (Author("x", milliseconds: 1), Author("y", milliseconds: 5), Author("z", milliseconds: 9))
        var seen: [Nick: UInt64] = [:]
        for sequence in UInt64(1)...600 {
            seen[Roster().substitute(for: Nick("alice"), of: user(y, sequence), attempt: 0)] = sequence
        }
        let pair = (UInt64(1)...600).lazy.compactMap { sequence in
            seen[Roster().substitute(for: Nick("alice"), of: user(z, sequence), attempt: 0)].map { ($0, sequence) }
        }.first
        guard let pair else {
            Issue.record("no two users with the same substitute")
            return
        }
        x.connect("alice")
        for _ in 1..<pair.0 { y.publish(.wallopsSent(by: Actor(user: nil, prefix: "y"), text: "")) }
        for _ in 1..<pair.1 { z.publish(.wallopsSent(by: Actor(user: nil, prefix: "z"), text: "")) }
        let (lower, higher) = (y.connect("alice"), z.connect("alice"))
        #expect((lower, higher) == (user(y, pair.0), user(z, pair.1)))
        let roster = Roster(z.stream, x.stream, y.stream)
        #expect(roster.users[lower]?.nick == Roster().substitute(for: Nick("alice"), of: lower, attempt: 0))
        #expect(roster.users[higher]?.nick == Roster().substitute(for: Nick("alice"), of: higher, attempt: 1))
        #expect(Roster(x.stream, y.stream, z.stream).text == roster.text)
    }

    @Test func aSubstituteIsAlwaysToBeFound() {
        // Even where somebody holds all of the first twenty.
        var (x, y) = (Author("x", milliseconds: 1_000), Author("y", milliseconds: 2_000))
        x.connect("alice")
        let loser = y.connect("alice")
        let nicks = (0..<20).map { Roster().substitute(for: Nick("alice"), of: loser, attempt: $0) }
        for nick in Set(nicks).sorted() { x.connect(nick.text) }
        let roster = Roster(x.stream, y.stream)
        let nick = roster.users[loser]?.nick ?? Nick("")
        #expect(nick.text.hasPrefix("alice|") && !nicks.contains(nick))
        #expect(roster.user(named: nick)?.id == loser)
    }

    @Test func aNickInOtherLettersIsShown() {
        var x = Author("x")
        let user = x.connect("alice")
        var roster = Roster(x.stream)
        let prefix = roster.users[user]?.prefix ?? ""
        x.rename(user, to: "ALICE")
        #expect(roster.take(Array(x.stream.suffix(2))) == [.nickChanged(user, from: Nick("alice"), prefix: prefix)])
        #expect(roster.user(named: Nick("alice"))?.nick.text == "ALICE")
        #expect(roster.standingClaims(on: Nick("alice")).count == 1)
    }

    @Test func aReleasedClaimGivesWay() {
        var (x, y) = (Author("x", milliseconds: 1_000), Author("y", milliseconds: 2_000))
        let claim = x.claim("alice", identity: "ann@home")
        let user = y.connect("alice")
        var roster = Roster(x.stream, y.stream)
        #expect(roster.holder(of: Nick("alice")) == claim)
        #expect(roster.user(named: Nick("alice")) == nil)
        x.publish(.nickReleased(claim: claim))
        #expect(roster.take(Array(x.stream.suffix(1))).count == 1)
        #expect(roster.user(named: Nick("alice"))?.id == user)
        #expect(Roster(y.stream, x.stream).text == roster.text)
    }

    @Test func aNewcomerAtAHiddenNodeHoldsNothing() {
        // Its node died between the claim and the welcome: the nick must not be lost with it.
        var (x, y) = (Author("x", milliseconds: 1_000), Author("y", milliseconds: 2_000))
        let claim = x.claim("alice", identity: "ann@home")
        let user = y.connect("alice")
        var roster = Roster(x.stream, y.stream)
        var changes: [RosterChange] = []
        roster.hide(x.life, reason: "out of reach", into: &changes)
        #expect(changes.count == 1)
        #expect(roster.user(named: Nick("alice"))?.id == user)
        roster.reveal(x.life, into: &changes)
        #expect(roster.holder(of: Nick("alice")) == claim)
    }

    @Test func onlyItsOwnNodeSpeaksForAUser() {
        var (x, y) = (Author("x"), Author("y"))
        let (user, other) = (x.connect("alice"), y.connect("bob"))
        var roster = Roster(x.stream, y.stream)
        let before = roster.facts.filter { !$0.hasPrefix("vector") }
        let profile = UserProfile(host: "elsewhere", realName: "Nobody")
        for body: EventBody in [
            .userQuit(user: user, reason: "forged"), .profileChanged(user: user, profile: profile),
            .nickReleased(claim: user), .nickChanged(user: user, claim: other),
            .nickClaimed(NickClaim(user: user, nick: Nick("carol"), identity: "")),
        ] {
            #expect(roster.take([y.publish(body)]) == [])
        }
        #expect(roster.facts.filter { !$0.hasPrefix("vector") } == before)
    }

    @Test(arguments: [1, 9, 12, 16, 30, 64])
    func substitutesKeepToTheLengthOfANick(nickLengthMax: Int) {
        let roster = Roster(nickLengthMax: nickLengthMax)
        let limit = max(9, nickLengthMax)
        let nick = Nick(String(repeating: "n", count: limit))
        var author = Author("x")
        let user = author.connect(nick.text)
        var given: Set<Nick> = []
        for attempt in 0..<100 {
            let substitute = roster.substitute(for: nick, of: user, attempt: attempt)
            #expect(substitute.text.count <= limit)
            #expect(substitute.text.contains("|"))
            given.insert(substitute)
        }
        #expect(given.count > 90)
    }
}
