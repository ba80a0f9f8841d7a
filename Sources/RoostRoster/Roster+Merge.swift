// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Snapshots: giving the whole roster, and merging another node's into this one.
//
// Everything that can be removed is named by the event that made it, which makes removal need no tombstones: what a
// snapshot's vector covers and the snapshot lacks was removed, and so was what it has and our own vector covers and we
// lack.

import RoostModel

extension Roster {
    /// The whole roster at the present vector.
    public var snapshot: Snapshot {
        Snapshot(
            vector: vector,
            users: users.values.map { .init(record: $0.record, introduced: $0.introduced) }
                .sorted { $0.record.id < $1.record.id },
            claims: claims.values.sorted { $0.id < $1.id },
            channels: channels.values.map {
                .init(name: $0.name, states: $0.states, members: $0.members, invited: $0.invited)
            }
            .sorted { $0.name < $1.name },
            removals: removals)
    }

    /// Merges another node's knowledge. Merging the same again, or in another order, gives the same roster.
    public mutating func merge(_ snapshot: Snapshot, into changes: inout [RosterChange]) {
        for (node, position) in snapshot.vector.sorted {
            begin(position.epoch, of: node, into: &changes)
        }
        mergeClaims(of: snapshot, into: &changes)
        mergeUsers(of: snapshot, into: &changes)
        let theirs = Dictionary(snapshot.channels.map { ($0.name, $0) }) { first, _ in first }
        for name in Set(channels.keys).union(theirs.keys).sorted() {
            let entry = theirs[name] ?? .init(name: name, states: [], members: [:], invited: [:])
            mergeChannel(entry, of: snapshot, into: &changes)
        }
        removals.formUnion(snapshot.removals)
        for (node, position) in snapshot.vector.sorted {
            vector[node] = max(vector[node] ?? position, position)
        }
        forgetCoveredRemovals()
    }

    /// Whether an event that the other side knows of is of a life that has not ended, and not known here yet.
    private func isNew(_ event: EventID) -> Bool { !vector.covers(event) && !removals.contains(event) }

    private mutating func mergeClaims(of snapshot: Snapshot, into changes: inout [RosterChange]) {
        let theirs = Set(snapshot.claims.map(\.id))
        for claim in snapshot.claims where claims[claim.id] == nil && isNew(claim.id) {
            insert(claim, into: &changes)
        }
        // Claims in use go when their user moves on or leaves, below; here go only those that were given up.
        for claim in claims.values.sorted(by: { $0.id < $1.id })
        where users[claim.user]?.record.claim != claim.id && !theirs.contains(claim.id)
            && snapshot.vector.covers(claim.id)
        {
            removeClaim(claim.id, into: &changes)
        }
    }

    private mutating func mergeUsers(of snapshot: Snapshot, into changes: inout [RosterChange]) {
        let theirs = Set(snapshot.users.map(\.record.id))
        let gone = users.values.filter { !theirs.contains($0.id) && snapshot.vector.covers($0.introduced) }
        for user in gone.map(\.id).sorted() {
            remove(user, reason: "", into: &changes)
        }
        for entry in snapshot.users {
            guard let ours = users[entry.record.id] else {
                if isNew(entry.introduced) { introduce(entry.record, by: entry.introduced, into: &changes) }
                continue
            }
            // One node writes a record: whoever has seen more of its stream knows it as it is now.
            let node = ours.node
            guard let position = snapshot.vector[node], vector[node].map({ $0 < position }) ?? true else { continue }
            changeProfile(of: ours.id, to: entry.record.profile, into: &changes)
            changeNick(of: ours.id, to: entry.record.claim, into: &changes)
        }
    }

    private mutating func mergeChannel(
        _ entry: Snapshot.ChannelEntry, of snapshot: Snapshot, into changes: inout [RosterChange]
    ) {
        let name = entry.name
        for state in entry.states {
            mergeState(state, of: name, snapshot: snapshot, into: &changes)
        }
        for state in channels[name]?.states ?? [] {
            let other = entry.states.first { $0.birth == state.birth }
            dropRemovedMasks(of: name, state: state, other: other, snapshot: snapshot, into: &changes)
        }
        for (user, tags) in entry.members.sorted(by: { $0.key < $1.key }) {
            for tag in tags where isNew(tag.id) && channels[name]?.members[user]?.contains(tag) != true {
                join(user, name, tag: tag, status: [], at: .zero, into: &changes)
            }
        }
        for (user, tags) in (channels[name]?.members ?? [:]).sorted(by: { $0.key < $1.key }) {
            let removed = tags.filter {
                snapshot.vector.covers($0.id) && entry.members[user]?.contains($0) != true
            }
            if !removed.isEmpty, leave(user, name, tags: removed.map(\.id), into: &changes) {
                changes.append(.parted(user, name, reason: nil))
            }
        }
        mergeInvitations(entry, of: snapshot)
        if channels[name]?.states.isEmpty == true { channels[name] = nil }
        settleBirth(of: name, into: &changes)
    }

    private mutating func mergeState(
        _ theirs: ChannelState, of name: ChannelName, snapshot: Snapshot, into changes: inout [RosterChange]
    ) {
        let (vector, removals) = (self.vector, self.removals)
        let present = Set((channels[name]?.members ?? [:]).values.flatMap { $0.map(\.id) })
        var before: ChannelState?
        write(to: name, theirs.birth, into: &changes) { state in
            before = state
            state.merge(theirs) { present.contains($0) || (!vector.covers($0) && !removals.contains($0)) }
            state.mergeMasks(theirs) { !vector.covers($0) && !removals.contains($0) }
            return nil
        }
        if let before, channels[name]?.states.first?.birth == theirs.birth {
            appendDifference(of: name, from: before, into: &changes)
        }
    }

    private mutating func dropRemovedMasks(
        of name: ChannelName, state: ChannelState, other: ChannelState?, snapshot: Snapshot,
        into changes: inout [RosterChange]
    ) {
        write(to: name, state.birth, into: &changes) { state in
            var visible: [VisibleMode] = []
            for list in MaskList.allCases {
                for (mask, entry) in (state.lists[list] ?? [:]).sorted(by: { $0.key < $1.key }) {
                    let theirs = other?.lists[list]?[mask]?.tags ?? []
                    let tags = entry.tags.filter { theirs.contains($0) || !snapshot.vector.covers($0) }
                    guard tags != entry.tags else { continue }
                    if tags.isEmpty {
                        state.lists[list]?[mask] = nil
                        visible.append(.list(list, mask: mask, isSet: false))
                    } else {
                        state.lists[list]?[mask]?.tags = tags
                    }
                }
            }
            return visible.isEmpty ? nil : .modesChanged(name, visible, by: nil)
        }
    }

    private mutating func mergeInvitations(_ entry: Snapshot.ChannelEntry, of snapshot: Snapshot) {
        guard channels[entry.name] != nil else { return }
        for (user, tags) in entry.invited {
            for tag in tags where isNew(tag) {
                channels[entry.name]?.invited[user, default: []].insert(tag)
            }
        }
        for (user, tags) in channels[entry.name]?.invited ?? [:] {
            let kept = tags.filter { entry.invited[user]?.contains($0) == true || !snapshot.vector.covers($0) }
            channels[entry.name]?.invited[user] = kept.isEmpty ? nil : kept
        }
    }
}

extension ChannelState {
    /// Takes the later of each write. Statuses of tags that `stands` refuses were removed with their membership.
    mutating func merge(_ other: Self, stands: (EventID) -> Bool) {
        if let time = other.ended { ended = max(ended ?? time, time) }
        if let topic = other.topic { _ = self.topic.merge(topic) }
        if let key = other.key { _ = self.key.merge(key) }
        if let limit = other.limit { _ = self.limit.merge(limit) }
        for (bit, register) in other.flags { _ = flags[bit].merge(register) }
        for (tag, registers) in other.statuses where stands(tag) {
            for (bit, register) in registers {
                _ = statuses[tag, default: [:]][bit].merge(register)
            }
        }
    }

    /// Adds the masks, by the tags that `isNew` grants: others were removed here.
    mutating func mergeMasks(_ other: Self, isNew: (EventID) -> Bool) {
        for (list, masks) in other.lists {
            for (mask, theirs) in masks {
                var entry = theirs
                let ours = lists[list]?[mask]
                entry.tags.removeAll { ours?.tags.contains($0) != true && !isNew($0) }
                guard !entry.tags.isEmpty else { continue }
                if ours == nil {
                    lists[list, default: [:]][mask] = entry
                } else {
                    lists[list]?[mask]?.merge(entry)
                }
            }
        }
    }
}
