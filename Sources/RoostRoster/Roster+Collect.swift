// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Forgetting what nobody needs any more: births of channels that nobody is in, holds, lives that are over, invitations
// to those who are gone. When that is done is each node's own affair: it changes nothing that people see, and nothing
// that goes into the digest.

import RoostModel

extension Roster {
    /// How long the state of a birth that nobody is in is kept for a join under it that may still be on its way.
    static let emptyBirthKept = Duration.seconds(60)
    /// How long it is remembered that a channel was ended, so that a node cut off for long does not bring back what went
    /// before.
    static let endingKept = Duration.seconds(24 * 3_600)
    /// How long it is remembered of whoever is gone, user or life, lest a node cut off for long bring it back.
    static let departureKept = Duration.seconds(24 * 3_600)
    /// How long an invitation to somebody who is not there is kept, for a take-over that may be on its way.
    static let invitationKept = Duration.seconds(3_600)

    /// Forgets what need not be remembered any longer: the state of births that ended, or lost, a minute ago, and that a
    /// channel was ended, a hold over, a life or a user gone a day ago. Costs a look at each channel, and at each user who
    /// is invited somewhere.
    public mutating func collect(at wall: WallTime) {
        collectLives(at: wall)
        collectInvitations(at: wall)
        for (name, channel) in channels where channel.states.count > 1 || channel.state.ended != nil {
            var kept = channel.states.filter { !channel.isForgettable($0, after: Self.emptyBirthKept, at: wall) }
            if let ended = channel.ended, !kept.contains(where: { $0.ended != nil }),
                !Self.isOlder(ended, than: Self.endingKept, at: wall),
                let last = channel.states.filter({ $0.ended != nil }).max(by: { $0.birth < $1.birth })
            {
                // One birth is enough to tell of the end.
                var memory = ChannelState(birth: last.birth, name: last.name)
                memory.ended = ended
                kept.append(memory)
            }
            if kept != channel.states { replaceStates(of: name, by: kept) }
        }
    }

    /// The states that stay keep their order, so the birth in force stays the same where anybody is there.
    private mutating func replaceStates(of name: ChannelName, by kept: [ChannelState]) {
        redigest(name)
        let before = channels[name]?.states ?? []
        if kept.isEmpty {
            channels[name] = nil
        } else {
            channels[name]?.states = kept
        }
        for user in before.flatMap(\.invited.keys) where !kept.contains(where: { $0.invited[user] != nil }) {
            forgetInvitations(of: user, to: name)
        }
    }

    // MARK: Lives

    private mutating func collectLives(at wall: WallTime) {
        let populated = populatedLives
        holds = holds.filter { life, until in
            populated.contains(life) || !Self.isOlder(until, than: Self.departureKept, at: wall)
        }
        departures = departures.filter { !Self.isOlder($0.value.since, than: Self.departureKept, at: wall) }
        var isAnyForgotten = false
        for (node, position) in vector.positions {
            let horizon = horizon(of: node, living: position.epoch, populated, at: wall)
            guard let horizon, formerLives.horizons[node].map({ $0 < horizon }) ?? true else { continue }
            formerLives.forget(before: horizon, of: node)
            isAnyForgotten = true
        }
        guard isAnyForgotten else { return }
        endings = endings.filter { !formerLives.isForgotten($0.key) }
        derive()
    }

    /// The first life of a node that must be remembered: it owns somebody, or the next has not lasted for long enough
    /// that nobody can have missed its end. Nil where not even the oldest known has.
    private func horizon(
        of node: NodeID, living epoch: Epoch, _ populated: Set<Life>, at wall: WallTime
    ) -> Epoch? {
        let present = Life(node: node, epoch: epoch)
        let former = Set(formerLives.last.keys).union(endings.keys).filter { $0.node == node && $0 < present }
        var horizon: Epoch?
        for life in former.sorted() + [present] {
            let began = WallTime(milliseconds: life.epoch.rawValue)
            guard Self.isOlder(began, than: Self.departureKept, at: wall) else { break }
            horizon = life.epoch
            let isEndFresh = endings[life].map { !Self.isOlder($0, than: Self.departureKept, at: wall) } ?? false
            if populated.contains(life) || isEndFresh { break }
        }
        return horizon
    }

    // MARK: Invitations

    private mutating func collectInvitations(at wall: WallTime) {
        absentees = absentees.filter { users[$0.key] == nil && invitedTo[$0.key] != nil }
        for (user, names) in invitedTo where users[user] == nil {
            guard let since = absentees[user] else {
                absentees[user] = wall
                continue
            }
            guard Self.isOlder(since, than: Self.invitationKept, at: wall) else { continue }
            for name in names {
                redigest(name)
                for index in channels[name]?.states.indices ?? 0..<0 {
                    channels[name]?.states[index].invited[user] = nil
                }
            }
            invitedTo[user] = nil
            absentees[user] = nil
        }
    }

    fileprivate static func isOlder(_ time: WallTime, than age: Duration, at wall: WallTime) -> Bool {
        let milliseconds = Int64(clamping: wall.milliseconds) - Int64(clamping: time.milliseconds)
        return Duration.milliseconds(milliseconds) > age
    }

    fileprivate static func isOlder(_ time: HybridTime, than age: Duration, at wall: WallTime) -> Bool {
        isOlder(time.wall, than: age, at: wall)
    }
}

extension Channel {
    /// Whether nobody is in a birth and it has been ended, or has been older than the one in force, for so long.
    fileprivate func isForgettable(_ state: ChannelState, after age: Duration, at wall: WallTime) -> Bool {
        guard population[state.birth] == nil else { return false }
        if let ended = state.ended { return Roster.isOlder(ended, than: age, at: wall) }
        return state.birth != self.state.birth && Roster.isOlder(state.birth.time, than: age, at: wall)
    }
}
