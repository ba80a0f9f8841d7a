// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// All that belongs to a birth of a channel, in a snapshot.

import RoostModel
import RoostRoster

extension WireChannelState {
    init(_ state: ChannelState, of channel: ChannelName, ids: inout IDWriter) {
        self.init()
        birth = ids.stamp(state.birth)
        if state.name.text != channel.text { name = state.name.text }
        if let ended = state.ended { self.ended = ended.rawValue }
        if let register = state.topic {
            topic.written = ids.stamp(register.time, register.node)
            topic.text = register.value.text
            topic.setter = register.value.setter
            topic.time = register.value.time.milliseconds
        }
        flags = state.flags.sorted { $0.key < $1.key }.map { flag, register in
            var wire = WireFlagRegister()
            wire.written = ids.stamp(register.time, register.node)
            wire.flag = UInt32(flag)
            wire.isSet = register.value
            return wire
        }
        if let register = state.key {
            key.written = ids.stamp(register.time, register.node)
            if let value = register.value { key.key = value }
        }
        if let register = state.limit {
            limit.written = ids.stamp(register.time, register.node)
            if let value = register.value { limit.limit = value }
        }
        for list in MaskList.allCases {
            for (mask, entry) in (state.lists[list] ?? [:]).sorted(by: { $0.key < $1.key }) {
                masks += entry.parts.map { WireMask(mask, in: list, $0, ids: &ids) }
            }
        }
        for (tag, bits) in state.statuses.sorted(by: { $0.key < $1.key }) {
            for (bit, register) in bits.sorted(by: { $0.key < $1.key }) {
                var wire = WireStatusRegister()
                wire.written = ids.stamp(register.time, register.node)
                wire.tag = ids.id(tag)
                wire.status = UInt32(bit)
                wire.isSet = register.value
                statuses.append(wire)
            }
        }
        invited = state.invited.sorted { $0.key < $1.key }.map { user, invitations in
            var wire = WireInvitee()
            wire.user = ids.id(user)
            wire.invitations = ids.ids(invitations.sorted())
            return wire
        }
    }
}

extension ChannelState {
    init(_ wire: WireChannelState, of channel: ChannelName, ids: IDReader) throws(WireError) {
        self.init(
            birth: try ids.birth(wire.hasBirth, wire.birth, "state.birth"),
            name: wire.hasName ? ChannelName(try readName(wire.name, "state.name")) : channel)
        try checkCount(wire.masks.count, WireLimits.snapshotEntriesMax, "state.masks")
        try checkCount(wire.statuses.count, WireLimits.snapshotEntriesMax, "state.statuses")
        try checkCount(wire.invited.count, WireLimits.snapshotEntriesMax, "state.invited")
        if wire.hasEnded { ended = HybridTime(rawValue: wire.ended) }
        if wire.hasTopic {
            let value = Topic(
                text: try readText(wire.topic.text, "topic.text"),
                setter: try readText(wire.topic.setter, "topic.setter"),
                time: WallTime(milliseconds: wire.topic.time))
            topic = try ids.register(value, wire.topic.written, "topic.written")
        }
        for entry in wire.flags {
            let flag = try readBit(entry.flag, in: ChannelFlags.known, "state.flags")
            flags[flag] = try ids.register(entry.isSet, entry.written, "state.flags.written")
        }
        if wire.hasKey {
            let value =
                wire.key.hasKey ? try readText(wire.key.key, upTo: WireLimits.nameBytesMax, "state.key") : nil
            key = try ids.register(value, wire.key.written, "state.key.written")
        }
        if wire.hasLimit {
            let value = wire.limit.hasLimit ? wire.limit.limit : nil
            limit = try ids.register(value, wire.limit.written, "state.limit.written")
        }
        for mask in wire.masks {
            let text = try readText(mask.mask, upTo: WireLimits.nameBytesMax, "state.masks.mask")
            let (list, entry) = (try MaskList(mask.list), try MaskEntry(mask, ids: ids))
            lists[list, default: [:]][text, default: entry].merge(entry)
        }
        for entry in wire.statuses {
            let bit = try readBit(entry.status, in: MemberStatus.known, "state.statuses.status")
            let tag = try ids.id(entry.tag, "state.statuses.tag")
            statuses[tag, default: [:]][bit] = try ids.register(
                entry.isSet, entry.written, "state.statuses.written")
        }
        for invitee in wire.invited {
            let user = try ids.id(invitee.user, "state.invited.user")
            let invitations = Set(try ids.ids(invitee.invitations, "state.invited.invitations"))
            if !invitations.isEmpty { invited[user] = invitations }
        }
    }
}

extension IDReader {
    fileprivate func register<Value>(
        _ value: Value, _ written: WireStamp, _ field: StaticString
    ) throws(WireError) -> Register<Value> {
        let (time, node) = try stamp(written, field)
        return Register(value, time: time, node: node)
    }
}

extension WireMask {
    fileprivate init(_ mask: String, in list: MaskList, _ entry: MaskEntry, ids: inout IDWriter) {
        self.init()
        self.list = WireMaskList(list)
        self.mask = mask
        tags = ids.ids(entry.tags)
        setter = entry.setter
        time = entry.time.milliseconds
    }
}

extension MaskEntry {
    fileprivate init(_ wire: WireMask, ids: IDReader) throws(WireError) {
        guard !wire.tags.isEmpty else { throw WireError(.missing, "state.masks.tags: none") }
        self.init(
            tags: try ids.ids(wire.tags, "state.masks.tags").sorted(),
            setter: try readText(wire.setter, "state.masks.setter"), time: WallTime(milliseconds: wire.time))
    }
}
