// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// After a quiet time all nodes know the same.

import RoostModel
import RoostNode
import RoostRoster

/// By vector, by digest and by content: what no digest covers, and what it might hide.
struct RostersEqual {
    func check(_ machines: [Node]) throws(Violation) {
        guard let first = machines.first else { return }
        let expected = Content(of: first.roster)
        for machine in machines where machine.roster.digest != machine.roster.recountedDigest {
            let node = machine.settings.node
            throw Violation(rule: .rostersEqual, detail: "\(node) tells another digest than its roster has")
        }
        for machine in machines.dropFirst() {
            let pair = "\(first.settings.node) and \(machine.settings.node)"
            if machine.roster.vector != first.roster.vector {
                throw Violation(rule: .rostersEqual, detail: "\(pair) have not applied the same events")
            }
            if let difference = Content(of: machine.roster).difference(from: expected) {
                throw Violation(rule: .rostersEqual, detail: "\(pair) differ in \(difference)")
            }
            if machine.roster.digest != first.roster.digest {
                throw Violation(rule: .rostersEqual, detail: "\(pair) have other digests for the same content")
            }
        }
    }

    /// What is the same on all nodes. Ended births and empty channels are not: they are forgotten here and there.
    private struct Content {
        private let users: [Snapshot.UserEntry]
        private let claims: [StandingClaim]
        private let nicks: [UserID: String]
        private let channels: [ChannelName: Snapshot.ChannelEntry]

        init(of roster: Roster) {
            let snapshot = roster.snapshot
            users = snapshot.users
            claims = snapshot.claims
            nicks = roster.users.mapValues(\.nick.text)
            var channels: [ChannelName: Snapshot.ChannelEntry] = [:]
            for var entry in snapshot.channels where !entry.members.isEmpty {
                entry.states.removeLast(entry.states.count - 1)
                channels[entry.name] = entry
            }
            self.channels = channels
        }

        func difference(from other: Self) -> String? {
            if let (ours, theirs) = Self.extra(users, other.users) { return "users: \(theirs) and \(ours)" }
            if let (ours, theirs) = Self.extra(claims, other.claims) { return "claims: \(theirs) and \(ours)" }
            if nicks != other.nicks { return "nicks: \(nicks) and \(other.nicks)" }
            for name in Set(channels.keys).union(other.channels.keys).sorted()
            where channels[name] != other.channels[name] {
                return "\(name): \(String(describing: other.channels[name])) and \(String(describing: channels[name]))"
            }
            return nil
        }

        /// What only one of two lists has; nil where there is nothing.
        private static func extra<Entry: Hashable>(_ ours: [Entry], _ theirs: [Entry]) -> ([Entry], [Entry])? {
            let (left, right) = (Set(ours), Set(theirs))
            if left == right { return nil }
            return (ours.filter { !right.contains($0) }, theirs.filter { !left.contains($0) })
        }
    }
}
