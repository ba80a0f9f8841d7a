// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// How each kind of event is read. `EventBody+Writing.swift` is its mirror.

import RoostModel
import RoostRoster

extension EventBody {
    init(_ kind: UInt64, _ bytes: RawSpan, ids: IDReader) throws(WireError) {
        switch WireEventKind(rawValue: Int(truncatingIfNeeded: kind)) {
        case .message:
            let wire = try WireMessage(bytes: bytes)
            self = .messageSent(try ChatMessage(wire, ids: ids))
        case .joined:
            let wire = try WireJoined(bytes: bytes)
            self = .joined(
                user: try ids.id(wire.user, "joined.user"),
                channel: ChannelName(try readName(wire.channel, "joined.channel")),
                birth: try ids.birth(wire.hasBirth, wire.birth, "joined.birth"),
                status: try readBits(wire.status, in: MemberStatus.known, "joined.status"),
                invitations: try ids.ids(wire.invitations, "joined.invitations"))
        case .parted:
            let wire = try WireParted(bytes: bytes)
            self = .parted(
                user: try ids.id(wire.user, "parted.user"),
                channel: ChannelName(try readName(wire.channel, "parted.channel")),
                tags: try ids.ids(wire.tags, "parted.tags"),
                reason: wire.hasReason ? try readText(wire.reason, "parted.reason") : nil)
        case .kicked:
            let wire = try WireKicked(bytes: bytes)
            self = .kicked(
                user: try ids.id(wire.user, "kicked.user"),
                channel: ChannelName(try readName(wire.channel, "kicked.channel")),
                tags: try ids.ids(wire.tags, "kicked.tags"),
                by: try Actor(wire.hasBy, wire.by, "kicked.by", ids: ids),
                reason: try readText(wire.reason, "kicked.reason"))
        case .modesChanged:
            let wire = try WireModesChanged(bytes: bytes)
            try checkCount(wire.changes.count, WireLimits.modeChangesMax, "modes_changed.changes")
            self = .modesChanged(
                channel: ChannelName(try readName(wire.channel, "modes_changed.channel")),
                birth: try ids.birth(wire.hasBirth, wire.birth, "modes_changed.birth"),
                changes: try wire.changes.map { change throws(WireError) in try ModeFact(change, ids: ids) },
                by: try Actor(wire.hasBy, wire.by, "modes_changed.by", ids: ids))
        case .topicChanged:
            let wire = try WireTopicChanged(bytes: bytes)
            self = .topicChanged(
                channel: ChannelName(try readName(wire.channel, "topic_changed.channel")),
                birth: try ids.birth(wire.hasBirth, wire.birth, "topic_changed.birth"),
                text: try readText(wire.text, "topic_changed.text"),
                by: try Actor(wire.hasBy, wire.by, "topic_changed.by", ids: ids))
        case .invited:
            let wire = try WireInvited(bytes: bytes)
            self = .invited(
                user: try ids.id(wire.user, "invited.user"),
                channel: ChannelName(try readName(wire.channel, "invited.channel")),
                birth: try ids.birth(wire.hasBirth, wire.birth, "invited.birth"),
                by: try Actor(wire.hasBy, wire.by, "invited.by", ids: ids))
        case .channelEnded:
            let wire = try WireChannelEnded(bytes: bytes)
            self = .channelEnded(
                channel: ChannelName(try readName(wire.channel, "channel_ended.channel")),
                birth: try ids.birth(wire.hasBirth, wire.birth, "channel_ended.birth"))
        case .nickClaimed:
            let wire = try WireNickClaimed(bytes: bytes)
            self = .nickClaimed(
                NickClaim(
                    user: wire.hasUser ? try ids.id(wire.user, "nick_claimed.user") : nil,
                    nick: Nick(try readName(wire.nick, "nick_claimed.nick")),
                    identity: try readText(wire.identity, "nick_claimed.identity")))
        case .nickReleased:
            let wire = try WireNickReleased(bytes: bytes)
            self = .nickReleased(claim: try ids.id(wire.claim, "nick_released.claim"))
        case .nickChanged:
            let wire = try WireNickChanged(bytes: bytes)
            self = .nickChanged(
                user: try ids.id(wire.user, "nick_changed.user"), claim: try ids.id(wire.claim, "nick_changed.claim"))
        case .userIntroduced:
            let wire = try WireUser(bytes: bytes)
            self = .userIntroduced(try UserRecord(wire, ids: ids))
        case .profileChanged:
            let wire = try WireProfileChanged(bytes: bytes)
            self = .profileChanged(
                user: try ids.id(wire.user, "profile_changed.user"),
                profile: try UserProfile(wire.hasProfile, wire.profile))
        case .userQuit:
            let wire = try WireUserQuit(bytes: bytes)
            self = .userQuit(
                user: try ids.id(wire.user, "user_quit.user"), reason: try readText(wire.reason, "user_quit.reason"))
        case .killRequested:
            let wire = try WireKillRequested(bytes: bytes)
            self = .killRequested(
                user: try ids.id(wire.user, "kill_requested.user"),
                by: try Actor(wire.hasBy, wire.by, "kill_requested.by", ids: ids),
                reason: try readText(wire.reason, "kill_requested.reason"))
        case .wallops:
            let wire = try WireWallops(bytes: bytes)
            self = .wallopsSent(
                by: try Actor(wire.hasBy, wire.by, "wallops.by", ids: ids),
                text: try readText(wire.text, "wallops.text"))
        case .nodeLeft:
            let wire = try WireNodeLeft(bytes: bytes)
            self = .nodeLeft(reason: try readText(wire.reason, "node_left.reason"))
        case .nodeDown:
            let wire = try WireNodeDown(bytes: bytes)
            self = .nodeDown(
                try ids.life(wire.life, "node_down.life"), heldUntil: WallTime(milliseconds: wire.heldUntil))
        case .lifeEnded:
            let wire = try WireLifeEnded(bytes: bytes)
            self = .lifeEnded(try ids.life(wire.life, "life_ended.life"))
        case .userTakenOver:
            let wire = try WireUserTakenOver(bytes: bytes)
            self = .userTakenOver(try TakeOver(wire, ids: ids))
        case .unspecified:
            let reason = bytes.withUnsafeBytes { String(validating: $0, as: UTF8.self) }
            guard let reason else { throw WireError(.malformed, "event: set aside, for a reason that is not UTF-8") }
            // It goes into the log of whoever reads it, as every other text of a peer.
            self = .quarantined(reason: try readText(reason, "event"))
        case .ignorable, .UNRECOGNIZED, nil:
            guard let kind = UInt32(exactly: kind), kind >= Self.ignorableKindMin else {
                throw WireError(.outOfRange, "event.kind: \(kind), which is not known and may not be ignored")
            }
            try checkCount(bytes.byteCount, WireLimits.contentBytesMax, "event.body")
            self = .unknown(kind: kind, content: bytes.withUnsafeBytes { [UInt8]($0) })
        }
    }
}
