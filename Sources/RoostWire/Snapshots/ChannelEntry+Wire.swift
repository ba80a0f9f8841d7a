// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// A channel in a snapshot: its members. What belongs to each of its births is in `ChannelState+Wire.swift`.

import RoostModel
import RoostRoster

extension WireChannel {
    init(_ entry: Snapshot.ChannelEntry, ids: inout IDWriter) {
        self.init()
        let birth = entry.states.first?.birth
        name = entry.name.text
        states = entry.states.map { WireChannelState($0, of: entry.name, ids: &ids) }
        members = entry.members.sorted { $0.key < $1.key }.map { user, tags in
            var member = WireMember()
            member.user = ids.id(user)
            member.tags = tags.map { tag in
                var wire = WireMembershipTag()
                wire.id = ids.id(tag.id)
                if tag.birth != birth { wire.birth = ids.stamp(tag.birth) }
                return wire
            }
            return member
        }
    }
}

extension Snapshot.ChannelEntry {
    init(_ wire: WireChannel, ids: IDReader) throws(WireError) {
        try checkCount(wire.states.count, WireLimits.statesMax, "channel.states")
        try checkCount(wire.members.count, WireLimits.snapshotEntriesMax, "channel.members")
        let name = ChannelName(try readName(wire.name, "channel.name"))
        let states = try wire.states.map { state throws(WireError) in try ChannelState(state, of: name, ids: ids) }
        guard let birth = states.first?.birth else { throw WireError(.missing, "channel.states: none") }

        var members: [UserID: [MembershipTag]] = [:]
        members.reserveCapacity(wire.members.count)
        for member in wire.members {
            try checkCount(member.tags.count, WireLimits.idsMax, "member.tags")
            let user = try ids.id(member.user, "member.user")
            members[user] = try member.tags.map { tag throws(WireError) in
                MembershipTag(
                    id: try ids.id(tag.id, "member.tags"),
                    birth: tag.hasBirth ? try ids.birth(true, tag.birth, "member.tags.birth") : birth)
            }
        }
        self.init(name: name, states: states, members: members)
    }
}
