// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What people say: by far the most frequent event.

import RoostModel
import RoostRoster

extension WireMessage {
    init(_ message: ChatMessage, ids: inout IDWriter) {
        self.init()
        senderLife = ids.number(of: message.sender)
        sender = message.sender.sequence
        switch message.target {
        case .channel(let name, let status):
            channel = name.text
            atLeast = UInt32(status.rawValue)
        case .user(let id):
            user = ids.id(id)
        }
        text = message.text
        kind =
            switch message.kind {
            case .message: .privmsg
            case .notice: .notice
            case .tags: .tagmsg
            }
        tags = message.tags.map { tag in
            var wire = WireTag()
            wire.key = tag.key
            wire.value = tag.value
            return wire
        }
    }
}

extension ChatMessage {
    init(_ wire: WireMessage, ids: IDReader) throws(WireError) {
        let target: Target
        switch wire.target {
        case .channel(let name):
            target = .channel(
                ChannelName(try readName(name, "message.channel")),
                atLeast: try readBits(wire.atLeast, in: MemberStatus.known, "message.at_least"))
        case .user(let id):
            target = .user(try ids.id(id, "message.user"))
        case nil:
            throw WireError(.missing, "message.target: none")
        }
        try checkCount(wire.tags.count, WireLimits.tagsMax, "message.tags")
        self.init(
            kind: try Kind(wire.kind), sender: try ids.id(wire.senderLife, wire.sender, "message.sender"),
            target: target,
            text: try readText(wire.text, "message.text"),
            tags: wire.tags.isEmpty ? [] : try wire.tags.map { tag throws(WireError) in try Tag(tag) })
    }
}

extension ChatMessage.Kind {
    init(_ wire: WireMessageKind) throws(WireError) {
        switch wire {
        case .privmsg: self = .message
        case .notice: self = .notice
        case .tagmsg: self = .tags
        case .UNRECOGNIZED(let number): throw WireError(.outOfRange, "message.kind: \(number)")
        }
    }
}

extension ChatMessage.Tag {
    init(_ wire: WireTag) throws(WireError) {
        // A value may hold any character, since it is escaped again before it goes to a client.
        try checkCount(wire.value.utf8.count, WireLimits.textBytesMax, "message.tags.value")
        self.init(key: try readName(wire.key, "message.tags.key"), value: wire.value)
    }
}
