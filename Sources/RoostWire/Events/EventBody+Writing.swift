// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// How each kind of event is written. `EventBody+Reading.swift` is its mirror.

import RoostModel
import RoostRoster

extension WireEvent.OneOf_Body {
    init(_ body: EventBody, ids: inout IDWriter) {
        switch body {
        case .messageSent(let message):
            self = .message(WireMessage(message, ids: &ids))
        case .joined(let user, let channel, let birth, let status, let invitations):
            var wire = WireJoined()
            wire.user = ids.id(user)
            wire.channel = channel.text
            wire.birth = ids.stamp(birth)
            wire.status = UInt32(status.rawValue)
            wire.invitations = ids.ids(invitations)
            self = .joined(wire)
        case .parted(let user, let channel, let tags, let reason):
            var wire = WireParted()
            wire.user = ids.id(user)
            wire.channel = channel.text
            wire.tags = ids.ids(tags)
            if let reason { wire.reason = reason }
            self = .parted(wire)
        case .kicked(let user, let channel, let tags, let by, let reason):
            var wire = WireKicked()
            wire.user = ids.id(user)
            wire.channel = channel.text
            wire.tags = ids.ids(tags)
            wire.by = WireActor(by, ids: &ids)
            wire.reason = reason
            self = .kicked(wire)
        case .modesChanged(let channel, let birth, let changes, let by):
            var wire = WireModesChanged()
            wire.channel = channel.text
            wire.birth = ids.stamp(birth)
            wire.by = WireActor(by, ids: &ids)
            wire.changes = changes.map { WireModeChange($0, ids: &ids) }
            self = .modesChanged(wire)
        case .topicChanged(let channel, let birth, let text, let by):
            var wire = WireTopicChanged()
            wire.channel = channel.text
            wire.birth = ids.stamp(birth)
            wire.text = text
            wire.by = WireActor(by, ids: &ids)
            self = .topicChanged(wire)
        case .invited(let user, let channel, let birth, let by):
            var wire = WireInvited()
            wire.user = ids.id(user)
            wire.channel = channel.text
            wire.birth = ids.stamp(birth)
            wire.by = WireActor(by, ids: &ids)
            self = .invited(wire)
        case .channelEnded(let channel, let birth):
            var wire = WireChannelEnded()
            wire.channel = channel.text
            wire.birth = ids.stamp(birth)
            self = .channelEnded(wire)
        case .nickClaimed(let claim):
            var wire = WireNickClaimed()
            if let user = claim.user { wire.user = ids.id(user) }
            wire.nick = claim.nick.text
            wire.identity = claim.identity
            self = .nickClaimed(wire)
        case .nickReleased(let claim):
            self = .nickReleased(ids.id(claim))
        case .nickChanged(let user, let claim):
            var wire = WireNickChanged()
            wire.user = ids.id(user)
            wire.claim = ids.id(claim)
            self = .nickChanged(wire)
        case .userIntroduced(let record):
            self = .userIntroduced(WireUser(record, ids: &ids))
        case .profileChanged(let user, let profile):
            var wire = WireProfileChanged()
            wire.user = ids.id(user)
            wire.profile = WireProfile(profile)
            self = .profileChanged(wire)
        case .userQuit(let user, let reason):
            var wire = WireUserQuit()
            wire.user = ids.id(user)
            wire.reason = reason
            self = .userQuit(wire)
        case .killRequested(let user, let by, let reason):
            var wire = WireKillRequested()
            wire.user = ids.id(user)
            wire.by = WireActor(by, ids: &ids)
            wire.reason = reason
            self = .killRequested(wire)
        case .wallopsSent(let by, let text):
            var wire = WireWallops()
            wire.by = WireActor(by, ids: &ids)
            wire.text = text
            self = .wallops(wire)
        case .nodeLeft(let reason):
            self = .nodeLeft(reason)
        case .unknown(let kind, let content):
            var wire = WireExtension()
            wire.kind = kind
            wire.content = bytesField(content)
            self = .extension(wire)
        }
    }
}
