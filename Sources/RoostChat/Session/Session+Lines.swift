// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What the node's lines mean to a person: talk goes to the place it belongs to, comings and goings are kept and told,
// numerics are put into words. Lines that mean nothing to us are passed over.

import RoostIRC

extension Session {
    mutating func receive(_ line: IRCLine) {
        let first = line.parameters.first
        switch line.command {
        case "PING": effects.append(.send(IRCLine(command: "PONG", parameters: line.parameters)))
        case "PONG": answered(line.parameters.last ?? "")
        case "CAP": receiveCapability(line)
        case "ERROR": farewell = line.parameters.last
        case "001": registered(as: first ?? nick)
        case "432", "433", "436", "437": nickRefused(line)
        case "PRIVMSG", "NOTICE": receiveTalk(line)
        case "JOIN": receiveJoin(line)
        case "PART", "KICK": receiveDeparture(line)
        case "QUIT": receiveQuit(line)
        case "NICK": receiveNick(line)
        case "TOPIC": receiveTopic(line)
        case "AWAY": receiveAway(line)
        case "MODE":
            guard let first else { break }
            let change = line.parameters.dropFirst().joined(separator: " ")
            show(
                .news, "\(line.nick) sets mode \(change)", in: first.isChannelName ? .named(first) : .status,
                time: line.time)
        case "INVITE":
            let channel = line.parameters.last ?? ""
            show(.news, "\(line.nick) invites you to \(channel): /join \(channel)", in: askingPlace, time: line.time)
        case "WALLOPS", "KILL":
            show(.news, "\(line.nick): \(line.parameters.last ?? "")", in: .status, time: line.time)
        default:
            if line.command.utf8.count == 3, line.command.allSatisfy(\.isNumber) { receiveNumeric(line) }
        }
    }

    // MARK: Talk

    private mutating func receiveTalk(_ line: IRCLine) {
        guard line.parameters.count >= 2 else { return }
        let isOwn = isMe(line.nick)
        if isOwn { confirm(line.parameters[0]) }
        guard seenMessages.isNew(isOwn ? nil : line.tag("msgid")) else { return }
        // `@#channel`: to those in it who hold a status.
        var target = line.parameters[0]
        if let first = target.first, "@%+~".contains(first), target.dropFirst().first == "#" { target.removeFirst() }
        let isPrivate = !target.isChannelName
        let isNotice = line.command == "NOTICE"
        let fromPerson = line.source?.contains("!") ?? false
        if isNotice, !fromPerson {
            show(
                .notice(from: line.nick), line.parameters[1], in: isPrivate ? .status : .named(target), time: line.time)
            return
        }

        let partner = isPrivate && !isOwn ? line.nick : target
        let place = Place.named(PlainText.oneLine(partner))
        if isPrivate, !isNotice { correspondents.insert(partner.folded) }
        show(
            line.parameters[1], from: line.nick, isNotice: isNotice,
            in: isNotice && isPrivate && !correspondents.contains(partner.folded) ? .status : place, time: line.time)
    }

    /// Shows talk, ours or another's; `ACTION` is the only CTCP request that is more than a mention to us.
    mutating func show(_ text: String, from: String, isNotice: Bool, in place: Place, time: Int64?) {
        let name = PlainText.oneLine(from)
        var kind: Entry.Kind = isNotice ? .notice(from: name) : .message(from: name)
        var text = text
        if text.hasPrefix("\u{01}") {
            let request = text.dropFirst().prefix { $0 != "\u{01}" }
            guard request.hasPrefix("ACTION ") else {
                show(.news, "\(name) sends CTCP \(request)", in: .status, time: time)
                return
            }
            kind = .action(from: name)
            text = String(request.dropFirst("ACTION ".count))
        }
        let plain = PlainText.oneLine(text)
        let isOwn = isMe(from)
        let isForMe = !isOwn && (!place.isChannel || Self.mentions(nick, in: plain))
        effects.append(
            .show(Entry(kind: kind, text: plain, isOwn: isOwn, isForMe: isForMe, time: time), in: place))
    }

    /// Whether `text` has the nick as a word of its own.
    static func mentions(_ nick: String, in text: String) -> Bool {
        text.folded.split { !($0.isLetter || $0.isNumber || "-_[]{}\\|^`".contains($0)) }
            .contains { $0 == nick.folded }
    }

    /// The echo of something we said to `target`; what is said to one target comes back in its order.
    private mutating func confirm(_ target: String) {
        if let index = unconfirmed.firstIndex(where: { $0.target.folded == target.folded }) {
            unconfirmed.remove(at: index)
        }
    }

    /// The node refused what we said last to `target`.
    mutating func refuse(_ target: String) {
        confirm(target)
        if mode == .pipe { undelivered += 1 }
    }

    // MARK: Comings and goings

    private mutating func receiveJoin(_ line: IRCLine) {
        guard let name = line.parameters.first else { return }
        let place = Place.named(PlainText.oneLine(name))
        if isMe(line.nick) {
            let awaited = awaitedJoins.firstIndex { $0.name.folded == name.folded }
            let key = awaited.flatMap { awaitedJoins[$0].key }
            if let awaited { awaitedJoins.remove(at: awaited) }
            if channelIndex(name) == nil { channels.append(Membership(name: name, key: key)) }
            show(.news, "you are in \(name)", in: place, time: line.time)
            // The channel asked for is looked at; if none was, the lobby to which the node brings every newcomer.
            if channelToFocus.map({ $0.folded == name.folded }) ?? !hasFocused {
                channelToFocus = nil
                hasFocused = true
                effects.append(.focus(place))
            }
        } else if let index = channelIndex(name) {
            channels[index].members[line.nick.folded] = line.nick
            var who = line.nick
            // extended-join: the account (`*` for none) and the real name.
            if line.parameters.count >= 3 {
                if line.parameters[1] != "*" { who += " [\(line.parameters[1])]" }
                if line.parameters[2] != line.nick, !line.parameters[2].isEmpty { who += " (\(line.parameters[2]))" }
            }
            show(.news, "\(who) has joined", in: place, time: line.time)
        }
    }

    private mutating func receiveDeparture(_ line: IRCLine) {
        let isKick = line.command == "KICK"
        guard let name = line.parameters.first, let index = channelIndex(name),
            let who = isKick ? line.parameters.dropFirst().first : line.nick
        else { return }
        let reason = Self.reason(line.parameters.dropFirst(isKick ? 2 : 1).first)
        let place = Place.named(channels[index].name)
        let isOwn = isMe(who)
        if isOwn {
            channels.remove(at: index)
        } else {
            channels[index].members[who.folded] = nil
        }
        if isKick {
            let text = "\(line.nick) has thrown \(isOwn ? "you" : who) out\(reason)"
            show(isOwn ? .problem : .news, text, in: place, time: line.time)
        } else if isOwn {
            show(.news, "you have left \(name)\(reason)", in: .status, time: line.time)
            effects.append(.close(place))
        } else {
            show(.news, "\(who) has left\(reason)", in: place, time: line.time)
        }
    }

    private mutating func receiveQuit(_ line: IRCLine) {
        tellWhereSeen(line.nick, "\(line.nick) has quit\(Self.reason(line.parameters.first))", time: line.time)
        for index in channels.indices {
            channels[index].members[line.nick.folded] = nil
        }
    }

    private mutating func receiveNick(_ line: IRCLine) {
        guard let new = line.parameters.first else { return }
        let old = line.nick
        if isMe(old) {
            nick = new
            wantedNick = new
            announce(.news, "you are now \(new)")
        } else {
            tellWhereSeen(old, "\(old) is now \(new)", time: line.time)
        }
        if correspondents.remove(old.folded) != nil {
            correspondents.insert(new.folded)
            effects.append(.rename(.named(old), to: .named(PlainText.oneLine(new))))
        }
        for index in channels.indices where channels[index].members.removeValue(forKey: old.folded) != nil {
            channels[index].members[new.folded] = new
        }
    }

    private mutating func receiveAway(_ line: IRCLine) {
        // In channels, who is away and who is back would drown the talk.
        guard correspondents.contains(line.nick.folded) else { return }
        let reason = line.parameters.first ?? ""
        show(
            .news, reason.isEmpty ? "\(line.nick) is back" : "\(line.nick) is away: \(reason)",
            in: .named(PlainText.oneLine(line.nick)), time: line.time)
    }

    private mutating func receiveTopic(_ line: IRCLine) {
        guard line.parameters.count >= 2 else { return }
        let place = Place.named(PlainText.oneLine(line.parameters[0]))
        let topic = PlainText.oneLine(line.parameters[1])
        effects.append(.setTopic(topic, of: place))
        show(
            .news, topic.isEmpty ? "\(line.nick) has removed the topic" : "\(line.nick) sets the topic: \(topic)",
            in: place, time: line.time)
    }

    private mutating func tellWhereSeen(_ nick: String, _ text: String, time: Int64?) {
        for channel in channels where channel.members[nick.folded] != nil {
            show(.news, text, in: .named(channel.name), time: time)
        }
        if correspondents.contains(nick.folded) {
            show(.news, text, in: .named(PlainText.oneLine(nick)), time: time)
        }
    }

    private static func reason(_ text: String?) -> String {
        guard let text, !text.isEmpty else { return "" }
        return " (\(text))"
    }
}

extension IRCLine {
    /// The sender's nick, or the server's name.
    var nick: String {
        String((source ?? "the node").prefix { $0 != "!" })
    }

    /// The `time` tag as seconds since 1970: https://ircv3.net/specs/extensions/server-time
    var time: Int64? {
        tag("time").flatMap(TimeTag.seconds(from:))
    }
}
