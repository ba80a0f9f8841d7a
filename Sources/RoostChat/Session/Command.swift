// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What a person can enter: plain talk, or a command after a slash. Read here, acted on by the session.

/// One entered line, understood.
enum Command: Equatable, Sendable {
    case say([String])
    case join(channels: String, key: String?)
    case part(channel: String?, reason: String?)
    case message(target: String, text: String)
    case query(nick: String)
    case nick(String)
    case action(String)
    case topic(String?)
    case names(channel: String?)
    case whois(nick: String)
    case away(String?)
    case window(Int)
    case close
    case raw(String)
    case quit(reason: String?)
    case help
    /// It is not a command, or lacks something; the text says what.
    case wrong(String)

    /// Reads a line. Several lines at once (a paste) are talk, whatever they begin with.
    init(_ text: String) {
        let lines = text.split(separator: "\n").filter { line in line.contains { !$0.isWhitespace } }.map(String.init)
        guard lines.count == 1, let line = lines.first, line.hasPrefix("/") else {
            self = .say(lines)
            return
        }
        if line.hasPrefix("//") {
            self = .say([String(line.dropFirst())])
            return
        }
        let (name, rest) = Self.firstWord(of: line.dropFirst())
        self = Self.named(String(name).folded, rest: rest) ?? .wrong(Self.complaint(about: String(name)))
    }

    static let helpLines = [
        "/join #CHANNEL [KEY]   /part [#CHANNEL] [REASON]   /topic [TEXT]   /names [#CHANNEL]",
        "/msg NICK TEXT   /query NICK   /me TEXT   /nick NICK   /whois NICK   /away [REASON]",
        "/win N   /close   /raw LINE   /quit [REASON]   (//TEXT says a line that begins with a slash)",
        "keys: alt-1..9, ctrl-n, ctrl-p windows · alt-a unread · page up/down scroll · tab completes · ctrl-d leaves",
    ]

    private static let usage = [
        "join": "#CHANNEL [KEY]", "msg": "NICK TEXT", "query": "NICK", "nick": "NICK", "me": "TEXT", "whois": "NICK",
        "win": "N", "raw": "LINE",
    ]

    /// The commands' names, for completion.
    static let names = [
        "away", "close", "help", "join", "me", "msg", "names", "nick", "part", "query", "quit", "raw", "topic", "whois",
        "win",
    ]

    private static func named(_ name: String, rest: Substring) -> Command? {
        let (first, others) = firstWord(of: rest)
        let text = rest.isEmpty ? nil : String(rest)
        let word = first.isEmpty ? nil : String(first)
        switch name {
        case "join", "j":
            guard let word else { return nil }
            let channels = word.split(separator: ",").map { $0.first == "#" || $0.first == "&" ? $0 : "#" + $0 }
            return .join(channels: channels.joined(separator: ","), key: others.isEmpty ? nil : String(others))
        case "part", "leave":
            guard let word, word.isChannelName else { return .part(channel: nil, reason: text) }
            return .part(channel: word, reason: others.isEmpty ? nil : String(others))
        case "msg", "m": return others.isEmpty ? nil : word.map { .message(target: $0, text: String(others)) }
        case "query", "q": return word.map { .query(nick: $0) }
        case "nick": return word.map { .nick($0) }
        case "me": return text.map { .action($0) }
        case "topic", "t": return .topic(text)
        case "names", "n": return .names(channel: word)
        case "whois", "w": return word.map { .whois(nick: $0) }
        case "away": return .away(text)
        case "win", "window": return word.flatMap { Int($0) }.map { .window($0) }
        case "close", "wc": return .close
        case "raw", "quote": return text.map { .raw($0) }
        case "quit", "exit": return .quit(reason: text)
        case "help", "h", "?": return .help
        default: return nil
        }
    }

    private static func complaint(about name: String) -> String {
        if let usage = usage[name.folded] { return "/\(name) needs more: /\(name) \(usage)" }
        return "there is no command /\(name); see /help, or say a line that begins with a slash with //"
    }

    private static func firstWord(of text: Substring) -> (Substring, Substring) {
        let text = text.drop { $0 == " " }
        let word = text.prefix { $0 != " " }
        var rest = text.dropFirst(word.count).drop { $0 == " " }
        while rest.last == " " { rest.removeLast() }
        return (word, rest)
    }
}
