// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The laws of events: any order that keeps each stream's gives the same roster, and nothing happens twice. Histories
// from seeds are applied in orders from seeds.

import RoostModel
import Testing

@testable import RoostRoster

struct OrderLawTests {
    @Test(arguments: 0..<History.count)
    func anyOrderThatKeepsEachStreamGivesTheSameRoster(seed: Int) {
        let history = History.of(seed)
        var random = SeededRandom(seed: UInt64(seed))
        let first = history.roster(at: history.end, &random)
        for _ in 0..<3 {
            let other = history.roster(at: history.end, &random)
            #expect(difference(first.text, other.text) == [])
            #expect(first.snapshot == other.snapshot)
        }
    }

    @Test(arguments: 0..<History.count)
    func anEventAppliedAgainChangesNothing(seed: Int) {
        let history = History.of(seed)
        var random = SeededRandom(seed: UInt64(seed))
        var roster = Roster()
        var applied: [Event] = []
        for event in history.interleaving(of: history.end, &random) {
            var changes: [RosterChange] = []
            roster.apply(event, into: &changes)
            applied.append(event)
            guard Int.random(in: 0..<20, using: &random) == 0 else { continue }
            let before = roster.text
            var repeated: [RosterChange] = []
            for event in applied.suffix(30) { roster.apply(event, into: &repeated) }
            #expect(repeated == [])
            #expect(difference(before, roster.text) == [])
        }
    }

    @Test(arguments: 0..<History.count)
    func whatEventsDeriveIsWhatTheWholeDerives(seed: Int) {
        let history = History.of(seed)
        var random = SeededRandom(seed: UInt64(seed))
        let events = history.interleaving(of: history.end, &random)
        var roster = Roster()
        var changes: [RosterChange] = []
        for (index, event) in events.enumerated() {
            roster.apply(event, into: &changes)
            guard index % 25 == 0 || index == events.count - 1 else { continue }
            var derived = roster
            derived.derive()
            #expect(difference(roster.text, derived.text) == [])
        }
    }
}
