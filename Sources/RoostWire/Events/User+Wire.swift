// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Users, as events introduce them and snapshots list them, and those who did something.

import RoostModel
import RoostRoster

extension WireUser {
    init(_ record: UserRecord, ids: inout IDWriter) {
        self.init()
        id = ids.id(record.id)
        session = record.session.number
        since = ids.stamp(record.session.since, record.session.node)
        if record.claim != record.id { claim = ids.id(record.claim) }
        userName = record.userName
        profile = WireProfile(record.profile)
        signedOn = record.signedOn.milliseconds
    }
}

extension UserRecord {
    init(_ wire: WireUser, ids: IDReader) throws(WireError) {
        let id = try ids.id(wire.id, "user.id")
        guard wire.hasSince else { throw WireError(.missing, "user.since: none") }
        let (since, node) = try ids.stamp(wire.since, "user.since")
        self.init(
            id: id, session: Session(number: wire.session, since: since, node: node),
            claim: wire.hasClaim ? try ids.id(wire.claim, "user.claim") : id,
            userName: try readText(wire.userName, upTo: WireLimits.nameBytesMax, "user.user_name"),
            profile: try UserProfile(wire.hasProfile, wire.profile),
            signedOn: WallTime(milliseconds: wire.signedOn))
    }
}

extension WireProfile {
    init(_ profile: UserProfile) {
        self.init()
        host = profile.host
        realName = profile.realName
        if let account = profile.account { self.account = account }
        if let away = profile.away { self.away = away }
        modes = UInt32(profile.modes.rawValue)
    }
}

extension UserProfile {
    init(_ isThere: Bool, _ wire: WireProfile) throws(WireError) {
        guard isThere else { throw WireError(.missing, "profile: none") }
        self.init(
            host: try readText(wire.host, upTo: WireLimits.nameBytesMax, "profile.host"),
            realName: try readText(wire.realName, "profile.real_name"),
            account: wire.hasAccount
                ? try readText(wire.account, upTo: WireLimits.nameBytesMax, "profile.account") : nil,
            away: wire.hasAway ? try readText(wire.away, "profile.away") : nil,
            modes: try readBits(wire.modes, in: UserModes.known, "profile.modes"))
    }
}

extension UserModes {
    static let known: UserModes = [.invisible, .networkOperator, .wallops, .bot]
}

extension WireActor {
    init(_ actor: Actor, ids: inout IDWriter) {
        self.init()
        if let user = actor.user { self.user = ids.id(user) }
        prefix = actor.prefix
    }
}

extension Actor {
    init(_ isThere: Bool, _ wire: WireActor, _ field: StaticString, ids: IDReader) throws(WireError) {
        guard isThere else { throw WireError(.missing, "\(field): none") }
        self.init(
            user: wire.hasUser ? try ids.id(wire.user, field) : nil,
            prefix: try readText(wire.prefix, field))
    }
}
