// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Users who go on at another node.

import RoostModel
import RoostRoster

extension WireUserTakenOver {
    init(_ takeOver: TakeOver, ids: inout IDWriter) {
        self.init()
        user = ids.id(takeOver.user)
        session = takeOver.session.number
        since = ids.stamp(takeOver.session.since, takeOver.session.node)
        nick = takeOver.nick.text
        identity = takeOver.identity
        claimedAt = takeOver.claimedAt.rawValue
        userName = takeOver.userName
        profile = WireProfile(takeOver.profile)
        signedOn = takeOver.signedOn.milliseconds
        memberships = takeOver.memberships.map { membership in
            var wire = WireContinuedMembership()
            wire.channel = membership.channel.text
            wire.birth = ids.stamp(membership.birth)
            wire.status = UInt32(membership.status.rawValue)
            return wire
        }
        if let after = takeOver.after { self.after = ids.id(after) }
    }
}

extension TakeOver {
    init(_ wire: WireUserTakenOver, ids: IDReader) throws(WireError) {
        try checkCount(wire.memberships.count, WireLimits.membershipsMax, "user_taken_over.memberships")
        guard wire.hasSince else { throw WireError(.missing, "user_taken_over.since: none") }
        let (since, node) = try ids.stamp(wire.since, "user_taken_over.since")
        guard wire.session > 1 else {
            throw WireError(.outOfRange, "user_taken_over.session: \(wire.session), at least 2")
        }
        self.init(
            user: try ids.id(wire.user, "user_taken_over.user"),
            session: Session(number: wire.session, since: since, node: node),
            nick: Nick(try readName(wire.nick, "user_taken_over.nick")),
            identity: try readText(wire.identity, "user_taken_over.identity"),
            claimedAt: HybridTime(rawValue: wire.claimedAt),
            userName: try readText(wire.userName, upTo: WireLimits.nameBytesMax, "user_taken_over.user_name"),
            profile: try UserProfile(wire.hasProfile, wire.profile),
            signedOn: WallTime(milliseconds: wire.signedOn),
            memberships: try wire.memberships.map { wire throws(WireError) in try Membership(wire, ids: ids) },
            after: wire.hasAfter ? try ids.id(wire.after, "user_taken_over.after") : nil)
    }
}

extension TakeOver.Membership {
    fileprivate init(_ wire: WireContinuedMembership, ids: IDReader) throws(WireError) {
        self.init(
            channel: ChannelName(try readName(wire.channel, "membership.channel")),
            birth: try ids.birth(wire.hasBirth, wire.birth, "membership.birth"),
            status: try readBits(wire.status, in: MemberStatus.known, "membership.status"))
    }
}
