// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// How each kind of event is written. `EventBody+Reading.swift` is its mirror.

import RoostModel
import RoostRoster

extension EventBody {
    /// The number of the kind, and the bytes of the message that the kind names.
    func encoded(_ ids: inout IDWriter) -> (kind: UInt32, bytes: [UInt8]) {
        switch self {
        case .messageSent(let message):
            return (WireEventKind.message.number, message.encoded(&ids))
        case .joined(let user, let channel, let birth, let status, let invitations):
            var wire = WireJoined()
            wire.user = ids.id(user)
            wire.channel = channel.text
            wire.birth = ids.stamp(birth)
            wire.status = UInt32(status.rawValue)
            wire.invitations = ids.ids(invitations)
            return (WireEventKind.joined.number, wire.bytes)
        case .parted(let user, let channel, let tags, let reason):
            var wire = WireParted()
            wire.user = ids.id(user)
            wire.channel = channel.text
            wire.tags = ids.ids(tags)
            if let reason { wire.reason = reason }
            return (WireEventKind.parted.number, wire.bytes)
        case .kicked(let user, let channel, let tags, let by, let reason):
            var wire = WireKicked()
            wire.user = ids.id(user)
            wire.channel = channel.text
            wire.tags = ids.ids(tags)
            wire.by = WireActor(by, ids: &ids)
            wire.reason = reason
            return (WireEventKind.kicked.number, wire.bytes)
        case .modesChanged(let channel, let birth, let changes, let by):
            var wire = WireModesChanged()
            wire.channel = channel.text
            wire.birth = ids.stamp(birth)
            wire.by = WireActor(by, ids: &ids)
            wire.changes = changes.map { WireModeChange($0, ids: &ids) }
            return (WireEventKind.modesChanged.number, wire.bytes)
        case .topicChanged(let channel, let birth, let text, let by):
            var wire = WireTopicChanged()
            wire.channel = channel.text
            wire.birth = ids.stamp(birth)
            wire.text = text
            wire.by = WireActor(by, ids: &ids)
            return (WireEventKind.topicChanged.number, wire.bytes)
        case .invited(let user, let channel, let birth, let by):
            var wire = WireInvited()
            wire.user = ids.id(user)
            wire.channel = channel.text
            wire.birth = ids.stamp(birth)
            wire.by = WireActor(by, ids: &ids)
            return (WireEventKind.invited.number, wire.bytes)
        case .channelEnded(let channel, let birth):
            var wire = WireChannelEnded()
            wire.channel = channel.text
            wire.birth = ids.stamp(birth)
            return (WireEventKind.channelEnded.number, wire.bytes)
        case .nickClaimed(let claim):
            var wire = WireNickClaimed()
            if let user = claim.user { wire.user = ids.id(user) }
            wire.nick = claim.nick.text
            wire.identity = claim.identity
            return (WireEventKind.nickClaimed.number, wire.bytes)
        case .nickReleased(let claim):
            var wire = WireNickReleased()
            wire.claim = ids.id(claim)
            return (WireEventKind.nickReleased.number, wire.bytes)
        case .nickChanged(let user, let claim):
            var wire = WireNickChanged()
            wire.user = ids.id(user)
            wire.claim = ids.id(claim)
            return (WireEventKind.nickChanged.number, wire.bytes)
        case .userIntroduced(let record):
            return (WireEventKind.userIntroduced.number, WireUser(record, ids: &ids).bytes)
        case .profileChanged(let user, let profile):
            var wire = WireProfileChanged()
            wire.user = ids.id(user)
            wire.profile = WireProfile(profile)
            return (WireEventKind.profileChanged.number, wire.bytes)
        case .userQuit(let user, let reason):
            var wire = WireUserQuit()
            wire.user = ids.id(user)
            wire.reason = reason
            return (WireEventKind.userQuit.number, wire.bytes)
        case .killRequested(let user, let by, let reason):
            var wire = WireKillRequested()
            wire.user = ids.id(user)
            wire.by = WireActor(by, ids: &ids)
            wire.reason = reason
            return (WireEventKind.killRequested.number, wire.bytes)
        case .wallopsSent(let by, let text):
            var wire = WireWallops()
            wire.by = WireActor(by, ids: &ids)
            wire.text = text
            return (WireEventKind.wallops.number, wire.bytes)
        case .nodeLeft(let reason):
            var wire = WireNodeLeft()
            wire.reason = reason
            return (WireEventKind.nodeLeft.number, wire.bytes)
        case .nodeDown(let life, let heldUntil):
            var wire = WireNodeDown()
            wire.life = ids.number(of: life)
            wire.heldUntil = heldUntil.milliseconds
            return (WireEventKind.nodeDown.number, wire.bytes)
        case .lifeEnded(let life):
            var wire = WireLifeEnded()
            wire.life = ids.number(of: life)
            return (WireEventKind.lifeEnded.number, wire.bytes)
        case .userTakenOver(let takeOver):
            return (WireEventKind.userTakenOver.number, WireUserTakenOver(takeOver, ids: &ids).bytes)
        case .unknown(let kind, let content):
            precondition(kind >= EventBody.ignorableKindMin, "unknown kind \(kind), which may not be ignored")
            return (kind, content)
        case .quarantined(let reason):
            // What was not understood cannot be said again; whoever is sent this sets it aside as well.
            return (WireEventKind.unspecified.number, Array(reason.utf8))
        }
    }
}

extension EventBody {
    /// The first of the kinds that a node may ignore.
    static let ignorableKindMin = WireEventKind.ignorable.number
}

extension WireEventKind {
    fileprivate var number: UInt32 { UInt32(rawValue) }
}
