// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Rosters as text: all that is replicated and all that is derived, a line a fact, so that a difference shows what it is.

import RoostModel

@testable import RoostRoster

extension Roster {
    /// What is replicated, in order.
    var facts: [String] {
        var lines = vector.sorted.map { "vector \($0.node) \($0.position.epoch) \($0.position.sequence)" }
        lines += formerLives.last.sorted { $0.key < $1.key }.map { "former life \($0.key) up to \($0.value)" }
        lines += formerLives.horizons.sorted { $0.key < $1.key }.map { "forgotten \($0.key) before \($0.value)" }
        lines += removals.sorted { $0.key < $1.key }.map { "removed \($0.key) \($0.value.sorted().map(\.folded))" }
        lines += holds.sorted { $0.key < $1.key }.map { "held \($0.key) until \($0.value.milliseconds)" }
        lines += endings.sorted { $0.key < $1.key }.map { "ended \($0.key) at \($0.value.rawValue)" }
        lines += departures.sorted { $0.key < $1.key }.map { "departed \($0.key) in \($0.value)" }
        lines += claims.values.sorted { $0.id < $1.id }.map {
            "claim \($0.id) \($0.nick.text) of \($0.user) as \($0.identity) at \($0.time.rawValue)"
        }
        for user in users.values.sorted(by: { $0.id < $1.id }) {
            lines.append("user \(user.id) introduced \(user.introduced) \(user.record)")
        }
        for (name, channel) in channels.sorted(by: { $0.key < $1.key }) {
            for (user, tags) in channel.members.sorted(by: { $0.key < $1.key }) {
                lines.append("\(name.folded) member \(user) \(tags.map { "\($0.id) by \($0.birth.text)" })")
            }
            for state in channel.states { lines += state.facts.map { "\(name.folded) \(state.birth.text) \($0)" } }
        }
        return lines
    }

    /// What is derived from it, in order. `isHidden` included.
    var derivations: [String] {
        var lines = nicks.sorted { $0.key < $1.key }.map { "nick \($0.key) \($0.value)" }
        lines.append("hidden \(hiddenCount)")
        lines += population.sorted { $0.key < $1.key }.map { "population \($0.key) \($0.value)" }
        lines += newcomers.sorted().map { "newcomer \($0)" }
        for user in users.values.sorted(by: { $0.id < $1.id }) {
            let name = user.isHidden ? "(hidden)" : "\(user.nick.text) \(user.prefix)"
            lines.append(
                "user \(user.id) \(name) in \(user.channels.sorted().map(\.folded)) wants \(user.pendingClaims.sorted())"
            )
        }
        lines += claimants.sorted { $0.key < $1.key }.map { "claimants \($0.key) \($0.value.sorted())" }
        lines += invitedTo.sorted { $0.key < $1.key }.map { "invited \($0.key) \($0.value.sorted().map(\.folded))" }
        for (name, channel) in channels.sorted(by: { $0.key < $1.key }) {
            let population = channel.population.sorted { $0.key < $1.key }.map { "\($0.key.text) \($0.value)" }
            lines.append("\(name.folded) is \(channel.name.text), population \(population)")
        }
        return lines
    }

    /// Both, and the digest.
    var text: [String] { facts + derivations + ["digest \(digest)"] }

    static func substituteForTests(_ nick: String, of user: UserID) -> String {
        Roster().substitute(for: Nick(nick), of: user, attempt: 0).text
    }
}

extension Birth {
    var text: String { "\(node)@\(time.rawValue)" }
}

extension ChannelState {
    fileprivate var facts: [String] {
        var lines = ["named \(name.text) ended \(ended?.rawValue ?? 0)"]
        if let topic { lines.append("topic \(topic)") }
        if let key { lines.append("key \(key)") }
        if let limit { lines.append("limit \(limit)") }
        lines += flags.sorted { $0.key < $1.key }.map { "flag \($0.key) \($0.value)" }
        for (list, masks) in lists.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            lines += masks.sorted { $0.key < $1.key }.map { "\(list) \($0.key) \($0.value)" }
        }
        for (tag, bits) in statuses.sorted(by: { $0.key < $1.key }) {
            lines += bits.sorted { $0.key < $1.key }.map { "status \(tag) \($0.key) \($0.value)" }
        }
        lines += invited.sorted { $0.key < $1.key }.map { "invited \($0.key) \($0.value.sorted())" }
        return lines
    }
}

/// What differs between two texts; empty where they are the same.
func difference(_ left: [String], _ right: [String]) -> [String] {
    let (leftSet, rightSet) = (Set(left), Set(right))
    return left.filter { !rightSet.contains($0) }.map { "- \($0)" }
        + right.filter { !leftSet.contains($0) }.map { "+ \($0)" }
        + (left != right && leftSet == rightSet ? ["~ another order"] : [])
}
