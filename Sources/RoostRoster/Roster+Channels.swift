// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Memberships, invitations, and which birth of a channel is in force. All channel state belongs to a birth and falls
// with it: that is what keeps a partition from making anybody operator of a channel that others hold.
//
// A birth that lost is kept out of force with its state, because what it lost to can be taken back: the older birth was
// ended by a node that knew nothing of the younger one. `Roster+Collect.swift` forgets it when nobody is in it.

import RoostModel

extension Roster {
    // MARK: Memberships

    mutating func join(
        _ id: UserID, _ name: ChannelName, tag: MembershipTag, status: MemberStatus, at time: HybridTime,
        into changes: inout [RosterChange]
    ) {
        if isRemoved(tag.id, in: name) {
            // Kicked before it was seen to join.
            disregard(tag, in: name, into: &changes)
            return
        }
        write(status, to: tag.id, in: name, tag.birth, at: time, into: &changes)
        let isNew = channels[name]?.members[id] == nil
        let before = channels[name]?.status(of: id) ?? []
        channels[name]?.insert(tag, of: id)
        users[id]?.channels.insert(name)
        if !isNew { appendStatus(of: id, in: name, before: before, into: &changes) }
        // An ended birth that somebody joins counts again.
        settleBirth(of: name, newcomer: isNew ? id : nil, into: &changes)
        if isNew, isVisible(id) { changes.append(.joined(id, name)) }
    }

    /// A tag came that has no effect. Its birth is known from it all the same, and whatever status waited for it is
    /// void.
    mutating func disregard(_ tag: MembershipTag, in name: ChannelName, into changes: inout [RosterChange]) {
        write(to: name, tag.birth, into: &changes) { _ in nil }
        channels[name]?.forgetStatus(of: tag.id)
    }

    /// Writes the status that a tag has from the start.
    mutating func write(
        _ status: MemberStatus, to tag: EventID, in name: ChannelName, _ birth: Birth, at time: HybridTime,
        into changes: inout [RosterChange]
    ) {
        write(to: name, birth, into: &changes) { state in
            for entry in MemberStatus.all where status.contains(entry.status) {
                _ = state.statuses[tag, default: [:]][entry.status.rawValue].merge(
                    Register(true, time: time, node: tag.node))
            }
            return nil
        }
    }

    /// Removes tags of a membership; those not seen yet are remembered. `change` tells of it where it ends the
    /// membership of somebody whom people see.
    mutating func leave(
        _ id: UserID, _ name: ChannelName, tags: [EventID], as change: RosterChange,
        into changes: inout [RosterChange]
    ) {
        redigest(name)
        removeAhead(tags, in: name)
        let wasMember = channels[name]?.members[id] != nil
        let before = channels[name]?.status(of: id) ?? []
        channels[name]?.remove(tags, of: id)
        guard wasMember else { return }
        if channels[name]?.members[id] != nil {
            appendStatus(of: id, in: name, before: before, into: &changes)
        } else {
            users[id]?.channels.remove(name)
            if isVisible(id) { changes.append(change) }
        }
        settleBirth(of: name, into: &changes)
    }

    // MARK: Invitations

    mutating func invite(
        _ id: UserID, to name: ChannelName, _ birth: Birth, by: Actor, invitation: EventID,
        into changes: inout [RosterChange]
    ) {
        // Somebody who is not there may come, or be taken over by a node that this one has not heard of yet.
        let stands = !isRemoved(invitation, in: name)
        let isVisible = isVisible(id)
        write(to: name, birth, into: &changes) { state in
            guard stands else { return nil }
            state.invited[id, default: []].insert(invitation)
            return isVisible ? .invited(id, name, by: by) : nil
        }
        if stands { invitedTo[id, default: []].insert(name) }
    }

    mutating func useUp(_ invitations: [EventID], of id: UserID, to name: ChannelName) {
        removeAhead(invitations, in: name)
        guard !invitations.isEmpty, invitedTo[id]?.contains(name) == true, let states = channels[name]?.states
        else { return }
        redigest(name)
        var isInvited = false
        for index in states.indices {
            guard var left = states[index].invited[id] else { continue }
            left.subtract(invitations)
            channels[name]?.states[index].invited[id] = left.isEmpty ? nil : left
            isInvited = isInvited || !left.isEmpty
        }
        if !isInvited { forgetInvitations(of: id, to: name) }
    }

    /// Takes a channel from those that a user is invited to.
    mutating func forgetInvitations(of id: UserID, to name: ChannelName) {
        invitedTo[id]?.remove(name)
        if invitedTo[id]?.isEmpty == true { invitedTo[id] = nil }
    }

    // MARK: Births

    /// Writes to the state of a birth. What `body` gives is seen only where the birth is the one in force.
    mutating func write(
        to name: ChannelName, _ birth: Birth, into changes: inout [RosterChange],
        _ body: (inout ChannelState) -> RosterChange?
    ) {
        redigest(name)
        if channels[name] == nil {
            channels[name] = Channel(ChannelState(birth: birth, name: name))
        } else if channels[name]?.states.contains(where: { $0.birth == birth }) == false {
            channels[name]?.insert(birth, named: name)
            settleBirth(of: name, into: &changes)
        }
        guard let index = channels[name]?.states.firstIndex(where: { $0.birth == birth }) else { return }
        // In place: a copy of the state here would cost as much as the channel has members.
        guard let change = channels[name]?.withState(at: index, body) ?? nil else { return }
        if index == 0 { changes.append(change) }
    }

    /// Ends a channel: every birth before that moment counts no more, unless somebody is there by it whom the ending
    /// node did not see.
    mutating func end(_ name: ChannelName, _ birth: Birth, at time: HybridTime, into changes: inout [RosterChange]) {
        write(to: name, birth, into: &changes) { _ in nil }
        channels[name]?.end(at: time)
        settleBirth(of: name, into: &changes)
    }

    /// Puts the birth in force first, and tells what that changed. To `newcomer`'s status nothing is told: it is shown
    /// with the join.
    mutating func settleBirth(of name: ChannelName, newcomer: UserID? = nil, into changes: inout [RosterChange]) {
        redigest(name)
        guard let before = channels[name]?.states, before.count > 1, channels[name]?.rank() == true else { return }
        guard let channel = channels[name] else { return }
        var modes = channel.state.difference(from: before[0])
        for (id, tags) in channel.members.sorted(by: { $0.key < $1.key }) where id != newcomer && isVisible(id) {
            modes += VisibleMode.changes(
                of: id, from: before[0].status(of: tags), to: channel.state.status(of: tags))
        }
        if !modes.isEmpty { changes.append(.modesChanged(name, modes, by: nil)) }
        if before[0].topicText != channel.state.topicText { changes.append(.topicChanged(name, by: nil)) }
    }

    /// Tells what a member may do now that it might not before, and the reverse.
    func appendStatus(
        of id: UserID, in name: ChannelName, before: MemberStatus, into changes: inout [RosterChange]
    ) {
        guard isVisible(id), let after = channels[name]?.status(of: id) else { return }
        let modes = VisibleMode.changes(of: id, from: before, to: after)
        if !modes.isEmpty { changes.append(.modesChanged(name, modes, by: nil)) }
    }
}
