// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Parts of a history: how much of each stream was applied, and in which order.

import RoostModel
import RoostRoster

/// How many events of each stream are in a roster.
typealias Cut = [NodeID: Int]

extension History {
    /// The cut that holds everything.
    var end: Cut { streams.mapValues(\.count) }

    /// A cut at random.
    func randomCut(_ random: inout SeededRandom) -> Cut {
        var cut: Cut = [:]
        for author in authors { cut[author.node] = Int.random(in: 0...author.stream.count, using: &random) }
        return cut
    }

    /// The events of a cut, in an order at random that keeps that of each life's stream. The end of a life may come after
    /// the next one of its node has begun.
    func interleaving(of cut: Cut, _ random: inout SeededRandom) -> [Event] {
        var left: [ArraySlice<Event>] = []
        for author in authors {
            var rest = author.stream.prefix(cut[author.node] ?? 0)
            while let life = rest.first?.id.life {
                let end = rest.firstIndex { $0.id.life != life } ?? rest.endIndex
                left.append(rest[..<end])
                rest = rest[end...]
            }
        }
        var events: [Event] = []
        // In runs, as streams arrive; some are held back for long.
        while let index = left.indices.randomElement(using: &random) {
            let run = left[index].prefix(Int.random(in: 1...30, using: &random))
            events += run
            left[index] = left[index].dropFirst(run.count)
            if left[index].isEmpty { left.remove(at: index) }
        }
        return events
    }

    /// A roster that has applied a cut.
    func roster(at cut: Cut, _ random: inout SeededRandom) -> Roster {
        var roster = Roster()
        var changes: [RosterChange] = []
        for event in interleaving(of: cut, &random) { roster.apply(event, into: &changes) }
        return roster
    }
}

/// The higher cut of each stream.
func union(_ left: Cut, _ right: Cut) -> Cut { left.merging(right, uniquingKeysWith: max) }

extension Roster {
    /// A roster that has applied some events, in that order.
    init(_ events: [Event]...) {
        self.init()
        var changes: [RosterChange] = []
        for event in events.joined() { apply(event, into: &changes) }
    }

    /// Applies events and gives what they changed.
    mutating func take(_ events: [Event]) -> [RosterChange] {
        var changes: [RosterChange] = []
        for event in events { apply(event, into: &changes) }
        return changes
    }

    /// Merges a roster at what it knows; for tests of the result alone.
    mutating func merge(_ other: Roster) {
        var changes: [RosterChange] = []
        merge(other.snapshot, into: &changes)
    }
}
