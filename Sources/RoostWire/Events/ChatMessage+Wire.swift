// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What people say: by far the most frequent event.

import RoostModel
import RoostRoster

extension ChatMessage {
    /// The bytes of `Message`, as the generated code writes them: fields by number, without what is 0 or empty. Written by
    /// hand, since no event is as frequent, and the generated type is made only to be written.
    func encoded(_ ids: inout IDWriter) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count + 48)
        bytes.append(field: 1, sender.sequence)
        let senderLife = ids.number(of: sender)
        switch target {
        case .channel(let name, _):
            bytes.append(field: 2, name.text, isKeptEmpty: true)
        case .user(let id):
            var user: [UInt8] = []
            user.append(field: 1, UInt64(ids.number(of: id)))
            user.append(field: 2, id.sequence)
            bytes.append(field: 3, user)
        }
        bytes.append(field: 4, text)
        bytes.append(field: 5, UInt64(kind.rawValue))
        if case .channel(_, let status) = target { bytes.append(field: 6, UInt64(status.rawValue)) }
        for tag in tags {
            var part: [UInt8] = []
            part.append(field: 1, tag.key)
            part.append(field: 2, tag.value)
            bytes.append(field: 7, part)
        }
        bytes.append(field: 8, UInt64(senderLife))
        return bytes
    }
}

/// Fields of Protocol Buffers messages (https://protobuf.dev/programming-guides/encoding).
extension [UInt8] {
    fileprivate mutating func append(field number: UInt64, _ value: UInt64) {
        guard value != 0 else { return }
        append(varint: number << 3)
        append(varint: value)
    }

    fileprivate mutating func append(field number: UInt64, _ part: [UInt8]) {
        append(varint: number << 3 | 2)
        append(delimited: part)
    }

    fileprivate mutating func append(field number: UInt64, _ text: String, isKeptEmpty: Bool = false) {
        guard isKeptEmpty || !text.isEmpty else { return }
        append(varint: number << 3 | 2)
        append(varint: UInt64(text.utf8.count))
        append(contentsOf: text.utf8)
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
