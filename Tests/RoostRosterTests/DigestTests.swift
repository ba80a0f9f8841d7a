// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Aim: the digest that is kept is always the one that the content gives. Method: histories from seeds, the digest kept
// from some moment on and asked for now and then, and counted anew after each step.

import RoostModel
import Testing

@testable import RoostRoster

struct DigestTests {
    @Test(arguments: 0..<History.count)
    func theDigestIsKeptThroughEvents(seed: Int) {
        let history = History.of(seed)
        var random = SeededRandom(seed: UInt64(seed))
        var roster = Roster()
        var keptCount = 0
        for event in history.interleaving(of: history.end, &random) {
            if roster.digestSums != nil { keptCount += 1 }
            var changes: [RosterChange] = []
            roster.begin(event.id.epoch, of: event.id.node, into: &changes)
            roster.apply(event, into: &changes)
            #expect(roster.digest == roster.recountedDigest, "after \(event)")
            guard Int.random(in: 0..<3, using: &random) == 0 else { continue }
            #expect(roster.refreshDigest() == roster.recountedDigest, "after \(event)")
        }
        #expect(keptCount > 0)
    }

    @Test(arguments: 0..<History.count)
    func theDigestIsKeptThroughMergesHidingAndForgetting(seed: Int) {
        let history = History.of(seed)
        var random = SeededRandom(seed: UInt64(seed))
        var roster = Roster()
        var wall = WallTime(milliseconds: 1_000_000)
        for _ in 0..<6 {
            var changes: [RosterChange] = []
            roster.refreshDigest()
            roster.merge(history.roster(at: history.randomCut(&random), &random).snapshot, into: &changes)
            #expect(roster.digest == roster.recountedDigest)
            roster.refreshDigest()
            let hidden = history.lives.filter { _ in Int.random(in: 0..<3, using: &random) == 0 }
            roster.setHidden(Set(hidden), reason: "out of reach", into: &changes)
            #expect(roster.digest == roster.recountedDigest)
            roster.refreshDigest()
            wall = WallTime(milliseconds: wall.milliseconds + 400_000)
            roster.collect(at: wall)
            #expect(roster.digest == roster.recountedDigest)
        }
    }

    @Test func whatIsUntouchedIsNotCountedAgain() throws {
        let history = History.of(1)
        var random = SeededRandom(seed: 1)
        var roster = Roster()
        var changes: [RosterChange] = []
        for event in history.interleaving(of: history.end, &random) { roster.apply(event, into: &changes) }
        roster.refreshDigest()
        #expect(roster.digestSums?.touched == [])
        let name = try #require(roster.channels.keys.sorted().first)
        roster.redigest(name)
        #expect(roster.digestSums?.touched == [name])
        roster.refreshDigest()
        #expect(roster.digestSums?.touched == [])
    }
}
