// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What the person enters, acted on: talk is sent to the place looked at, commands to the node or to the windows.

import RoostIRC

extension Session {
    /// Talk is cut into lines of at most this many bytes, so that what the node puts before them leaves them under 512.
    static let talkBytesMax = 380

    mutating func enter(_ text: String, at place: Place) {
        askingPlace = place
        let command = Command(text)
        switch command {
        case .quit(let reason):
            leave(reason: reason)
            return
        case .window(let number):
            effects.append(.selectWindow(number))
            return
        case .help:
            for line in Command.helpLines { show(.news, line, in: place) }
            return
        case .wrong(let complaint):
            refuseEntry(complaint, at: place)
            return
        case .query(let nick):
            correspondents.insert(nick.folded)
            effects.append(.focus(.named(PlainText.oneLine(nick))))
            return
        case .close where !place.isChannel:
            if let target = place.target { correspondents.remove(target.folded) }
            effects.append(.close(place))
            return
        case .nick(let new) where !isRegistered:
            (nick, wantedNick) = (new, new)
            if case .registering = phase { send("NICK", new) }
            return
        default: break
        }
        guard isRegistered else {
            refuseEntry("not connected, so this was not sent: \(PlainText.oneLine(text))", at: place)
            return
        }
        perform(command, at: place)
    }

    private mutating func perform(_ command: Command, at place: Place) {
        switch command {
        case .say(let lines):
            for line in lines { say(line, to: place.target, at: place) }
        case .action(let text):
            say(text, to: place.target, at: place, isAction: true)
        case .message(let target, let text):
            if !target.isChannelName { correspondents.insert(target.folded) }
            say(text, to: target, at: place)
        case .join(let names, let key):
            join(names, key: key)
        case .part(let channel, let reason):
            guard let channel = channel ?? (place.isChannel ? place.target : nil) else {
                refuseEntry("this is no channel; name one: /part #CHANNEL", at: place)
                return
            }
            if let index = channelIndex(channel) {
                sendWithText("PART", channels[index].name, reason)
            } else {
                effects.append(.close(.named(channel)))
            }
        case .close:
            perform(.part(channel: nil, reason: nil), at: place)
        case .topic(let text):
            guard place.isChannel, let channel = place.target else {
                refuseEntry("this is no channel; go to one first", at: place)
                return
            }
            sendWithText("TOPIC", channel, text)
        case .names(let channel):
            guard let channel = channel ?? (place.isChannel ? place.target : nil) else {
                refuseEntry("this is no channel; name one: /names #CHANNEL", at: place)
                return
            }
            askedNames.insert(channel.folded)
            send("NAMES", channel)
        case .nick(let nick): send("NICK", nick)
        case .whois(let nick): send("WHOIS", nick)
        case .away(let reason): sendWithText("AWAY", nil, reason)
        case .raw(let text): sendRaw(text, at: place)
        case .query, .window, .help, .quit, .wrong: break
        }
    }

    private mutating func join(_ names: String, key: String?) {
        for name in names.split(separator: ",").map(String.init) {
            if channelIndex(name) != nil {
                effects.append(.focus(.named(name)))
                continue
            }
            awaitedJoins.removeAll { $0.name.folded == name.folded }
            awaitedJoins.append(Membership(name: name, key: key))
            channelToFocus = name
            sendWithText("JOIN", name, key)
        }
        // A pipe's next line is for the channel joined, so it waits until that is settled.
        if mode == .pipe { setBarrier() }
    }

    private mutating func say(_ text: String, to target: String?, at place: Place, isAction: Bool = false) {
        guard let target else {
            refuseEntry("nobody hears you here; /join a channel first", at: place)
            return
        }
        for piece in Self.pieces(of: text, bytesMax: Self.talkBytesMax - target.utf8.count) {
            let sent = isAction ? "\u{01}ACTION \(piece)\u{01}" : piece
            send("PRIVMSG", target, sent)
            if capabilities.contains("echo-message") {
                unconfirmed.append(Unconfirmed(target: target, text: piece, until: now + limits.confirming))
            } else {
                show(sent, from: nick, isNotice: false, in: .named(PlainText.oneLine(target)), time: nil)
            }
        }
    }

    /// Cuts text into pieces of at most `bytesMax` bytes, at spaces where there are some, never inside a character.
    static func pieces(of text: String, bytesMax: Int) -> [String] {
        var pieces: [String] = []
        var piece = ""
        for character in text {
            if piece.utf8.count + character.utf8.count > bytesMax, !piece.isEmpty {
                if character != " ", let space = piece.lastIndex(of: " "), space > piece.startIndex {
                    pieces.append(String(piece[..<space]))
                    piece = String(piece[piece.index(after: space)...])
                } else {
                    pieces.append(piece)
                    piece = ""
                    if character == " " { continue }
                }
            }
            piece.append(character)
        }
        if !piece.isEmpty { pieces.append(piece) }
        return pieces
    }

    private mutating func sendWithText(_ command: String, _ first: String?, _ text: String?) {
        let parameters = [first, text].compactMap { $0 }
        effects.append(.send(IRCLine(command: command, parameters: parameters)))
    }

    private mutating func sendRaw(_ text: String, at place: Place) {
        do {
            effects.append(.send(try IRCLine(parsing: text)))
        } catch {
            refuseEntry("this is no line of IRC: \(PlainText.oneLine(text))", at: place)
        }
    }

    /// Says why an entered line was not acted on; of a pipe's lines it is counted.
    private mutating func refuseEntry(_ why: String, at place: Place) {
        if mode == .pipe { undelivered += 1 }
        show(.problem, why, in: place)
    }
}
