// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Snapshots: giving the whole roster, and merging another node's into this one.
//
// Everything that can be removed is named by the event that made it, which makes removal need no tombstones: what one
// side lacks, though its vector covers it, was removed there.

import RoostModel

extension Roster {
    /// The whole roster at the present vector.
    public var snapshot: Snapshot {
        Snapshot(
            vector: vector, formerLives: formerLives,
            users: users.values.map { .init(record: $0.record, introduced: $0.introduced) }
                .sorted { $0.record.id < $1.record.id },
            claims: claims.values.sorted { $0.id < $1.id },
            channels: channels.map { .init(name: $0.key, states: $0.value.states, members: $0.value.members) }
                .sorted { $0.name < $1.name },
            removals: Set(removals.flatMap { tag, names in names.map { Removal(tag: tag, channel: $0) } }),
            holds: holds, endings: endings, departures: departures)
    }

    /// Merges another node's knowledge. Merging the same again, or in another order, gives the same roster.
    public mutating func merge(_ snapshot: Snapshot, into changes: inout [RosterChange]) {
        rewrite(reason: { _ in "left while out of reach" }, into: &changes) { $0.absorb(snapshot) }
    }

    private mutating func absorb(_ snapshot: Snapshot) {
        let union = KnowledgeUnion(
            ours: Knowledge(
                vector: vector, formerLives: formerLives,
                removals: Set(removals.flatMap { tag, names in names.map { Removal(tag: tag, channel: $0) } })),
            theirs: Knowledge(
                vector: snapshot.vector, formerLives: snapshot.formerLives, removals: snapshot.removals))
        claims = union.merge(claims, Dictionary(snapshot.claims.map { ($0.id, $0) }) { first, _ in first }) {
            claim, _ in claim
        }
        mergeUsers(of: snapshot, union)
        for entry in snapshot.channels where channels[entry.name] == nil {
            guard let state = entry.states.first else { continue }
            channels[entry.name] = Channel(ChannelState(birth: state.birth, name: state.name))
        }
        let theirs = Dictionary(snapshot.channels.map { ($0.name, $0) }) { first, _ in first }
        for name in channels.keys {
            channels[name]?.absorb(theirs[name] ?? .init(name: name, states: [], members: [:]), of: name, union)
        }
        for removal in snapshot.removals { removals[removal.tag, default: []].insert(removal.channel) }
        holds.merge(snapshot.holds) { max($0, $1) }
        endings.merge(snapshot.endings) { max($0, $1) }
        departures.merge(snapshot.departures) { max($0, $1) }
        absorbLives(of: snapshot)
    }

    /// Takes over how far the other side has come, in the present lives and in those before.
    private mutating func absorbLives(of snapshot: Snapshot) {
        for (node, position) in snapshot.vector.positions {
            formerLives.reach(position.sequence, of: Life(node: node, epoch: position.epoch), in: &vector)
        }
        for (life, sequence) in snapshot.formerLives.last { formerLives.reach(sequence, of: life, in: &vector) }
        for (node, epoch) in snapshot.formerLives.horizons { formerLives.forget(before: epoch, of: node) }
        endings = endings.filter { !formerLives.isForgotten($0.key) }
    }

    private mutating func mergeUsers(of snapshot: Snapshot, _ union: KnowledgeUnion) {
        let theirs = Dictionary(snapshot.users.map { ($0.introduced, $0.record) }) { first, _ in first }
        let ours = Dictionary(users.values.map { ($0.introduced, $0.record) }) { first, _ in first }
        var merged: [UserID: User] = [:]
        for (introduced, var record) in union.merge(ours, theirs, both: { ours, _ in ours }) {
            // One life writes a record: whoever has seen more of it knows it as it is now.
            if let other = theirs[introduced], union.theirs.hasSeenMore(of: introduced.life, than: union.ours) {
                record = other
            }
            if let rival = merged[record.id], rival.record.session >= record.session { continue }
            guard let nick = claims[record.claim]?.nick else { continue }
            let known = users[record.id]
            var user = User(record: record, introduced: introduced, nick: known?.nick ?? nick)
            user.isHidden = known?.isHidden ?? false
            merged[record.id] = user
        }
        users = merged
    }
}

/// What one side of a merge has seen, or knows to be removed.
struct Knowledge {
    let vector: Vector
    let formerLives: FormerLives
    let removals: Set<Removal>

    func covers(_ event: EventID) -> Bool { formerLives.covers(event, at: vector) }

    func knows(_ tag: EventID, in channel: ChannelName) -> Bool {
        covers(tag) || removals.contains(Removal(tag: tag, channel: channel))
    }

    func hasSeenMore(of life: Life, than other: Self) -> Bool {
        other.formerLives.sequence(of: life, at: other.vector) < formerLives.sequence(of: life, at: vector)
    }
}

/// How sets of things named by events merge: what one side has stands where the other has it too, or knows nothing of it.
struct KnowledgeUnion {
    let ours: Knowledge
    let theirs: Knowledge

    /// The tags of something in a channel.
    func merge(
        _ left: some Sequence<EventID>, _ right: some Sequence<EventID>, in channel: ChannelName
    ) -> Set<EventID> {
        let (left, right) = (Set(left), Set(right))
        return left.filter { right.contains($0) || !theirs.knows($0, in: channel) }
            .union(right.filter { left.contains($0) || !ours.knows($0, in: channel) })
    }

    /// The same for what is kept by the event that names it. `both` decides between two versions.
    func merge<Value>(
        _ left: [EventID: Value], _ right: [EventID: Value], both: (Value, Value) -> Value
    ) -> [EventID: Value] {
        var merged = left
        for (id, value) in left {
            if let other = right[id] {
                merged[id] = both(value, other)
            } else if theirs.covers(id) {
                merged[id] = nil
            }
        }
        for (id, value) in right where left[id] == nil && !ours.covers(id) { merged[id] = value }
        return merged
    }
}

extension Channel {
    fileprivate mutating func absorb(
        _ other: Snapshot.ChannelEntry, of name: ChannelName, _ union: KnowledgeUnion
    ) {
        for state in other.states {
            if let index = states.firstIndex(where: { $0.birth == state.birth }) {
                states[index].mergeRegisters(state)
            } else {
                var added = ChannelState(birth: state.birth, name: state.name)
                added.mergeRegisters(state)
                states.append(added)
            }
        }
        let theirs = Dictionary(other.states.map { ($0.birth, $0) }) { first, _ in first }
        for index in states.indices {
            let birth = states[index].birth
            let state = theirs[birth] ?? ChannelState(birth: birth, name: states[index].name)
            states[index].mergeSets(state, of: name, union)
        }
        for user in Set(members.keys).union(other.members.keys) {
            let (left, right) = (members[user] ?? [], other.members[user] ?? [])
            let standing = union.merge(left.map(\.id), right.map(\.id), in: name)
            let tags = Dictionary((left + right).map { ($0.id, $0) }) { first, _ in first }
            members[user] = standing.sorted().compactMap { tags[$0] }
        }
    }
}

extension ChannelState {
    /// Takes the later of each write. Statuses of tags that were removed are sorted out afterwards.
    fileprivate mutating func mergeRegisters(_ other: Self) {
        if let time = other.ended { ended = max(ended ?? time, time) }
        if let topic = other.topic { _ = self.topic.merge(topic) }
        if let key = other.key { _ = self.key.merge(key) }
        if let limit = other.limit { _ = self.limit.merge(limit) }
        for (bit, register) in other.flags { _ = flags[bit].merge(register) }
        for (tag, registers) in other.statuses {
            for (bit, register) in registers { _ = statuses[tag, default: [:]][bit].merge(register) }
        }
    }

    fileprivate mutating func mergeSets(_ other: Self, of name: ChannelName, _ union: KnowledgeUnion) {
        for user in Set(invited.keys).union(other.invited.keys) {
            let standing = union.merge(invited[user] ?? [], other.invited[user] ?? [], in: name)
            invited[user] = standing.isEmpty ? nil : standing
        }
        for list in MaskList.allCases {
            let (ours, theirs) = (lists[list] ?? [:], other.lists[list] ?? [:])
            for mask in Set(ours.keys).union(theirs.keys) {
                let standing = union.merge(ours[mask]?.tags ?? [], theirs[mask]?.tags ?? [], in: name)
                var entry = ours[mask] ?? theirs[mask] ?? MaskEntry(tags: [], setter: "", time: .init(milliseconds: 0))
                if let other = theirs[mask] { entry.merge(other) }
                entry.additions.removeAll { !standing.contains($0.tag) }
                set(entry, for: mask, in: list)
            }
        }
    }
}
