// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What each kind of event does to the roster. Applying is total: an event about something not seen yet is kept and
// takes effect when that is seen; one about something gone has none.

import RoostModel

extension Roster {
    /// Applies the next event of a stream. What it changed for people's eyes is appended to `changes`.
    public mutating func apply(_ event: Event, into changes: inout [RosterChange]) {
        begin(event.id.epoch, of: event.id.node, into: &changes)
        guard let position = vector[event.id.node], position.epoch == event.id.epoch,
            position.sequence < event.id.sequence
        else { return }
        switch event.body {
        case .nickClaimed(let claim):
            let user = claim.user ?? event.id
            insert(
                StandingClaim(
                    id: event.id, user: user, nick: claim.nick, identity: claim.identity, time: event.time),
                into: &changes)
        case .nickReleased(let claim):
            removeClaim(claim, into: &changes)
        case .userIntroduced(let record):
            introduce(record, by: event.id, into: &changes)
        case .nickChanged(let user, let claim):
            changeNick(of: user, to: claim, into: &changes)
        case .profileChanged(let user, let profile):
            changeProfile(of: user, to: profile, into: &changes)
        case .userQuit(let user, let reason):
            remove(user, reason: reason, into: &changes)
        case .joined(let user, let channel, let birth, let status, let invitations):
            join(
                user, channel, tag: MembershipTag(id: event.id, birth: birth), status: status, at: event.time,
                into: &changes)
            useUp(invitations, of: user, to: channel)
        case .parted(let user, let channel, let tags, let reason):
            if leave(user, channel, tags: tags, into: &changes) {
                changes.append(.parted(user, channel, reason: reason))
            }
            settleBirthLeft(in: channel, into: &changes)
        case .kicked(let user, let channel, let tags, let by, let reason):
            if leave(user, channel, tags: tags, into: &changes) {
                changes.append(.kicked(user, channel, by: by, reason: reason))
            }
            settleBirthLeft(in: channel, into: &changes)
        case .modesChanged(let channel, let birth, let facts, let by):
            changeModes(of: channel, birth, facts, by: by, event: event, into: &changes)
        case .topicChanged(let channel, let birth, let text, let by):
            let topic = Topic(text: text, setter: by.prefix, time: event.time.wall)
            write(to: channel, birth, into: &changes) { state in
                let before = state.topic?.value.text ?? ""
                let written = state.topic.merge(Register(topic, time: event.time, node: event.id.node))
                return written && (before != text || !text.isEmpty) ? .topicChanged(channel, by: by) : nil
            }
        case .invited(let user, let channel, _, let by):
            if removals.remove(event.id) == nil, channels[channel] != nil {
                channels[channel]?.invited[user, default: []].insert(event.id)
                changes.append(.invited(user, channel, by: by))
            }
        case .channelEnded(let channel, let birth):
            end(channel, birth, at: event.time, into: &changes)
        case .messageSent, .killRequested, .wallopsSent, .nodeLeft, .unknown:
            break
        }
        vector[event.id.node] = max(position, .init(epoch: event.id.epoch, sequence: event.id.sequence))
        removals.remove(event.id)
    }

    mutating func introduce(_ record: UserRecord, by event: EventID, into changes: inout [RosterChange]) {
        guard users[record.id] == nil, let claim = claims[record.claim], claim.user == record.id else { return }
        var user = User(record: record, introduced: event, nick: claim.nick)
        if hiddenNodes.contains(user.node) {
            user.isHidden = true
            hiddenCount += 1
            users[record.id] = user
            return
        }
        if holder(of: claim.nick) != record.id {
            user.nick = substitute(for: claim.nick, of: record.id)
            user.refreshPrefix()
        }
        users[record.id] = user
        settle(claim.nick.folded, into: &changes)
        changes.append(.userAppeared(record.id))
    }

    mutating func changeNick(of id: UserID, to claim: EventID, into changes: inout [RosterChange]) {
        guard let old = users[id]?.record.claim, old != claim,
            let nick = claims[claim]?.nick, claims[claim]?.user == id
        else { return }
        users[id]?.record.claim = claim
        users[id]?.pendingClaims.removeAll { $0 == claim }
        settle(nick.folded, into: &changes)
        removeClaim(old, into: &changes)
    }

    mutating func changeProfile(of id: UserID, to profile: UserProfile, into changes: inout [RosterChange]) {
        guard let before = users[id]?.record.profile, before != profile else { return }
        users[id]?.record.profile = profile
        users[id]?.refreshPrefix()
        if users[id]?.isHidden == false { changes.append(.profileChanged(id, before: before)) }
    }

    private mutating func useUp(_ invitations: [EventID], of user: UserID, to channel: ChannelName) {
        for invitation in invitations {
            if channels[channel]?.invited[user]?.remove(invitation) == nil, !vector.covers(invitation) {
                removals.insert(invitation)
            }
        }
        if channels[channel]?.invited[user]?.isEmpty == true { channels[channel]?.invited[user] = nil }
    }

    private mutating func changeModes(
        of channel: ChannelName, _ birth: Birth, _ facts: [ModeFact], by: Actor, event: Event,
        into changes: inout [RosterChange]
    ) {
        var removals = self.removals
        let (vector, users, members) = (self.vector, self.users, channels[channel]?.members ?? [:])
        write(to: channel, birth, into: &changes) { state in
            var visible: [VisibleMode] = []
            for fact in facts {
                var hasTag = false
                if case .status(_, let user, let tag, _) = fact {
                    hasTag = members[user]?.contains { $0.id == tag } ?? false
                }
                let mode = state.write(fact, event: event, hasTag: hasTag, vector: vector, removals: &removals)
                guard let mode else { continue }
                if case .status(_, let user, _) = mode, users[user]?.isHidden != false { continue }
                visible.append(mode)
            }
            return visible.isEmpty ? nil : .modesChanged(channel, visible, by: by)
        }
        self.removals = removals
    }
}

extension Optional {
    /// Merges a write into a register that may not have been written yet. Says whether it took effect.
    mutating func merge<Value>(_ write: Register<Value>) -> Bool where Wrapped == Register<Value> {
        guard self != nil else {
            self = write
            return true
        }
        return self?.merge(write) ?? false
    }
}

extension ChannelState {
    /// Writes one change of modes. Gives what people see of it; nil where it changed nothing.
    mutating func write(
        _ fact: ModeFact, event: Event, hasTag: Bool, vector: Vector, removals: inout Set<EventID>
    ) -> VisibleMode? {
        let node = event.id.node
        switch fact {
        case .flag(let flag, let isSet):
            let before = flags[flag.rawValue]?.value ?? false
            let written = flags[flag.rawValue].merge(Register(isSet, time: event.time, node: node))
            return written && before != isSet ? .flag(flag, isSet: isSet) : nil
        case .key(let key):
            let before = self.key?.value
            let written = self.key.merge(Register(key, time: event.time, node: node))
            return written && before != key ? .key(key, before: before ?? nil) : nil
        case .limit(let limit):
            let before = self.limit?.value
            let written = self.limit.merge(Register(limit, time: event.time, node: node))
            return written && before != limit ? .limit(limit) : nil
        case .status(let status, let user, let tag, let isSet):
            // A tag that was seen and is there no more was removed; its status went with it.
            guard hasTag || !vector.covers(tag) else { return nil }
            let before = statuses[tag]?[status.rawValue]?.value ?? false
            let written = statuses[tag, default: [:]][status.rawValue].merge(
                Register(isSet, time: event.time, node: node))
            return written && before != isSet && hasTag ? .status(status, user: user, isSet: isSet) : nil
        case .listAdded(let list, let mask):
            guard removals.remove(event.id) == nil else { return nil }
            let entry = MaskEntry(tags: [event.id], setter: setter(of: event), time: event.time.wall)
            guard lists[list]?[mask] == nil else {
                lists[list]?[mask]?.merge(entry)
                return nil
            }
            lists[list, default: [:]][mask] = entry
            return .list(list, mask: mask, isSet: true)
        case .listRemoved(let list, let mask, let tags):
            for tag in tags where !vector.covers(tag) { removals.insert(tag) }
            guard var entry = lists[list]?[mask] else { return nil }
            entry.tags.removeAll { tags.contains($0) }
            lists[list]?[mask] = entry.tags.isEmpty ? nil : entry
            return entry.tags.isEmpty ? .list(list, mask: mask, isSet: false) : nil
        }
    }

    private func setter(of event: Event) -> String {
        if case .modesChanged(_, _, _, let by) = event.body { return by.prefix }
        return ""
    }
}
