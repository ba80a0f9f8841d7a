// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// How each kind of event is written. `EventBody+Reading.swift` is its mirror.

import RoostModel
import RoostRoster

extension RunWriter {
    mutating func write(_ body: EventBody, _ time: Int64) {
        switch body {
        case .messageSent(let message):
            append(.message, time, WireMessage(message, ids: &ids))
        case .joined(let user, let channel, let birth, let status, let invitations):
            var wire = WireJoined()
            wire.user = ids.id(user)
            wire.channel = channel.text
            wire.birth = ids.stamp(birth)
            wire.status = UInt32(status.rawValue)
            wire.invitations = ids.ids(invitations)
            append(.joined, time, wire)
        case .parted(let user, let channel, let tags, let reason):
            var wire = WireParted()
            wire.user = ids.id(user)
            wire.channel = channel.text
            wire.tags = ids.ids(tags)
            if let reason { wire.reason = reason }
            append(.parted, time, wire)
        case .kicked(let user, let channel, let tags, let by, let reason):
            var wire = WireKicked()
            wire.user = ids.id(user)
            wire.channel = channel.text
            wire.tags = ids.ids(tags)
            wire.by = WireActor(by, ids: &ids)
            wire.reason = reason
            append(.kicked, time, wire)
        case .modesChanged(let channel, let birth, let changes, let by):
            var wire = WireModesChanged()
            wire.channel = channel.text
            wire.birth = ids.stamp(birth)
            wire.by = WireActor(by, ids: &ids)
            wire.changes = changes.map { WireModeChange($0, ids: &ids) }
            append(.modesChanged, time, wire)
        case .topicChanged(let channel, let birth, let text, let by):
            var wire = WireTopicChanged()
            wire.channel = channel.text
            wire.birth = ids.stamp(birth)
            wire.text = text
            wire.by = WireActor(by, ids: &ids)
            append(.topicChanged, time, wire)
        case .invited(let user, let channel, let birth, let by):
            var wire = WireInvited()
            wire.user = ids.id(user)
            wire.channel = channel.text
            wire.birth = ids.stamp(birth)
            wire.by = WireActor(by, ids: &ids)
            append(.invited, time, wire)
        case .channelEnded(let channel, let birth):
            var wire = WireChannelEnded()
            wire.channel = channel.text
            wire.birth = ids.stamp(birth)
            append(.channelEnded, time, wire)
        case .nickClaimed(let claim):
            var wire = WireNickClaimed()
            if let user = claim.user { wire.user = ids.id(user) }
            wire.nick = claim.nick.text
            wire.identity = claim.identity
            append(.nickClaimed, time, wire)
        case .nickReleased(let claim):
            var wire = WireNickReleased()
            wire.claim = ids.id(claim)
            append(.nickReleased, time, wire)
        case .nickChanged(let user, let claim):
            var wire = WireNickChanged()
            wire.user = ids.id(user)
            wire.claim = ids.id(claim)
            append(.nickChanged, time, wire)
        case .userIntroduced(let record):
            append(.userIntroduced, time, WireUser(record, ids: &ids))
        case .profileChanged(let user, let profile):
            var wire = WireProfileChanged()
            wire.user = ids.id(user)
            wire.profile = WireProfile(profile)
            append(.profileChanged, time, wire)
        case .userQuit(let user, let reason):
            var wire = WireUserQuit()
            wire.user = ids.id(user)
            wire.reason = reason
            append(.userQuit, time, wire)
        case .killRequested(let user, let by, let reason):
            var wire = WireKillRequested()
            wire.user = ids.id(user)
            wire.by = WireActor(by, ids: &ids)
            wire.reason = reason
            append(.killRequested, time, wire)
        case .wallopsSent(let by, let text):
            var wire = WireWallops()
            wire.by = WireActor(by, ids: &ids)
            wire.text = text
            append(.wallops, time, wire)
        case .nodeLeft(let reason):
            var wire = WireNodeLeft()
            wire.reason = reason
            append(.nodeLeft, time, wire)
        case .unknown(let kind, let content):
            precondition(kind >= EventBody.ignorableKindMin, "unknown kind \(kind), which may not be ignored")
            append(UInt64(kind), time, content)
        }
    }
}

extension EventBody {
    /// The first of the kinds that a node may ignore.
    static let ignorableKindMin = UInt32(WireEventKind.ignorable.rawValue)
}
