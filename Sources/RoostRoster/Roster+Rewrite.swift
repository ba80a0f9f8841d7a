// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Changes to a part of the roster that no single event names: what is replicated is rewritten as a whole, everything
// derived from it is derived anew, and people are told of the difference. What these cost grows with the roster; they
// are rare.

import RoostModel

extension Roster {
    /// Rewrites what is replicated, or who is hidden, and tells what that changed for people's eyes. `reason` is given
    /// for those who leave.
    mutating func rewrite(
        reason: String, into changes: inout [RosterChange], _ body: (inout Roster) -> Void
    ) {
        let before = self
        body(&self)
        derive()
        appendDifference(from: before, reason: reason, into: &changes)
    }

    /// Brings all that is derived into line with what is replicated. Changes nothing where events alone made the roster.
    mutating func derive() {
        removals = removals.filter { !vector.covers($0) }
        deriveUsers()
        invitedTo = [:]
        for name in channels.keys { deriveChannel(name) }
        deriveNicks()
    }

    private mutating func deriveUsers() {
        hiddenCount = 0
        for id in users.keys {
            guard let user = users[id] else { continue }
            let isHidden = hiddenNodes.contains(user.node)
            if isHidden { hiddenCount += 1 }
            users[id]?.isHidden = isHidden
            users[id]?.channels = []
            users[id]?.pendingClaims = []
        }
        claimants = [:]
        for claim in claims.values {
            claimants[Self.stem(of: claim.nick), default: []].append(claim.id)
            if let user = users[claim.user], user.record.claim != claim.id {
                users[claim.user]?.pendingClaims.append(claim.id)
            }
        }
    }

    private mutating func deriveChannel(_ name: ChannelName) {
        guard var channel = channels.removeValue(forKey: name), !channel.states.isEmpty else { return }
        channel.members = channel.members.filter { users[$0.key] != nil && !$0.value.isEmpty }
        channel.population = [:]
        var present: Set<EventID> = []
        for (user, tags) in channel.members {
            users[user]?.channels.insert(name)
            for tag in tags {
                present.insert(tag.id)
                channel.population[tag.birth, default: 0] += 1
            }
        }
        let ended = channel.ended
        for index in channel.states.indices {
            if let ended, channel.states[index].birth.time < ended { channel.states[index].ended = ended }
            channel.states[index].statuses = channel.states[index].statuses.filter {
                present.contains($0.key) || isAwaited($0.key)
            }
            channel.states[index].invited = channel.states[index].invited.filter { !isGone($0.key) }
            for user in channel.states[index].invited.keys { invitedTo[user, default: []].insert(name) }
        }
        _ = channel.rank()
        channels[name] = channel
    }

    private mutating func deriveNicks() {
        nicks = [:]
        for (user, nick) in claimants.keys.flatMap({ assignments(of: $0) }) {
            nicks[nick.folded] = user
            users[user]?.nick = nick
            users[user]?.refreshPrefix()
        }
    }
}
