// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Changes to a part of the roster that no single event names: what is replicated is rewritten as a whole, everything
// derived from it is derived anew, and people are told of the difference. What these cost grows with the roster; they
// are rare.

import RoostModel

extension Roster {
    /// Rewrites what is replicated and tells what that changed for people's eyes. `reason` is given
    /// for those who leave.
    mutating func rewrite(
        reason: String, into changes: inout [RosterChange], _ body: (inout Roster) -> Void
    ) {
        let before = self
        body(&self)
        derive()
        appendDifference(from: before, reason: reason, into: &changes)
    }

    /// Hides other nodes than before, and tells what that changed for people's eyes. What is replicated stays as it is.
    mutating func hide(
        _ nodes: Set<NodeID>, reason: String, into changes: inout [RosterChange]
    ) {
        let before = self
        hiddenNodes = nodes
        derivePresence()
        deriveNicks()
        appendDifference(from: before, reason: reason, into: &changes)
    }

    /// Brings all that is derived into line with what is replicated. Changes nothing where events alone made the roster.
    mutating func derive() {
        removals = removals.filter { !vector.covers($0) }
        deriveUsers()
        derivePresence()
        invitedTo = [:]
        for name in channels.keys { deriveChannel(name) }
        deriveNicks()
    }

    private mutating func deriveUsers() {
        users = users.mapValues { user in
            var user = user
            user.channels = []
            user.pendingClaims = []
            return user
        }
        claimants = [:]
        for claim in claims.values {
            claimants[Self.stem(of: claim.nick), default: []].append(claim.id)
            if let user = users[claim.user], user.record.claim != claim.id {
                users[claim.user]?.pendingClaims.append(claim.id)
            }
        }
    }

    /// Hides the users of the nodes that are hidden, and no others.
    private mutating func derivePresence() {
        for (id, user) in users where user.isHidden != hiddenNodes.contains(user.node) {
            users[id]?.isHidden = !user.isHidden
        }
        hiddenCount = hiddenNodes.isEmpty ? 0 : users.values.count { $0.isHidden }
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
        nicks.removeAll(keepingCapacity: true)
        for stem in claimants.keys {
            for (user, nick) in assignments(of: stem) {
                nicks[nick.folded] = user
                if users[user]?.nick.text == nick.text { continue }
                users[user]?.nick = nick
                users[user]?.refreshPrefix()
            }
        }
    }
}
