// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What the people of a simulation do, drawn from the seed: they come, talk, quarrel and go. Nicks and channels are few,
// so that many want the same.

import RoostModel

/// Something that somebody does.
enum Deed: Sendable {
    /// A new client connects to that node and registers.
    case connect(node: Int)
    /// A client's connection breaks.
    case drop(Int)
    /// A client sends a line.
    case say(Int, String)
    /// A client says something that is followed to whom it reaches, to a channel or a nick.
    case tell(Int, target: String, isNotice: Bool)
}

/// Draws what is done next.
struct Workload: Sendable {
    private enum Kind: CaseIterable {
        case connect, quit, drop, join, part, talk, whisper, nick, status, flag, ban, kick, topic, invite, away
        case become, kill, ask, noise
    }

    private var random: SeededRandom
    private let weights: [(kind: Kind, weight: Int)]
    private let nodes: Int
    private let peopleMax: Int
    private let channelsMax: Int
    /// Of a hundred deeds, how many follow at once on the one before: what crosses on the way is what is interesting.
    private let hurry: Int
    /// Of a hundred moments, how many are quarrels over a channel.
    private let quarrels: Int
    /// Of a hundred arrivals and bans that an operator sees, to how many it does something at once.
    private let temper: Int

    /// Each seed likes other things, some of them not at all.
    init(seed: UInt64, nodes: Int) {
        random = SeededRandom(seed: seed)
        self.nodes = nodes
        peopleMax = Int.random(in: 4...40, using: &random)
        channelsMax = Int.random(in: 1...8, using: &random)
        hurry = Int.random(in: 30...98, using: &random)
        quarrels = Int.random(in: 0...20, using: &random)
        temper = Int.random(in: 0...50, using: &random)
        var weights: [(kind: Kind, weight: Int)] = []
        for kind in Kind.allCases {
            // Those who come must be there for a while before they go.
            let isEnd = [.quit, .drop, .kill].contains(kind)
            let draw = Int.random(in: 0...(isEnd ? 2 : 8), using: &random)
            let least = kind == .talk ? 60 : [.connect, .join, .whisper, .nick, .status].contains(kind) ? 16 : 0
            weights.append((kind, max(draw * draw, least)))
        }
        self.weights = weights
    }

    /// How long it is from deed to deed on average.
    var meanPause: Duration { .microseconds(10_000) * (100 - hurry) / 100 }

    /// How long until the next deed.
    mutating func pause() -> Duration {
        Int.random(in: 0..<100, using: &random) < hurry
            ? .zero : .microseconds(Int.random(in: 0...20_000, using: &random))
    }

    /// What is done next, all at one moment. `people` are those who are there, with what they know.
    mutating func next(among people: [(number: Int, view: ClientView)]) -> [Deed] {
        guard Int.random(in: 0..<100, using: &random) < quarrels else { return [deed(among: people)] }
        // The operators of one channel, at whatever nodes, all change it at once.
        let operators = people.filter { !$0.view.operated.isEmpty }
        guard let name = operators.randomElement(using: &random)?.view.operated.randomElement(using: &random) else {
            return [deed(among: people)]
        }
        return operators.filter { $0.view.operated.contains(name) }.map { number, view in
            .say(number, quarrel(in: name, view))
        }
    }

    /// What an operator does at once when somebody comes in; nil for nothing.
    mutating func welcome(of newcomer: Nick, to name: ChannelName) -> String? {
        guard Int.random(in: 0..<100, using: &random) < temper else { return nil }
        switch Int.random(in: 0..<4, using: &random) {
        case 0: return "MODE \(name) +\(letter("ohv")) \(newcomer)"
        case 1: return "MODE \(name) \(sign())b \(newcomer)!*@*"
        default: return "KICK \(name) \(newcomer) :not you"
        }
    }

    /// What an operator does at once when another bans somebody; nil for nothing.
    mutating func pardon(of mask: String, in name: ChannelName) -> String? {
        Int.random(in: 0..<100, using: &random) < temper ? "MODE \(name) -b \(mask)" : nil
    }

    private mutating func quarrel(in name: ChannelName, _ view: ClientView) -> String {
        let member = view.channels[name]?.keys.sorted().randomElement(using: &random)?.text ?? nick()
        switch Int.random(in: 0..<6, using: &random) {
        case 0: return "TOPIC \(name) :topic \(Int.random(in: 0...99, using: &random))"
        case 1: return "MODE \(name) \(sign())\(letter("beI")) p1!*@*"
        case 2: return "MODE \(name) \(letter("+++-"))\(letter("ooohv")) \(member)"
        case 3: return "KICK \(name) \(member) :out"
        case 4: return "MODE \(name) \(sign())l \(Int.random(in: 1...99, using: &random))"
        default: return "MODE \(name) \(sign())\(letter("imt"))"
        }
    }

    private mutating func deed(among people: [(number: Int, view: ClientView)]) -> Deed {
        // A town fills up first, and whoever is nowhere goes somewhere.
        if people.count < peopleMax / 2, Bool.random(using: &random) { return .connect(node: node()) }
        let welcomed = people.filter { $0.view.nick != nil }
        let choice = Int.random(in: 0..<20, using: &random) > 0 && !welcomed.isEmpty ? welcomed : people
        guard let (number, view) = choice.randomElement(using: &random) else { return .connect(node: node()) }
        if let name = view.leaderless.first, Bool.random(using: &random) { return .say(number, "PART \(name)") }
        if view.channels.isEmpty, Bool.random(using: &random) { return .say(number, "JOIN \(channel())") }
        switch kind() {
        case .connect: return people.count < peopleMax ? .connect(node: node()) : .say(number, "PING x")
        case .quit: return .say(number, "QUIT :enough")
        case .drop: return .drop(number)
        case .join: return .say(number, "JOIN \(channel())")
        case .part: return .say(number, "PART \(channel(of: view))")
        case .talk: return .tell(number, target: channel(of: view), isNotice: Bool.random(using: &random))
        case .whisper:
            let target = nick()
            return Nick(target) == view.nick ? .say(number, "PING x") : .tell(number, target: target, isNotice: true)
        case .nick: return .say(number, "NICK \(nick())")
        case .status:
            return .say(number, "MODE \(channel(of: view)) \(letter("+++-"))\(letter("oohv")) \(member(view))")
        case .flag: return .say(number, "MODE \(channel(of: view)) \(sign())\(letter("imnpst"))\(letter("imnpst"))")
        case .ban: return .say(number, "MODE \(channel(of: view)) \(sign())\(letter("beI")) \(nick())!*@*")
        case .kick: return .say(number, "KICK \(channel(of: view)) \(member(view)) :out")
        case .topic: return .say(number, "TOPIC \(channel(of: view)) :topic \(Int.random(in: 0...99, using: &random))")
        case .invite: return .say(number, "INVITE \(nick()) \(channel(of: view))")
        case .away: return .say(number, Bool.random(using: &random) ? "AWAY :gone" : "AWAY")
        case .become: return .say(number, "OPER root secret")
        case .kill: return .say(number, "KILL \(nick()) :because")
        case .ask: return .say(number, question(view))
        case .noise:
            let line = noise()
            // A user name of the noise would be taken for the person's own.
            return .say(number, view.nick == nil && line.hasPrefix("USER") ? "PING x" : line)
        }
    }

    /// The nick that a newcomer asks for.
    mutating func nick() -> String {
        let name = "p\(Int.random(in: 0..<(peopleMax * 3 / 2), using: &random))"
        return Int.random(in: 0..<8, using: &random) == 0 ? name.uppercased() : name
    }

    private mutating func kind() -> Kind {
        var draw = Int.random(in: 0..<weights.reduce(0) { $0 + $1.weight }, using: &random)
        for (kind, weight) in weights {
            if draw < weight { return kind }
            draw -= weight
        }
        return .talk
    }

    private mutating func node() -> Int { Int.random(in: 0..<nodes, using: &random) }

    private mutating func channel() -> String { "#c\(Int.random(in: 0..<channelsMax, using: &random))" }

    /// Mostly a channel that the client is an operator of, or else in.
    private mutating func channel(of view: ClientView) -> String {
        if Bool.random(using: &random), let name = view.operated.randomElement(using: &random) { return name.text }
        guard Int.random(in: 0..<10, using: &random) > 0 else { return channel() }
        return view.channels.keys.sorted().randomElement(using: &random)?.text ?? channel()
    }

    private mutating func member(_ view: ClientView) -> String {
        let members = view.channels.keys.sorted().flatMap { view.channels[$0]?.keys.sorted() ?? [] }
        return members.randomElement(using: &random)?.text ?? nick()
    }

    private mutating func sign() -> String { Bool.random(using: &random) ? "+" : "-" }

    private mutating func letter(_ letters: String) -> Character { letters.randomElement(using: &random) ?? "n" }

    private mutating func question(_ view: ClientView) -> String {
        let questions = [
            "WHO \(channel(of: view)) %tcuihsnfdlaor,1", "WHO *", "WHOIS \(nick())", "WHOWAS \(nick())", "LIST",
            "NAMES \(channel(of: view))", "MODE \(channel(of: view))", "MODE \(channel(of: view)) b", "LUSERS",
            "ISON \(nick()) \(nick())", "USERHOST \(nick())", "MONITOR + \(nick()),\(nick())", "MONITOR S",
            "STATS l", "INVITE", "VERSION", "TOPIC \(channel(of: view))", "HELP",
        ]
        return questions.randomElement(using: &random) ?? "PING x"
    }

    /// Commands with parameters that mostly make no sense.
    private mutating func noise() -> String {
        let commands = [
            "MODE", "KICK", "JOIN", "PART", "NICK", "USER", "WHOX", "LIST", "INVITE", "TOPIC", "CAP", "PASS", "MONITOR",
            "SETNAME", "STATS", "WALLOPS", "NOTICE", "TAGMSG", "WHO", "WHOIS", "AWAY",
        ]
        let words = [
            "#c0", "#c1,#c1", "p1", "p2,p3", "+", "-", "+ohv", "+b-b", "*", "?", "%n", ",", "0", "-1", "REQ", "LS",
            "\u{1}", "é", "##", "@#c0", "!", "99999999999999999999", "+l", "+kk",
        ]
        var line = commands.randomElement(using: &random) ?? "PING"
        for _ in 0..<Int.random(in: 0...4, using: &random) {
            line += " " + (words.randomElement(using: &random) ?? "x")
        }
        return line
    }
}
