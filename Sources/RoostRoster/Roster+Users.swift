// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Users come, change and go by the word of their own node.

import RoostModel

extension Roster {
    mutating func introduce(_ record: UserRecord, by event: EventID, into changes: inout [RosterChange]) {
        guard users[record.id] == nil, record.session.node == event.node, let claim = claims[record.claim],
            claim.user == record.id
        else { return }
        var user = User(record: record, introduced: event, nick: claim.nick)
        user.isHidden = hiddenNodes.contains(user.node)
        users[record.id] = user
        if user.isHidden {
            hiddenCount += 1
            return
        }
        settle([claim.nick], newcomer: record.id, into: &changes)
        changes.append(.userAppeared(record.id))
    }

    mutating func changeNick(of id: UserID, to claim: EventID, into changes: inout [RosterChange]) {
        guard let old = users[id]?.record.claim, old != claim,
            let nick = claims[claim]?.nick, claims[claim]?.user == id
        else { return }
        let oldNick = claims[old]?.nick
        users[id]?.record.claim = claim
        users[id]?.pendingClaims.removeAll { $0 == claim }
        removeClaim(old)
        settle([nick] + (oldNick.map { [$0] } ?? []), into: &changes)
    }

    mutating func changeProfile(of id: UserID, to profile: UserProfile, into changes: inout [RosterChange]) {
        guard let before = users[id]?.record.profile, before != profile else { return }
        users[id]?.record.profile = profile
        users[id]?.refreshPrefix()
        if isVisible(id) { changes.append(.profileChanged(id, before: before)) }
    }

    /// Takes a user out of everything.
    mutating func remove(_ id: UserID, reason: String, into changes: inout [RosterChange]) {
        guard let user = users.removeValue(forKey: id) else { return }
        if user.isHidden {
            hiddenCount -= 1
        } else {
            changes.append(user.left(reason: reason))
            release(user.nick, of: id)
        }
        for name in user.channels.sorted() {
            let tags = channels[name]?.members[id]?.map(\.id) ?? []
            channels[name]?.remove(tags, of: id)
            settleBirth(of: name, into: &changes)
        }
        for name in invitedTo.removeValue(forKey: id) ?? [] {
            for index in channels[name]?.states.indices ?? 0..<0 { channels[name]?.states[index].invited[id] = nil }
        }
        let claimed = [user.record.claim] + user.pendingClaims
        let nicks = claimed.compactMap { claims[$0]?.nick }
        for claim in claimed { removeClaim(claim) }
        settle(nicks, into: &changes)
    }
}

extension User {
    func left(reason: String) -> RosterChange {
        .userLeft(record, nick: nick, prefix: prefix, channels: channels.sorted(), reason: reason)
    }
}
