// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Memberships, and which birth of a channel is in force. All channel state belongs to a birth and falls with it: that
// is what keeps a partition from making anybody operator of a channel that others hold.

import RoostModel

extension Roster {
    /// How long the content of an ended birth is kept for a join under it that may still be on its way.
    static let endedContentKept = Duration.seconds(60)
    /// How long it is remembered that a birth was ended, so that a node cut off for long does not bring it back.
    static let endingKept = Duration.seconds(24 * 3_600)

    // MARK: Memberships

    mutating func join(
        _ id: UserID, _ name: ChannelName, tag: MembershipTag, status: MemberStatus, at time: HybridTime,
        into changes: inout [RosterChange]
    ) {
        if removals.contains(tag.id) {
            // Kicked before it was seen to join.
            write(to: name, tag.birth, into: &changes) { _ in nil }
            return
        }
        guard let user = users[id] else { return }
        ensure(name)
        let isNew = channels[name]?.members[id] == nil
        channels[name]?.members[id, default: []].append(tag)
        users[id]?.channels.insert(name)
        write(to: name, tag.birth, into: &changes) { state in
            for entry in MemberStatus.all where status.contains(entry.status) {
                _ = state.statuses[tag.id, default: [:]][entry.status.rawValue].merge(
                    Register(true, time: time, node: tag.id.node))
            }
            return nil
        }
        // An ended birth that somebody joins after all counts again.
        if channels[name]?.states.first?.birth != tag.birth { settleBirth(of: name, into: &changes) }
        if isNew, !user.isHidden { changes.append(.joined(id, name)) }
    }

    /// Removes tags of a membership; those not seen yet are remembered. Says whether a visible user was a member and is
    /// none any more.
    mutating func leave(
        _ id: UserID, _ name: ChannelName, tags: [EventID], into changes: inout [RosterChange]
    ) -> Bool {
        for tag in tags {
            if !vector.covers(tag) { removals.insert(tag) }
            forgetStatus(of: tag, in: name)
        }
        guard var left = channels[name]?.members[id] else { return false }
        left.removeAll { tags.contains($0.id) }
        if !left.isEmpty {
            channels[name]?.members[id] = left
            return false
        }
        channels[name]?.members[id] = nil
        users[id]?.channels.remove(name)
        return users[id]?.isHidden == false
    }

    mutating func forgetStatus(of tag: EventID, in name: ChannelName) {
        guard let channel = channels[name] else { return }
        for index in channel.states.indices where channel.states[index].statuses[tag] != nil {
            channels[name]?.states[index].statuses[tag] = nil
        }
    }

    // MARK: Births

    private mutating func ensure(_ name: ChannelName) {
        if channels[name] == nil { channels[name] = Channel(name: name, states: []) }
    }

    /// Writes to the state of a birth, unless that birth has lost to another. What `body` gives is seen only where the
    /// birth is the one in force.
    mutating func write(
        to name: ChannelName, _ birth: Birth, into changes: inout [RosterChange],
        _ body: (inout ChannelState) -> RosterChange?
    ) {
        ensure(name)
        if channels[name]?.states.contains(where: { $0.birth == birth }) == false {
            channels[name]?.states.append(ChannelState(birth: birth))
            settleBirth(of: name, into: &changes)
        }
        guard let index = channels[name]?.states.firstIndex(where: { $0.birth == birth }) else { return }
        // In place: a copy of the state here would cost as much as the channel has members.
        guard let change = channels[name]?.withState(at: index, body) ?? nil else { return }
        if index == 0 { changes.append(change) }
    }

    mutating func end(_ name: ChannelName, _ birth: Birth, at time: HybridTime, into changes: inout [RosterChange]) {
        write(to: name, birth, into: &changes) { state in
            state.ended = max(state.ended ?? time, time)
            return nil
        }
        settleBirth(of: name, into: &changes)
    }

    /// Puts the birth in force first: the oldest that was not ended, or that was and has members all the same.
    ///
    /// All births are remembered, those that lost too: were they dropped, a node that learns of the winner's end before
    /// it learns of the loser would keep what others have dropped.
    mutating func settleBirth(of name: ChannelName, into changes: inout [RosterChange]) {
        guard let channel = channels[name], channel.states.count > 1 else { return }
        let before = channel.states[0]
        if before.ended == nil, channel.states.allSatisfy({ $0.birth >= before.birth }) { return }
        var populated: Set<Birth> = []
        for (user, tags) in channel.members where users[user]?.isHidden == false {
            populated.formUnion(tags.map(\.birth))
        }
        let ranked = channel.states.sorted {
            let (left, right) = (isVoid($0, populated), isVoid($1, populated))
            return left == right ? $0.birth < $1.birth : !left
        }
        guard ranked[0].birth != before.birth else { return }
        channels[name]?.states = ranked
        appendDifference(of: name, from: before, into: &changes)
    }

    /// The same after somebody left, which takes the birth in force out of it only if that was ended.
    mutating func settleBirthLeft(in name: ChannelName, into changes: inout [RosterChange]) {
        if channels[name]?.states.first?.ended != nil { settleBirth(of: name, into: &changes) }
    }

    private func isVoid(_ state: ChannelState, _ populated: Set<Birth>) -> Bool {
        state.ended != nil && !populated.contains(state.birth)
    }

    /// What people see change when the state in force was another before.
    mutating func appendDifference(
        of name: ChannelName, from before: ChannelState, into changes: inout [RosterChange]
    ) {
        guard let channel = channels[name] else { return }
        let after = channel.state
        var modes: [VisibleMode] = []
        let (oldFlags, newFlags) = (before.setFlags, after.setFlags)
        for entry in ChannelFlags.letters where oldFlags.contains(entry.flag) != newFlags.contains(entry.flag) {
            modes.append(.flag(entry.flag, isSet: newFlags.contains(entry.flag)))
        }
        let (oldKey, newKey) = (before.key?.value ?? nil, after.key?.value ?? nil)
        if oldKey != newKey { modes.append(.key(newKey, before: oldKey)) }
        let (oldLimit, newLimit) = (before.limit?.value ?? nil, after.limit?.value ?? nil)
        if oldLimit != newLimit { modes.append(.limit(newLimit)) }
        for list in MaskList.allCases {
            let (old, new) = (Set((before.lists[list] ?? [:]).keys), Set((after.lists[list] ?? [:]).keys))
            for mask in old.subtracting(new).sorted() { modes.append(.list(list, mask: mask, isSet: false)) }
            for mask in new.subtracting(old).sorted() { modes.append(.list(list, mask: mask, isSet: true)) }
        }
        for (id, tags) in channel.members.sorted(by: { $0.key < $1.key }) where users[id]?.isHidden == false {
            var (old, new): (MemberStatus, MemberStatus) = ([], [])
            for tag in tags {
                old.formUnion(before.status(of: tag.id))
                new.formUnion(after.status(of: tag.id))
            }
            for entry in MemberStatus.all where old.contains(entry.status) != new.contains(entry.status) {
                modes.append(.status(entry.status, user: id, isSet: new.contains(entry.status)))
            }
        }
        if !modes.isEmpty { changes.append(.modesChanged(name, modes, by: nil)) }
        if (before.topic?.value.text ?? "") != (after.topic?.value.text ?? "") {
            changes.append(.topicChanged(name, by: nil))
        }
    }

    // MARK: Housekeeping

    /// Forgets what need not be remembered any longer: the content of births ended a minute ago, and endings of a day
    /// ago.
    public mutating func collect(at wall: WallTime) {
        func isOlder(_ time: HybridTime, than kept: Duration) -> Bool {
            let age = Int64(clamping: wall.milliseconds) - Int64(clamping: time.wall.milliseconds)
            return age > kept.components.seconds * 1_000
        }
        for (name, channel) in channels where channel.states.contains(where: { $0.ended != nil }) {
            let populated = Set(channel.members.values.flatMap { $0.map(\.birth) })
            var states: [ChannelState] = []
            for (index, state) in channel.states.enumerated() {
                guard let ended = state.ended, !populated.contains(state.birth) else {
                    states.append(state)
                    continue
                }
                if isOlder(ended, than: Self.endingKept), index > 0 || channel.members.isEmpty { continue }
                var kept = state
                if index > 0 || channel.members.isEmpty, isOlder(ended, than: Self.endedContentKept) {
                    kept = ChannelState(birth: state.birth)
                    kept.ended = ended
                }
                states.append(kept)
            }
            if states.isEmpty {
                channels[name] = nil
            } else if states != channel.states {
                channels[name]?.states = states
            }
        }
    }
}
