// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// PRIVMSG, NOTICE and TAGMSG. https://modern.ircdocs.horse/#privmsg-message,
// https://ircv3.net/specs/extensions/message-tags

import RoostIRC
import RoostModel
import RoostRoster

extension Node {
    mutating func say(_ kind: ChatMessage.Kind, _ caller: Caller, _ line: IRCLine) {
        guard let targets = line.parameters.first, !targets.isEmpty else {
            complain(.noRecipient(kind.command), of: kind, to: caller)
            return
        }
        let text = kind == .tags ? "" : line.parameters.dropFirst().first ?? ""
        if kind != .tags, text.isEmpty {
            complain(.noTextToSend, of: kind, to: caller)
            return
        }
        let tags = line.tags.filter(\.isClientOnly).map { ChatMessage.Tag(key: $0.key, value: $0.value) }
        if !targets.utf8.contains(UInt8(ascii: ",")) {
            say(kind, text, tags: tags, to: targets, caller)
            return
        }
        let names = targets.split(separator: ",")
        for target in names.prefix(settings.limits.targetsPerCommand) {
            say(kind, text, tags: tags, to: String(target), caller)
        }
        if names.count > settings.limits.targetsPerCommand {
            complain(.tooManyTargets(String(names[settings.limits.targetsPerCommand])), of: kind, to: caller)
        }
    }

    private mutating func say(
        _ kind: ChatMessage.Kind, _ text: String, tags: [ChatMessage.Tag], to target: String, _ caller: Caller
    ) {
        let destination: ChatMessage.Target
        let (status, name) = Self.splitStatus(target)
        if isChannelName(name) {
            guard let channel = roster.visibleChannel(ChannelName(name)) else {
                complain(.noSuchChannel(target), of: kind, to: caller)
                return
            }
            guard maySpeak(caller.user, in: channel) else {
                complain(.cannotSendToChannel(channel.name.text), of: kind, to: caller)
                return
            }
            destination = .channel(channel.name, atLeast: status)
        } else {
            guard let user = roster.user(named: Nick(target)) else {
                complain(.noSuchNick(target), of: kind, to: caller)
                return
            }
            if kind == .message, let absence = absence(of: user) { reply(.away(user.nick.text, absence), to: caller) }
            destination = .user(user.id)
        }
        counters.messagesAccepted += 1
        publish(
            .messageSent(
                ChatMessage(kind: kind, sender: caller.user, target: destination, text: text, tags: tags)))
    }

    /// "The NOTICE command is used similarly to PRIVMSG. The difference is that automatic replies must never be sent in
    /// response to a NOTICE message" (RFC 1459 section 4.4.2).
    private mutating func complain(_ reply: Reply, of kind: ChatMessage.Kind, to caller: Caller) {
        if kind != .notice { self.reply(reply, to: caller) }
    }

    /// A target with a status before the channel (005 STATUSMSG), in its two parts.
    static func splitStatus(_ target: String) -> (status: MemberStatus, name: String) {
        guard let first = target.first, target.utf8.count > 1,
            let entry = MemberStatus.all.first(where: { $0.prefix == first })
        else { return ([], target) }
        return (entry.status, String(target.dropFirst()))
    }

    /// Whether a user may say something in a channel.
    func maySpeak(_ id: UserID, in channel: Channel) -> Bool {
        let isMember = channel.members[id] != nil
        let flags = channel.setFlags
        if !isMember, flags.contains(.noExternalMessages) { return false }
        if flags.contains(.moderated) || channel.hasBans {
            if isMember, !channel.status(of: id).isEmpty { return true }
            if flags.contains(.moderated) { return false }
            if let user = roster.users[id], isBanned(user, from: channel) { return false }
        }
        return true
    }

    /// Whether a member of a channel is kept from speaking in it, and so from changing its nick.
    func isSilenced(_ id: UserID, in name: ChannelName) -> Bool {
        guard let channel = roster.channels[name], let user = roster.users[id] else { return false }
        return channel.status(of: id).isEmpty && isBanned(user, from: channel)
    }
}
