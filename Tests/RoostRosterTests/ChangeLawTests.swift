// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The laws of what people see: the changes, believed one after the other, lead to what the roster shows, and none of
// them is impossible; hiding a node touches nothing that is replicated. Histories from seeds.

import RoostModel
import Testing

@testable import RoostRoster

struct ChangeLawTests {
    @Test(arguments: 0..<History.count)
    func whoBelievesTheChangesOfEventsSeesTheRoster(seed: Int) {
        let history = History.of(seed)
        var random = SeededRandom(seed: UInt64(seed))
        var (roster, view) = (Roster(), ObserverView())
        for event in history.interleaving(of: history.end, &random) {
            var changes: [RosterChange] = []
            roster.begin(event.id.epoch, of: event.id.node, into: &changes)
            #expect(view.take(changes, roster) == [], "before \(event)")
            changes = []
            roster.apply(event, into: &changes)
            #expect(view.take(changes, roster) == [], "after \(event)")
        }
    }

    @Test(arguments: 0..<History.count)
    func whoBelievesTheChangesOfMergesSeesTheRoster(seed: Int) {
        let history = History.of(seed)
        var random = SeededRandom(seed: UInt64(seed))
        var (roster, view) = (Roster(), ObserverView())
        for _ in 0..<6 {
            let other = history.roster(at: history.randomCut(&random), &random)
            var changes: [RosterChange] = []
            roster.merge(other.snapshot, into: &changes)
            #expect(view.take(changes, roster) == [])
            let hidden = history.lives.filter { _ in Int.random(in: 0..<3, using: &random) == 0 }
            changes = []
            roster.setHidden(Set(hidden), reason: "out of reach", into: &changes)
            #expect(view.take(changes, roster) == [])
        }
    }

    @Test(arguments: 0..<History.count)
    func hidingANodeTouchesNothingThatIsReplicated(seed: Int) {
        let history = History.of(seed)
        var random = SeededRandom(seed: UInt64(seed))
        var (roster, hiding, view) = (Roster(), Roster(), ObserverView())
        for event in history.interleaving(of: history.end, &random) {
            var (ignored, changes): ([RosterChange], [RosterChange]) = ([], [])
            hiding.begin(event.id.epoch, of: event.id.node, into: &changes)
            #expect(view.take(changes, hiding) == [], "before \(event)")
            changes = []
            roster.apply(event, into: &ignored)
            hiding.apply(event, into: &changes)
            #expect(view.take(changes, hiding) == [], "after \(event)")
            guard Int.random(in: 0..<12, using: &random) == 0,
                let life = history.lives.randomElement(using: &random)
            else { continue }
            changes = []
            if Bool.random(using: &random) {
                hiding.hide(life, reason: "out of reach", into: &changes)
                #expect(hiding.users.values.allSatisfy { $0.life != life || $0.isHidden })
            } else {
                hiding.reveal(life, into: &changes)
            }
            #expect(view.take(changes, hiding) == [], "after hiding or revealing \(life)")
            #expect(difference(roster.facts, hiding.facts) == [])
            #expect(roster.digest == hiding.digest)
        }
        for life in history.lives {
            var changes: [RosterChange] = []
            hiding.reveal(life, into: &changes)
            #expect(view.take(changes, hiding) == [])
        }
        #expect(difference(roster.text, hiding.text) == [])
        #expect(view == ObserverView(roster))
    }

    @Test(arguments: 0..<History.count)
    func noTwoUsersGoByOneNick(seed: Int) {
        let history = History.of(seed)
        var random = SeededRandom(seed: UInt64(seed))
        let roster = history.roster(at: history.randomCut(&random), &random)
        let nicks = roster.users.values.map(\.nick)
        #expect(Set(nicks).count == nicks.count)
        for user in roster.users.values {
            #expect(roster.user(named: user.nick)?.id == user.id)
            #expect(user.prefix == "\(user.nick.text)!\(user.record.userName)@\(user.profile.host)")
            #expect(user.nick.text.utf8.count <= 33)
            #expect(user.nick.text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "|") })
        }
    }
}
