// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Changes of channel modes.

import RoostModel
import RoostRoster

extension WireModeChange {
    init(_ fact: ModeFact, ids: inout IDWriter) {
        self.init()
        switch fact {
        case .flag(let flags, isSet: true): flagsSet = UInt32(flags.rawValue)
        case .flag(let flags, isSet: false): flagsCleared = UInt32(flags.rawValue)
        case .key(let key?): keySet = key
        case .key(nil): keyCleared = true
        case .limit(let limit?): limitSet = limit
        case .limit(nil): limitCleared = true
        case .status(let status, let user, let tag, let isSet):
            var wire = WireStatusChange()
            wire.status = UInt32(status.rawValue)
            wire.user = ids.id(user)
            wire.tag = ids.id(tag)
            change = isSet ? .statusSet(wire) : .statusCleared(wire)
        case .listAdded(let list, let mask):
            maskAdded.list = WireMaskList(list)
            maskAdded.mask = mask
        case .listRemoved(let list, let mask, let tags):
            maskRemoved.list = WireMaskList(list)
            maskRemoved.mask = mask
            maskRemoved.tags = ids.ids(tags)
        }
    }
}

extension ModeFact {
    init(_ wire: WireModeChange, ids: IDReader) throws(WireError) {
        switch wire.change {
        case .flagsSet(let bits):
            self = .flag(try ChannelFlags(bit: bits, "mode.flags_set"), isSet: true)
        case .flagsCleared(let bits):
            self = .flag(try ChannelFlags(bit: bits, "mode.flags_cleared"), isSet: false)
        case .keySet(let key):
            self = .key(try readText(key, upTo: WireLimits.nameBytesMax, "mode.key_set"))
        case .keyCleared:
            self = .key(nil)
        case .limitSet(let limit):
            self = .limit(limit)
        case .limitCleared:
            self = .limit(nil)
        case .statusSet(let wire):
            self = try .status(wire, isSet: true, ids: ids)
        case .statusCleared(let wire):
            self = try .status(wire, isSet: false, ids: ids)
        case .maskAdded(let wire):
            self = .listAdded(
                try MaskList(wire.list), mask: try readText(wire.mask, upTo: WireLimits.nameBytesMax, "mode.mask"))
        case .maskRemoved(let wire):
            self = .listRemoved(
                try MaskList(wire.list), mask: try readText(wire.mask, upTo: WireLimits.nameBytesMax, "mode.mask"),
                tags: try ids.ids(wire.tags, "mode.mask_removed.tags"))
        case nil:
            throw WireError(.missing, "mode.change: none, or of an unknown kind")
        }
    }

    private static func status(
        _ wire: WireStatusChange, isSet: Bool, ids: IDReader
    ) throws(WireError) -> ModeFact {
        // Each status has a register of its own, so a change is of one.
        .status(
            MemberStatus(rawValue: try readBit(wire.status, in: MemberStatus.known, "mode.status")),
            user: try ids.id(wire.user, "mode.status.user"), tag: try ids.id(wire.tag, "mode.status.tag"),
            isSet: isSet)
    }
}

extension ChannelFlags {
    static let known: ChannelFlags = [
        .inviteOnly, .moderated, .noExternalMessages, .privateChannel, .secret, .topicProtected,
    ]

    /// One flag: each has a register of its own in the roster.
    fileprivate init(bit: UInt32, _ field: StaticString) throws(WireError) {
        self.init(rawValue: try readBit(bit, in: Self.known, field))
    }
}

extension MemberStatus {
    static let known: MemberStatus = [.voice, .halfOperator, .channelOperator]
}

extension WireMaskList {
    init(_ list: MaskList) {
        self =
            switch list {
            case .bans: .bans
            case .exceptions: .exceptions
            case .invitations: .invitations
            }
    }
}

extension MaskList {
    init(_ wire: WireMaskList) throws(WireError) {
        switch wire {
        case .bans: self = .bans
        case .exceptions: self = .exceptions
        case .invitations: self = .invitations
        case .UNRECOGNIZED(let number): throw WireError(.outOfRange, "list: \(number)")
        }
    }
}
