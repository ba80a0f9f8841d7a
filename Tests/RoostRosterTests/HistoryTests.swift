// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// That the histories hold what the laws are about: without conflicts, they would prove nothing.

import RoostModel
import Testing

@testable import RoostRoster

struct HistoryTests {
    @Test func historiesHoldEveryKindOfConflict() {
        var counts: [String: Int] = [:]
        for seed in 0..<History.count {
            let history = History.of(seed)
            var random = SeededRandom(seed: UInt64(seed))
            var (roster, changes): (Roster, [RosterChange]) = (Roster(), [])
            var found: Set<String> = []
            for event in history.interleaving(of: history.end, &random) {
                let before = roster
                changes = []
                roster.apply(event, into: &changes)
                found.formUnion(Self.conflicts(of: event, changes, before, roster))
            }
            for conflict in found { counts[conflict, default: 0] += 1 }
        }
        for conflict in Self.all {
            #expect(counts[conflict] ?? 0 >= 4, "\(conflict) in \(counts[conflict] ?? 0) histories")
        }
    }

    private static let all = [
        "channel made twice", "channel ended and made again", "ended birth with members", "birth lost force",
        "removed before it came", "status before its join", "kicked", "nick lost", "nick got back", "mask added twice",
        "mask removed", "invited", "new life", "node left", "late write lost", "user left",
        "held", "life ended with users", "taken over", "take-over lost", "taken over after it was gone",
        "departure remembered", "joined under a take-over that was lost", "take-over kicked before it came",
        "kept on while taken over", "left by being taken over",
    ]

    private static func conflicts(
        of event: Event, _ changes: [RosterChange], _ before: Roster, _ after: Roster
    ) -> Set<String> {
        var found: Set<String> = []
        for channel in after.channels.values {
            if channel.states.filter({ channel.population[$0.birth] != nil }).count > 1 {
                found.insert("channel made twice")
            }
            if channel.states.contains(where: { $0.ended != nil }), channel.state.ended == nil {
                found.insert("channel ended and made again")
            }
            if channel.states.contains(where: { $0.ended != nil && !channel.isVoid($0) }) {
                found.insert("ended birth with members")
            }
            let tags = Set(channel.members.values.joined().map(\.id))
            if channel.states.contains(where: { !tags.isSuperset(of: $0.statuses.keys) }) {
                found.insert("status before its join")
            }
            if channel.states.contains(where: { $0.lists.values.contains { $0.values.contains { $0.tags.count > 1 } } })
            {
                found.insert("mask added twice")
            }
            if let old = before.channels[channel.name], old.state.birth != channel.state.birth, !old.members.isEmpty {
                found.insert("birth lost force")
            }
            if !channel.invited.isEmpty { found.insert("invited") }
        }
        if after.removals.count < before.removals.count { found.insert("removed before it came") }
        if let position = before.vector[event.id.node], position.epoch < event.id.epoch { found.insert("new life") }
        if case .nodeLeft = event.body { found.insert("node left") }
        if case .topicChanged(let name, let birth, let text, _) = event.body,
            let topic = after.channels[name]?.states.first(where: { $0.birth == birth })?.topic,
            topic.time > event.time, topic.value.text != text
        {
            found.insert("late write lost")
        }
        found.formUnion(conflictsOfTakeOvers(event, changes, before, after))
        for change in changes {
            switch change {
            case .kicked: found.insert("kicked")
            case .nickChanged(let id, _, _):
                if after.users[id]?.nick != after.claimedNick(of: id) { found.insert("nick lost") }
                if before.users[id]?.nick != before.claimedNick(of: id), event.id.node != id.node {
                    found.insert("nick got back")
                }
            case .modesChanged(_, let modes, _):
                if modes.contains(where: { if case .list(_, _, false) = $0 { true } else { false } }) {
                    found.insert("mask removed")
                }
            case .userLeft: found.insert("user left")
            default: break
            }
        }
        return found
    }

    private static func conflictsOfTakeOvers(
        _ event: Event, _ changes: [RosterChange], _ before: Roster, _ after: Roster
    ) -> Set<String> {
        var found: Set<String> = []
        if after.holds.count > before.holds.count { found.insert("held") }
        if case .lifeEnded(let life) = event.body, before.population[life] != nil {
            found.insert("life ended with users")
        }
        if after.departures.count > before.departures.count { found.insert("departure remembered") }
        if case .joined(let user, _, _, _, _) = event.body, let owner = before.users[user], owner.life != event.id.life
        {
            found.insert("joined under a take-over that was lost")
        }
        guard case .userTakenOver(let takeOver) = event.body else { return found }
        if after.users[takeOver.user]?.introduced != event.id {
            found.insert("take-over lost")
            return found
        }
        found.insert("taken over")
        if before.users[takeOver.user] == nil { found.insert("taken over after it was gone") }
        if before.removals[event.id] != nil { found.insert("take-over kicked before it came") }
        if changes.count == 1, !takeOver.memberships.isEmpty { found.insert("kept on while taken over") }
        if changes.contains(where: { if case .parted = $0 { true } else { false } }) {
            found.insert("left by being taken over")
        }
        return found
    }
}
