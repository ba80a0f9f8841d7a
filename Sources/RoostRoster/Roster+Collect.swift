// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Forgetting births of channels that nobody is in any more. When that is done is each node's own affair: it changes
// nothing that people see, and nothing that goes into the digest.

import RoostModel

extension Roster {
    /// How long the state of a birth that nobody is in is kept for a join under it that may still be on its way.
    static let emptyBirthKept = Duration.seconds(60)
    /// How long it is remembered that a channel was ended, so that a node cut off for long does not bring back what went
    /// before.
    static let endingKept = Duration.seconds(24 * 3_600)

    /// Forgets what need not be remembered any longer: the state of births that ended, or lost, a minute ago, and that a
    /// channel was ended a day ago. Costs a look at each channel.
    public mutating func collect(at wall: WallTime) {
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

    fileprivate static func isOlder(_ time: HybridTime, than age: Duration, at wall: WallTime) -> Bool {
        let milliseconds = Int64(clamping: wall.milliseconds) - Int64(clamping: time.wall.milliseconds)
        return Duration.milliseconds(milliseconds) > age
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
