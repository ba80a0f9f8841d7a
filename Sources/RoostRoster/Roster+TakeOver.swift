// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// A user goes on at another node. The greatest session that anybody has begun decides a user's fate: take-overs of lower
// ones, and all that their lives still say of it, have no effect, in whatever order they come.

import RoostModel

extension Roster {
    mutating func takeOver(_ takeOver: TakeOver, by event: Event, into changes: inout [RosterChange]) {
        let (id, life) = (takeOver.user, event.id.life)
        let former = users[id]
        guard takeOver.session.number > 1, takeOver.session.node == life.node,
            (former?.record.session ?? departures[id]).map({ $0 < takeOver.session }) ?? true
        else {
            for membership in takeOver.memberships { disregard(membership, tag: event.id, into: &changes) }
            return
        }
        if isEnded(life) {
            // The session is over already, and the user with it.
            remove(id, reason: Self.outOfReach(life), into: &changes)
            dropClaims([id], into: &changes)
            noteDeparture(of: id, takeOver.session)
            for membership in takeOver.memberships { disregard(membership, tag: event.id, into: &changes) }
            return
        }
        let wasSeen = former?.isHidden == false
        let isSeen = !hiddenLives.contains(life)
        if let former {
            if former.life != life { changes.append(.takenOver(id, from: former.life)) }
            if wasSeen && !isSeen { changes.append(former.left(reason: Self.outOfReach(life))) }
        }
        // Whoever is not seen all the time is out of sight until everything is in its place.
        let staysSeen = wasSeen && isSeen
        let nicks = replace(former, takeOver, by: event, isHidden: !staysSeen)
        // The members of these are told of nothing else that changes.
        let lasting = Set(takeOver.memberships.map(\.channel).filter { !isRemoved(event.id, in: $0) })
        for name in (former?.channels ?? []).subtracting(lasting).sorted() {
            endMembership(of: id, in: name, into: &changes)
        }
        // Of whoever comes in sight, the claim counts from then on: to settle before would move nicks there and back.
        if staysSeen || !isSeen { settle(nicks, into: &changes) }
        users[id]?.refreshPrefix()
        if staysSeen, let former, former.profile != takeOver.profile {
            changes.append(.profileChanged(id, before: former.profile))
        }
        for membership in takeOver.memberships { goOn(id, in: membership, by: event, into: &changes) }
        departures[id] = nil
        if isSeen && !staysSeen { show(id, settling: nicks, into: &changes) }
    }

    /// Puts the new record and claim in the place of the former ones. Gives the nicks that are to be settled.
    private mutating func replace(
        _ former: User?, _ takeOver: TakeOver, by event: Event, isHidden: Bool
    ) -> [Nick] {
        let id = takeOver.user
        let dropped = former.map { [$0.record.claim] + $0.pendingClaims } ?? [id]
        let nicks = dropped.compactMap { claims[$0]?.nick } + [takeOver.nick]
        for claim in dropped { removeClaim(claim) }
        let record = UserRecord(
            id: id, session: takeOver.session, claim: event.id, userName: takeOver.userName,
            profile: takeOver.profile, signedOn: takeOver.signedOn)
        var user = User(record: record, introduced: event.id, nick: former?.nick ?? takeOver.nick)
        user.channels = former?.channels ?? []
        user.isHidden = isHidden
        if isHidden {
            if let former { release(former.nick, of: id) }
        } else if let former {
            // If its nick changes with it, that is told of the prefix that people know.
            user.prefix = former.prefix
        }
        put(user)
        addClaim(
            StandingClaim(
                id: event.id, user: id, nick: takeOver.nick, identity: takeOver.identity, time: takeOver.claimedAt))
        return nicks
    }

    /// Ends a membership that the take-over does not list, or that it was kicked from before it was seen to go on.
    private mutating func endMembership(of id: UserID, in name: ChannelName, into changes: inout [RosterChange]) {
        let tags = channels[name]?.members[id]?.map(\.id) ?? []
        channels[name]?.remove(tags, of: id)
        users[id]?.channels.remove(name)
        if let user = users[id], !user.isHidden {
            changes.append(.parted(id, name, prefix: user.prefix, reason: nil))
        }
        settleBirth(of: name, into: &changes)
    }

    /// Puts the new tag of a membership in the place of the former ones.
    private mutating func goOn(
        _ id: UserID, in membership: TakeOver.Membership, by event: Event, into changes: inout [RosterChange]
    ) {
        let name = membership.channel
        let former = channels[name]?.members[id]?.map(\.id) ?? []
        if former == [event.id] {
            // Listed twice.
            return
        }
        if isRemoved(event.id, in: name) {
            disregard(membership, tag: event.id, into: &changes)
            return
        }
        write(membership.status, to: event.id, in: name, membership.birth, at: event.time, into: &changes)
        let before = channels[name]?.status(of: id) ?? []
        channels[name]?.insert(MembershipTag(id: event.id, birth: membership.birth), of: id)
        channels[name]?.remove(former, of: id)
        users[id]?.channels.insert(name)
        if !former.isEmpty { appendStatus(of: id, in: name, before: before, into: &changes) }
        settleBirth(of: name, newcomer: former.isEmpty ? id : nil, into: &changes)
        if former.isEmpty, isVisible(id) { changes.append(.joined(id, name)) }
    }

    /// Brings somebody in sight who was not, or who was not there.
    private mutating func show(_ id: UserID, settling nicks: [Nick], into changes: inout [RosterChange]) {
        guard let user = users[id], user.isHidden else { return }
        users[id]?.isHidden = false
        hiddenCount -= 1
        settle(nicks, newcomer: id, into: &changes)
        changes.append(.userAppeared(id))
        changes += user.channels.sorted().map { .joined(id, $0) }
    }

    /// A tag came that has no effect: only its birth is known from it.
    private mutating func disregard(
        _ membership: TakeOver.Membership, tag: EventID, into changes: inout [RosterChange]
    ) {
        disregard(MembershipTag(id: tag, birth: membership.birth), in: membership.channel, into: &changes)
    }
}
