// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The laws of snapshots: merging commutes, associates, repeats harmlessly, and gives what all the events would have
// given. Rosters at random cuts of histories from seeds are merged.

import RoostModel
import Testing

@testable import RoostRoster

struct MergeLawTests {
    @Test(arguments: 0..<History.count)
    func aMergeGivesWhatTheEventsOfBothGive(seed: Int) {
        let history = History.of(seed)
        var random = SeededRandom(seed: UInt64(seed))
        for _ in 0..<4 {
            let (a, b) = (history.randomCut(&random), history.randomCut(&random))
            var merged = history.roster(at: a, &random)
            let other = history.roster(at: b, &random)
            merged.merge(other)
            let expected = history.roster(at: union(a, b), &random)
            #expect(difference(expected.text, merged.text) == [])
            #expect(merged.snapshot == expected.snapshot)
        }
    }

    @Test(arguments: 0..<History.count)
    func mergesCommuteAssociateAndRepeatHarmlessly(seed: Int) {
        let history = History.of(seed)
        var random = SeededRandom(seed: UInt64(seed))
        let (a, b, c) = (
            history.roster(at: history.randomCut(&random), &random),
            history.roster(at: history.randomCut(&random), &random),
            history.roster(at: history.randomCut(&random), &random)
        )
        var ab = a
        ab.merge(b)
        var ba = b
        ba.merge(a)
        #expect(difference(ab.text, ba.text) == [])

        var left = ab
        left.merge(c)
        var bc = b
        bc.merge(c)
        var right = a
        right.merge(bc)
        #expect(difference(left.text, right.text) == [])

        for other in [a, b, ab] {
            var again = ab
            var changes: [RosterChange] = []
            again.merge(other.snapshot, into: &changes)
            #expect(changes == [])
            #expect(difference(ab.text, again.text) == [])
        }
    }

    @Test(arguments: 0..<History.count)
    func eventsAndSnapshotsMixed(seed: Int) {
        let history = History.of(seed)
        var random = SeededRandom(seed: UInt64(seed))
        var (cut, roster, changes): (Cut, Roster, [RosterChange]) = ([:], Roster(), [])
        for _ in 0..<12 {
            if Bool.random(using: &random) {
                let other = history.randomCut(&random)
                roster.merge(history.roster(at: other, &random))
                cut = union(cut, other)
            } else if let author = history.authors.randomElement(using: &random) {
                let from = cut[author.node] ?? 0
                let to = min(author.stream.count, from + 15)
                for event in author.stream[from..<to] { roster.apply(event, into: &changes) }
                cut[author.node] = to
            }
        }
        let expected = history.roster(at: cut, &random)
        #expect(difference(expected.text, roster.text) == [])
    }

    @Test(arguments: 0..<History.count)
    func theLostEndOfALifeComesWithASnapshot(seed: Int) {
        // A node restarts before all of its life was heard here. Others heard it.
        let history = History.of(seed)
        var random = SeededRandom(seed: UInt64(seed))
        let whole = history.roster(at: history.end, &random)
        let lost = Dictionary(
            history.lives.map { ($0, UInt64.random(in: 0...60, using: &random)) },
            uniquingKeysWith: { first, _ in first })
        var (roster, changes): (Roster, [RosterChange]) = (Roster(), [])
        for event in history.interleaving(of: history.end, &random) {
            let isLast = history.authors.contains { $0.life == event.id.life }
            if !isLast, event.id.sequence > lost[event.id.life] ?? 0 { continue }
            roster.apply(event, into: &changes)
        }
        var merged = roster
        merged.merge(whole)
        #expect(difference(whole.text, merged.text) == [])
        merged = whole
        merged.merge(roster)
        #expect(difference(whole.text, merged.text) == [])
    }

    @Test(arguments: 0..<History.count)
    func nobodyGainsByAMergeWhatNobodyGave(seed: Int) {
        // Every operator, ban and invitation of a merged roster was given, by an event, under the birth in force.
        let history = History.of(seed)
        var random = SeededRandom(seed: UInt64(seed))
        var given: Set<String> = []
        for event in history.streams.values.joined() { given.formUnion(event.gifts) }
        var merged = history.roster(at: history.randomCut(&random), &random)
        merged.merge(history.roster(at: history.randomCut(&random), &random))
        for channel in merged.channels.values {
            let birth = channel.state.birth.text
            for tag in channel.members.values.joined() {
                for entry in MemberStatus.all where channel.state.status(of: tag.id).contains(entry.status) {
                    #expect(given.contains("\(birth) \(entry.letter) \(tag.id)"))
                }
            }
            for (list, masks) in channel.state.lists {
                for tag in masks.values.flatMap(\.tags) { #expect(given.contains("\(birth) \(list) \(tag)")) }
            }
            for invitation in channel.invited.values.joined() {
                #expect(given.contains("\(birth) invitation \(invitation)"))
            }
        }
    }
}

extension Event {
    /// What the event gives to somebody, with the birth under which it does.
    fileprivate var gifts: [String] {
        switch body {
        case .joined(_, _, let birth, let status, _):
            return MemberStatus.all.filter { status.contains($0.status) }.map { "\(birth.text) \($0.letter) \(id)" }
        case .invited(_, _, let birth, _):
            return ["\(birth.text) invitation \(id)"]
        case .modesChanged(_, let birth, let facts, _):
            return facts.compactMap { fact in
                switch fact {
                case .status(let status, _, let tag, true):
                    return MemberStatus.all.first { $0.status == status }.map { "\(birth.text) \($0.letter) \(tag)" }
                case .listAdded(let list, _):
                    return "\(birth.text) \(list) \(id)"
                default: return nil
                }
            }
        case .userTakenOver(let takeOver):
            return takeOver.memberships.flatMap { membership in
                MemberStatus.all.filter { membership.status.contains($0.status) }.map {
                    "\(membership.birth.text) \($0.letter) \(id)"
                }
            }
        default: return []
        }
    }
}
