// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Messages on their way to our clients, whichever node they were said at.

import RoostIRC
import RoostModel
import RoostRoster

extension Node {
    /// Hands a message to those of our clients that it is meant for, keeps it for those who are held, and sends its echo
    /// to a sender of ours that wants one. Who said it may have left: a dead node's stream may be repaired only after
    /// another node had taken the sender over and seen it leave.
    mutating func deliver(_ message: ChatMessage, of event: Event) {
        if roster.users[message.sender] != nil { lastSpoke[message.sender] = now.instant }
        forward(message, of: event, without: seers(of: event.id))
    }

    /// Hands out the messages among events that a snapshot passed over, and brought with it. Who said them may have left,
    /// and some of those who are there now came later.
    mutating func deliverPassedOver(_ events: [Event]) {
        for event in events.sorted(by: { ($0.time, $0.id) < ($1.time, $1.id) }) where roster.covers(event.id) {
            guard case .messageSent(let message) = event.body else { continue }
            forward(message, of: event, without: seers(of: event.id) + newcomers(among: message.target, since: event))
        }
    }

    /// Our clients in a channel whose users came to the network after something was said.
    private func newcomers(among target: ChatMessage.Target, since event: Event) -> [ConnectionID] {
        guard case .channel(let name, _) = target, let audience = audiences[name] else { return [] }
        return audience.lanes.joined().filter { connection in
            guard let client = clients[connection], let id = client.user, let user = roster.users[id] else {
                return false
            }
            return wasSaid(event, before: user)
        }
    }

    private mutating func forward(_ message: ChatMessage, of event: Event, without excluded: [ConnectionID]) {
        guard isKnown(sender: message.sender) else { return }
        let own = connections[message.sender]
        // Most nodes have nobody who gets it: the line is made where somebody does, once.
        var line = own.flatMap { !excluded.contains($0) && wantsEcho($0) ? self.line(of: message, event) : nil }
        let echoed = line
        switch message.target {
        case .channel(let name, let status):
            guard let channel = roster.channels[name] else { return }
            if var audience = status.isEmpty ? audiences[name] : audience(of: channel, atLeast: status) {
                for connection in excluded { audience.remove(connection) }
                line = line ?? self.line(of: message, event)
                if let line { effects.append(.fanOut(line, to: audience, except: own)) }
            }
        case .user(let id):
            guard roster.users[id] != nil else { return }
            if let connection = connections[id], !excluded.contains(connection) {
                line = line ?? self.line(of: message, event)
                if let line { effects.append(.send(line, to: connection)) }
            }
        }
        keep(event)
        if let own, let echoed { echo(echoed, of: event, to: own) }
    }

    /// A message as clients see it; nil where whom it was meant for is there no more. Who said it may have left.
    func line(of message: ChatMessage, _ event: Event) -> OutgoingMessage? {
        guard let source = prefix(ofSender: message.sender) else { return nil }
        let target: String
        switch message.target {
        case .channel(let name, let status):
            guard let channel = roster.channels[name] else { return nil }
            target =
                (MemberStatus.all.first { $0.status == status }.map { String($0.prefix) } ?? "")
                + channel.name.text
        case .user(let id):
            guard let user = roster.users[id] else { return nil }
            target = user.nick.text
        }
        return OutgoingMessage(
            time: event.time.wall.milliseconds, messageID: event.id.description,
            clientTags: message.tags.map { Tag($0.key, $0.value) }, source: source,
            command: message.kind.command,
            parameters: message.kind == .tags ? [target] : [target, message.text],
            requires: message.kind == .tags ? .messageTags : [])
    }

    /// How a sender is seen, or was before it left.
    func prefix(ofSender user: UserID) -> String? { roster.users[user]?.prefix ?? formerPrefixes[user] }

    /// Whether it is known how a sender is seen, or was.
    private func isKnown(sender: UserID) -> Bool { roster.users[sender] != nil || formerPrefixes[sender] != nil }

    /// Our clients among the members of a channel with at least some status.
    private func audience(of channel: Channel, atLeast status: MemberStatus) -> Audience? {
        var audience = Audience()
        for member in channel.members.keys.sorted() where channel.status(of: member).isAtLeast(status) {
            if let connection = connections[member] { audience.insert(connection) }
        }
        return audience.isEmpty ? nil : audience
    }

    /// Hands WALLOPS to those of our clients that want it.
    mutating func deliverWallops(_ text: String, by: Actor, at time: HybridTime) {
        var audience = Audience()
        for (user, connection) in connections.sorted(by: { $0.value < $1.value })
        where roster.users[user]?.profile.modes.contains(.wallops) == true {
            audience.insert(connection)
        }
        guard !audience.isEmpty else { return }
        let line = OutgoingMessage(
            time: time.wall.milliseconds, source: by.prefix, command: "WALLOPS", parameters: [text])
        effects.append(.fanOut(line, to: audience, except: nil))
    }
}

extension ChatMessage.Kind {
    /// The command that the message came by and goes out as.
    var command: String {
        switch self {
        case .message: "PRIVMSG"
        case .notice: "NOTICE"
        case .tags: "TAGMSG"
        }
    }
}
