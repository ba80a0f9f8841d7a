// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Histories from a seed: several nodes act, each on what it has heard so far of the others, so that what they do runs
// apart, overtakes and contradicts itself as it does in a cluster, and yet is all legal.

import RoostModel
import RoostRoster

/// The streams of several nodes.
struct History: Sendable {
    /// How many seeds the laws are tried on.
    static let count = 40

    /// The histories of the first seeds, made once.
    private static let histories = (0..<UInt64(count)).map { History(seed: $0) }

    /// The history of one of the first seeds.
    static func of(_ seed: Int) -> History { histories[seed] }

    private(set) var authors: [Author]
    private var random: SeededRandom

    static let nicks = ["alice", "Alice", "bob", "carol", "averyveryverylongnick1", "averyveryverylongnick2"]
    static let identities = ["ann@here", "ben@there", "cat@home", "dan@work"]
    static let channels = ["#a", "#A", "#b"]
    static let masks = ["*!*@here", "*!*@here", "bad!*@*"]

    /// A history of that seed.
    init(seed: UInt64, nodes: Int = 3, steps: Int = 140) {
        random = SeededRandom(seed: seed)
        authors = (0..<nodes).map { Author("node\($0)", milliseconds: 1_000_000) }
        if Bool.random(using: &random) { meet() }
        // Each history has rarer and commoner kinds of steps of its own.
        let weights = (0..<Self.kinds).map { _ in Int.random(in: 0...6, using: &random) }
        let hearing = Int.random(in: 5...40, using: &random)
        for _ in 0..<steps {
            let index = Int.random(in: 0..<nodes, using: &random)
            // In steps of ten, so that clocks agree now and then, and times are the same.
            authors[index].milliseconds += 10 * UInt64.random(in: 0...3, using: &random)
            if Int.random(in: 0..<100, using: &random) < hearing, let other = pick(0..<nodes), other != index {
                let other = authors[other]
                authors[index].hear(other, count: Int.random(in: 1...20, using: &random))
            } else {
                var author = authors[index]
                act(&author, pickKind(weights))
                authors[index] = author
            }
        }
    }

    /// All streams, by node.
    var streams: [NodeID: [Event]] {
        Dictionary(authors.map { ($0.node, $0.stream) }) { first, _ in first }
    }

    /// All lives of all nodes.
    var lives: [Life] { authors.flatMap { author in Set(author.stream.map(\.id.life)).sorted() } }

    /// Half of the histories begin with a channel that all share.
    private mutating func meet() {
        for index in authors.indices {
            authors[index].connect("user\(index)", identity: "user\(index)@host")
            for other in authors where other.node != authors[index].node { authors[index].hear(other) }
            if let user = authors[index].users.first { authors[index].join(user.id, "#a") }
        }
        for index in authors.indices {
            for other in authors where other.node != authors[index].node { authors[index].hear(other) }
        }
    }

    // MARK: Steps

    private static let kinds = 20

    private mutating func pick<C: Collection>(_ choices: C) -> C.Element? { choices.randomElement(using: &random) }

    private mutating func pickKind(_ weights: [Int]) -> Int {
        var left = Int.random(in: 0..<max(1, weights.reduce(0, +)), using: &random)
        for (kind, weight) in weights.enumerated() {
            left -= weight
            if left < 0 { return kind }
        }
        return 0
    }

    private mutating func act(_ author: inout Author, _ kind: Int) {
        if author.users.isEmpty || kind == 0 {
            connect(&author)
            return
        }
        if !author.pending.isEmpty, Bool.random(using: &random) {
            author.decide(Int.random(in: 0..<author.pending.count, using: &random))
            return
        }
        guard let user = pick(author.users) else { return }
        switch kind {
        case 1: changeNick(&author, user)
        case 2: changeProfile(&author, user)
        case 3, 4, 5: join(&author, user)
        case 6: leave(&author, user)
        case 7: if let name = pick(Self.channels) { author.endIfEmpty(name) }
        case 8, 9, 10, 11, 12, 13: actInChannel(&author, user, kind)
        case 14: confirmSubstitutes(&author)
        case 15: if let life = pick(author.otherLives) { author.hold(life) }
        case 16: if let life = pick(author.otherLives), Int.random(in: 0..<4, using: &random) == 0 { author.end(life) }
        case 17, 18: takeOver(&author)
        default: depart(&author, user)
        }
    }

    private func isFree(_ nick: String, at author: Author, for user: UserID?) -> Bool {
        if let other = author.roster.user(named: Nick(nick)), other.id != user { return false }
        return author.roster.standingClaims(on: Nick(nick)).allSatisfy { $0.user == user }
    }

    private mutating func connect(_ author: inout Author) {
        guard let nick = pick(Self.nicks), let identity = pick(Self.identities), isFree(nick, at: author, for: nil)
        else { return }
        _ = author.claim(nick, identity: identity)
        if Bool.random(using: &random) { author.decide(author.pending.count - 1) }
    }

    private mutating func changeNick(_ author: inout Author, _ user: User) {
        // Now and then somebody wants the very nick that would stand in for another's.
        let substitutes = author.roster.users.keys.sorted().prefix(3).map {
            Roster.substituteForTests("alice", of: $0)
        }
        guard let nick = pick(Self.nicks + substitutes), isFree(nick, at: author, for: user.id),
            user.nick.text != nick
        else { return }
        author.claim(nick, for: user.id)
        if Bool.random(using: &random) { author.decide(author.pending.count - 1) }
    }

    private mutating func changeProfile(_ author: inout Author, _ user: User) {
        var profile = user.profile
        switch Int.random(in: 0..<3, using: &random) {
        case 0: profile.away = profile.away == nil ? "gone" : nil
        case 1: profile.host = "cloak\(Int.random(in: 0..<3, using: &random))"
        default: profile.modes.formSymmetricDifference(.invisible)
        }
        author.publish(.profileChanged(user: user.id, profile: profile))
    }

    private mutating func join(_ author: inout Author, _ user: User) {
        guard let name = pick(Self.channels), !user.channels.contains(ChannelName(name)) else { return }
        author.join(user.id, name)
    }

    private mutating func leave(_ author: inout Author, _ user: User) {
        guard let name = pick(user.channels.sorted()) else { return }
        if Bool.random(using: &random) {
            author.part(user.id, name.text)
        } else {
            author.publish(
                .parted(
                    user: user.id, channel: name,
                    tags: author.roster.channels[name]?.members[user.id]?.map(\.id) ?? [], reason: "later"))
        }
    }

    private mutating func actInChannel(_ author: inout Author, _ user: User, _ kind: Int) {
        guard let name = pick(user.channels.sorted()), let channel = author.roster.channels[name],
            let member = pick(channel.members.keys.sorted()),
            let other = pick(author.roster.users.keys.sorted())
        else { return }
        switch kind {
        case 8:
            author.kick(member, name.text, by: user.id)
        case 9:
            author.setStatus(
                pick(MemberStatus.all.map(\.status)) ?? .voice, of: member, name.text,
                isSet: Bool.random(using: &random), by: user.id)
        case 10: changeMasks(&author, user, channel)
        case 11:
            author.topic(pick(["", "hello", "news"]) ?? "", name.text, by: user.id)
        case 12:
            if !author.roster.users.keys.contains(other) || channel.members[other] != nil { return }
            author.invite(other, name.text, by: user.id)
        default:
            let fact: ModeFact? = pick([
                .flag(.inviteOnly, isSet: true), .flag(.inviteOnly, isSet: false), .flag(.moderated, isSet: true),
                .key("secret"), .key(nil), .limit(5), .limit(nil), .flag(.topicProtected, isSet: false),
            ])
            if let fact { author.mode(name.text, by: user.id, [fact]) }
        }
    }

    private mutating func changeMasks(_ author: inout Author, _ user: User, _ channel: Channel) {
        guard let mask = pick(Self.masks), let list = pick([MaskList.bans, .bans, .bans, .exceptions]) else { return }
        if let entry = channel.state.lists[list]?[mask] {
            author.mode(channel.name.text, by: user.id, [.listRemoved(list, mask: mask, tags: entry.tags)])
        } else {
            author.mode(
                channel.name.text, by: user.id, [.listAdded(list, mask: mask), .flag(.moderated, isSet: true)])
        }
    }

    /// Of whatever life, whether its node is down or not: others may think that it is.
    private mutating func takeOver(_ author: inout Author) {
        guard let life = pick(author.otherLives), let id = pick(author.roster.users(of: life)),
            let user = author.roster.users[id]
        else { return }
        var (dropped, profile): (Set<ChannelName>, UserProfile?) = ([], nil)
        if Int.random(in: 0..<4, using: &random) == 0 { dropped = Set(user.channels.sorted().prefix(1)) }
        if Int.random(in: 0..<4, using: &random) == 0 {
            profile = user.profile
            profile?.host = "elsewhere"
        }
        author.takeOver(id, without: dropped, profile: profile)
        // Now and then another node has heard of it at once, and throws the user out.
        guard let index = authors.indices.randomElement(using: &random), authors[index].node != author.node,
            let name = pick(user.channels.sorted()), let kicker = pick(authors[index].users)
        else { return }
        authors[index].hear(author)
        authors[index].kick(id, name.text, by: kicker.id)
    }

    private mutating func confirmSubstitutes(_ author: inout Author) {
        for user in author.users {
            guard let claimed = author.roster.claimedNick(of: user.id), claimed.text != user.nick.text else { continue }
            author.rename(user.id, to: user.nick.text)
        }
    }

    private mutating func depart(_ author: inout Author, _ user: User) {
        switch Int.random(in: 0..<10, using: &random) {
        case 0: author.restart()
        case 1:
            author.publish(.nodeLeft(reason: "maintenance"))
            author.restart()
        default: author.quit(user.id)
        }
    }
}
