// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Modes and topic of a channel: writes to the state of a birth, and what people see of them.

import RoostModel

extension Roster {
    mutating func changeModes(
        of name: ChannelName, _ birth: Birth, _ facts: [ModeFact], by: Actor, event: Event,
        into changes: inout [RosterChange]
    ) {
        // A tag that is not here and will not come was removed; its status, or its mask, went with it.
        var standing: [ModeFact] = []
        var members: [UserID: [MembershipTag]] = [:]
        for fact in facts {
            switch fact {
            case .status(_, let user, let tag, _):
                let tags = channels[name]?.members[user] ?? []
                guard isAwaited(tag, in: name) || tags.contains(where: { $0.id == tag }) else { continue }
                if isVisible(user) { members[user] = tags }
            case .listAdded:
                guard !isRemoved(event.id, in: name) else { continue }
            case .listRemoved(_, _, let tags):
                removeAhead(tags, in: name)
            case .flag, .key, .limit:
                break
            }
            standing.append(fact)
        }
        write(to: name, birth, into: &changes) { state in
            var visible: [VisibleMode] = []
            for fact in standing { visible += state.write(fact, by: by, event: event, members: members) }
            return visible.isEmpty ? nil : .modesChanged(name, visible, by: by)
        }
    }

    mutating func changeTopic(
        of name: ChannelName, _ birth: Birth, to text: String, by: Actor, event: Event,
        into changes: inout [RosterChange]
    ) {
        let topic = Topic(text: text, setter: by.prefix, time: event.time.wall)
        write(to: name, birth, into: &changes) { state in
            let before = state.topicText
            let isWritten = state.topic.merge(Register(topic, time: event.time, node: event.id.node))
            return isWritten && !(before.isEmpty && text.isEmpty) ? .topicChanged(name, by: by) : nil
        }
    }
}

extension ChannelState {
    /// The topic; empty where there is none.
    var topicText: String { topic?.value.text ?? "" }

    /// Writes one change of modes. Gives what people see of it, `members` being those whom they see, with their tags.
    fileprivate mutating func write(
        _ fact: ModeFact, by: Actor, event: Event, members: [UserID: [MembershipTag]]
    ) -> [VisibleMode] {
        let node = event.id.node
        switch fact {
        case .flag(let flag, let isSet):
            let before = flags[flag.rawValue]?.value ?? false
            let isWritten = flags[flag.rawValue].merge(Register(isSet, time: event.time, node: node))
            return isWritten && before != isSet ? [.flag(flag, isSet: isSet)] : []
        case .key(let key):
            let before = self.key?.value ?? nil
            let isWritten = self.key.merge(Register(key, time: event.time, node: node))
            return isWritten && before != key ? [.key(key, before: before)] : []
        case .limit(let limit):
            let before = self.limit?.value ?? nil
            let isWritten = self.limit.merge(Register(limit, time: event.time, node: node))
            return isWritten && before != limit ? [.limit(limit)] : []
        case .status(let status, let user, let tag, let isSet):
            let tags = members[user] ?? []
            let before = self.status(of: tags)
            _ = statuses[tag, default: [:]][status.rawValue].merge(Register(isSet, time: event.time, node: node))
            return VisibleMode.changes(of: user, from: before, to: self.status(of: tags))
        case .listAdded(let list, let mask):
            let entry = MaskEntry(tags: [event.id], setter: by.prefix, time: event.time.wall)
            guard lists[list]?[mask] == nil else {
                lists[list]?[mask]?.merge(entry)
                return []
            }
            lists[list, default: [:]][mask] = entry
            return [.list(list, mask: mask, isSet: true)]
        case .listRemoved(let list, let mask, let tags):
            guard var entry = lists[list]?[mask] else { return [] }
            entry.additions.removeAll { tags.contains($0.tag) }
            set(entry, for: mask, in: list)
            return entry.additions.isEmpty ? [.list(list, mask: mask, isSet: false)] : []
        }
    }

    /// Puts an entry in its place in a list; one that nothing adds any more goes.
    mutating func set(_ entry: MaskEntry, for mask: String, in list: MaskList) {
        lists[list, default: [:]][mask] = entry.additions.isEmpty ? nil : entry
        if lists[list]?.isEmpty == true { lists[list] = nil }
    }

    /// What people see change, the members' status aside, where `before` was in force and this is now.
    func difference(from before: ChannelState) -> [VisibleMode] {
        var modes: [VisibleMode] = []
        let (oldFlags, newFlags) = (before.setFlags, setFlags)
        for entry in ChannelFlags.letters where oldFlags.contains(entry.flag) != newFlags.contains(entry.flag) {
            modes.append(.flag(entry.flag, isSet: newFlags.contains(entry.flag)))
        }
        let (oldKey, newKey) = (before.key?.value ?? nil, key?.value ?? nil)
        if oldKey != newKey { modes.append(.key(newKey, before: oldKey)) }
        let (oldLimit, newLimit) = (before.limit?.value ?? nil, limit?.value ?? nil)
        if oldLimit != newLimit { modes.append(.limit(newLimit)) }
        for list in MaskList.allCases {
            let (old, new) = (Set((before.lists[list] ?? [:]).keys), Set((lists[list] ?? [:]).keys))
            for mask in old.subtracting(new).sorted() { modes.append(.list(list, mask: mask, isSet: false)) }
            for mask in new.subtracting(old).sorted() { modes.append(.list(list, mask: mask, isSet: true)) }
        }
        return modes
    }
}

extension VisibleMode {
    /// The changes that lead a member from one status to another, highest first.
    static func changes(of user: UserID, from old: MemberStatus, to new: MemberStatus) -> [VisibleMode] {
        MemberStatus.all.filter { old.contains($0.status) != new.contains($0.status) }
            .map { .status($0.status, user: user, isSet: new.contains($0.status)) }
    }
}
