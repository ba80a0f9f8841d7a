// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Changes to a part of the roster that no single event names: what is replicated is rewritten as a whole, everything
// derived from it is derived anew, and people are told of the difference. What these cost grows with the roster; they
// are rare.

import RoostModel

extension Roster {
    /// Rewrites what is replicated and tells what that changed for people's eyes. `reason` is given for those who leave.
    mutating func rewrite(
        reason: (Life) -> String, into changes: inout [RosterChange], _ body: (inout Roster) -> Void
    ) {
        let before = self
        body(&self)
        derive()
        appendDifference(from: before, reason: reason, into: &changes)
    }

    /// Brings all that is derived into line with what is replicated. Changes nothing where events alone made the roster.
    mutating func derive() {
        digestSums = nil
        removals = removals.filter { !covers($0.key) }
        dropWhatIsOver()
        deriveUsers()
        derivePresence()
        invitedTo = [:]
        for name in channels.keys { deriveChannel(name) }
        deriveNicks()
    }

    /// Drops users whose life was ended or whose session another followed, and claims of sessions that are over. Their
    /// memberships go with the channels.
    private mutating func dropWhatIsOver() {
        holds = holds.filter { !isEnded($0.key) }
        for (id, user) in users {
            let session = user.record.session
            if isEnded(user.life) { noteDeparture(of: id, session) }
            if isEnded(user.life) || departures[id].map({ session <= $0 }) ?? false { users[id] = nil }
        }
        departures = departures.filter { users[$0.key] == nil }
        claims = claims.filter { id, claim in
            if let user = users[claim.user] { return user.holds(id) }
            return id == claim.user && departures[id] == nil && !isEnded(id.life)
        }
    }

    private mutating func deriveUsers() {
        population = [:]
        users = users.mapValues { user in
            var user = user
            user.channels = []
            user.pendingClaims = []
            return user
        }
        for user in users.values { population[user.life, default: 0] += 1 }
        newcomers = []
        claimants = [:]
        for claim in claims.values {
            claimants[stem(of: claim.nick), default: []].append(claim.id)
            if let user = users[claim.user] {
                if user.record.claim != claim.id { users[claim.user]?.pendingClaims.append(claim.id) }
            } else {
                newcomers.insert(claim.id)
            }
        }
    }

    /// Hides the users of the lives that are hidden, and no others.
    mutating func derivePresence() {
        for (id, user) in users where user.isHidden != hiddenLives.contains(user.life) {
            users[id]?.isHidden = !user.isHidden
        }
        hiddenCount = hiddenLives.isEmpty ? 0 : users.values.count { $0.isHidden }
    }

    private mutating func deriveChannel(_ name: ChannelName) {
        guard var channel = channels.removeValue(forKey: name), !channel.states.isEmpty else { return }
        channel.members = Dictionary(
            uniqueKeysWithValues: channel.members.compactMap { id, tags in
                guard let user = users[id] else { return nil }
                let standing = tags.filter { user.holds($0.id) }
                return standing.isEmpty ? nil : (id, standing)
            })
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
                present.contains($0.key) || isAwaited($0.key, in: name)
            }
            for user in channel.states[index].invited.keys { invitedTo[user, default: []].insert(name) }
        }
        _ = channel.rank()
        channels[name] = channel
    }

    mutating func deriveNicks() {
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
