// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Users come, change and go by the word of the life that owns them.

import RoostModel

extension Roster {
    mutating func introduce(_ record: UserRecord, by event: EventID, into changes: inout [RosterChange]) {
        guard users[record.id] == nil, departures[record.id] == nil, !isEnded(event.life),
            record.session.number == 1, record.session.node == event.node, record.id.life == event.life,
            let claim = claims[record.claim], claim.user == record.id
        else { return }
        var user = User(record: record, introduced: event, nick: claim.nick)
        user.isHidden = hiddenLives.contains(user.life)
        put(user)
        if user.isHidden { return }
        settle([claim.nick], newcomer: record.id, into: &changes)
        changes.append(.userAppeared(record.id))
    }

    mutating func changeNick(of id: UserID, to claim: EventID, into changes: inout [RosterChange]) {
        guard let old = users[id]?.record.claim, old != claim,
            let nick = claims[claim]?.nick, claims[claim]?.user == id
        else { return }
        let oldNick = claims[old]?.nick
        let before = users[id]
        users[id]?.record.claim = claim
        redigest(before, users[id])
        users[id]?.pendingClaims.removeAll { $0 == claim }
        removeClaim(old)
        settle([nick] + (oldNick.map { [$0] } ?? []), into: &changes)
    }

    mutating func changeProfile(of id: UserID, to profile: UserProfile, into changes: inout [RosterChange]) {
        guard let before = users[id], before.profile != profile else { return }
        users[id]?.record.profile = profile
        users[id]?.refreshPrefix()
        redigest(before, users[id])
        if isVisible(id) { changes.append(.profileChanged(id, before: before.profile)) }
    }

    /// Takes a user out of everything but the invitations to it, which a take-over that comes later would need again.
    mutating func remove(_ id: UserID, reason: String, into changes: inout [RosterChange]) {
        guard let user = pull(id) else { return }
        noteDeparture(of: id, user.record.session)
        if !user.isHidden {
            changes.append(user.left(reason: reason))
            release(user.nick, of: id)
        }
        for name in user.channels.sorted() {
            let tags = channels[name]?.members[id]?.map(\.id) ?? []
            channels[name]?.remove(tags, of: id)
            settleBirth(of: name, into: &changes)
        }
        dropClaims([user.record.claim] + user.pendingClaims, into: &changes)
    }
}

extension User {
    func left(reason: String) -> RosterChange {
        .userLeft(record, nick: nick, prefix: prefix, channels: channels.sorted(), reason: reason)
    }
}
