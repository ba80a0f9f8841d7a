// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// A node as far as the roster is concerned: it has a roster of its own, numbers and times its events, and says only what
// a real node would say, knowing what it knows.

import RoostModel
import RoostRoster

/// A node that makes events.
struct Author: Sendable {
    let node: NodeID
    private(set) var epoch = Epoch(1)
    private(set) var roster = Roster()
    /// All that it published, in all its lives.
    private(set) var stream: [Event] = []
    /// How many events of each other stream it has applied.
    private(set) var seen: [NodeID: Int] = [:]
    /// Its wall clock, in milliseconds; clocks of different nodes may differ.
    var milliseconds: UInt64
    private var clock = HybridClock()
    private var sequence: UInt64 = 0
    /// Claims that wait to be decided, with the user who claims where it is not a newcomer.
    var pending: [(claim: EventID, user: UserID?, nick: Nick, identity: String)] = []

    init(_ name: String, milliseconds: UInt64 = 1_000) {
        guard let node = NodeID(name) else { preconditionFailure("\(name) is no name of a node") }
        self.node = node
        self.milliseconds = milliseconds
        var nothing: [RosterChange] = []
        roster.begin(epoch, of: node, into: &nothing)
    }

    /// Publishes a fact. It gives the event, which names what the fact made.
    @discardableResult
    mutating func publish(_ body: EventBody) -> Event {
        sequence += 1
        let event = Event(
            id: EventID(node: node, epoch: epoch, sequence: sequence),
            time: clock.tick(at: WallTime(milliseconds: milliseconds)), body: body)
        stream.append(event)
        var changes: [RosterChange] = []
        roster.apply(event, into: &changes)
        return event
    }

    /// Applies the next so many events of another's stream, or all.
    mutating func hear(_ other: Author, count: Int = .max) {
        let from = seen[other.node] ?? 0
        let to = min(other.stream.count, from + min(count, other.stream.count))
        for event in other.stream[from..<to] {
            clock.observe(event.time)
            var changes: [RosterChange] = []
            roster.apply(event, into: &changes)
        }
        seen[other.node] = to
    }

    /// Ends this life and begins the next, with all that it knew of others.
    mutating func restart() {
        epoch = Epoch(epoch.rawValue + 1)
        sequence = 0
        pending = []
        var changes: [RosterChange] = []
        roster.begin(epoch, of: node, into: &changes)
    }

    /// A moment of its clock, later than all before.
    mutating func now() -> HybridTime { clock.tick(at: WallTime(milliseconds: milliseconds)) }

    /// Its present life.
    var life: Life { Life(node: node, epoch: epoch) }

    /// The users of its present life, in order.
    var users: [User] { roster.users(of: life).compactMap { roster.users[$0] } }

    func actor(_ user: UserID) -> Actor { Actor(user: user, prefix: roster.users[user]?.prefix ?? node.name) }

    /// The lives other than its present one of which it knows users, in order.
    var otherLives: [Life] { roster.populatedLives.subtracting([life]).sorted() }

    // MARK: What nodes do

    /// Claims a nick for a newcomer.
    mutating func claim(_ text: String, identity: String) -> EventID {
        let claim = publish(.nickClaimed(NickClaim(user: nil, nick: Nick(text), identity: identity))).id
        pending.append((claim, nil, Nick(text), identity))
        return claim
    }

    /// Claims a nick and introduces its user.
    @discardableResult
    mutating func connect(_ text: String, identity: String? = nil) -> UserID {
        let claim = claim(text, identity: identity ?? "\(text)@\(node.name)")
        decide(pending.count - 1)
        return claim
    }

    /// Decides a claim: it is used where it holds its nick, else given up.
    mutating func decide(_ index: Int) {
        let (claim, user, nick, identity) = pending.remove(at: index)
        guard roster.holder(of: nick) == user ?? claim else {
            publish(.nickReleased(claim: claim))
            return
        }
        if let user {
            publish(.nickChanged(user: user, claim: claim))
            return
        }
        let parts = identity.split(separator: "@").map(String.init)
        publish(
            .userIntroduced(
                UserRecord(
                    id: claim, session: Session(number: 1, since: now(), node: node), claim: claim,
                    userName: parts.first ?? "user",
                    profile: UserProfile(host: parts.last ?? "host", realName: "Somebody"),
                    signedOn: WallTime(milliseconds: milliseconds))))
    }

    /// Claims another nick for a user.
    mutating func claim(_ text: String, for user: UserID) {
        let identity = roster.users[user].map { "\($0.record.userName)@\($0.profile.host)" } ?? ""
        let claim = publish(.nickClaimed(NickClaim(user: user, nick: Nick(text), identity: identity))).id
        pending.append((claim, user, Nick(text), identity))
    }

    /// Changes a user's nick at once.
    mutating func rename(_ user: UserID, to text: String) {
        claim(text, for: user)
        decide(pending.count - 1)
    }

    mutating func quit(_ user: UserID) {
        for claim in pending where claim.user == user { publish(.nickReleased(claim: claim.claim)) }
        pending.removeAll { $0.user == user }
        publish(.userQuit(user: user, reason: "bye"))
    }

    /// Lets a user into a channel: into the one that there is, else into one that it makes.
    @discardableResult
    mutating func join(_ user: UserID, _ text: String) -> EventID {
        let name = ChannelName(text)
        if let channel = roster.channelToJoin(name) {
            let invitations = (channel.invited[user] ?? []).sorted()
            return publish(
                .joined(
                    user: user, channel: channel.name, birth: channel.state.birth, status: [],
                    invitations: invitations)
            ).id
        }
        let birth = Birth(time: now(), node: node)
        let tag = publish(
            .joined(user: user, channel: name, birth: birth, status: .channelOperator, invitations: [])
        ).id
        publish(
            .modesChanged(
                channel: name, birth: birth,
                changes: [.flag(.noExternalMessages, isSet: true), .flag(.topicProtected, isSet: true)],
                by: Actor(user: nil, prefix: node.name)))
        return tag
    }

    mutating func part(_ user: UserID, _ text: String) {
        guard let channel = roster.channels[ChannelName(text)], let tags = channel.members[user] else { return }
        publish(.parted(user: user, channel: channel.name, tags: tags.map(\.id), reason: nil))
        endIfEmpty(text)
    }

    /// Ends a channel that nobody is in.
    mutating func endIfEmpty(_ text: String) {
        guard let channel = roster.channels[ChannelName(text)], channel.members.isEmpty, channel.state.ended == nil
        else { return }
        publish(.channelEnded(channel: channel.name, birth: channel.state.birth))
    }

    mutating func kick(_ user: UserID, _ text: String, by: UserID) {
        guard let channel = roster.channels[ChannelName(text)], let tags = channel.members[user] else { return }
        publish(
            .kicked(user: user, channel: channel.name, tags: tags.map(\.id), by: actor(by), reason: "out"))
    }

    mutating func mode(_ text: String, by: UserID, _ changes: [ModeFact]) {
        guard let channel = roster.channels[ChannelName(text)] else { return }
        publish(
            .modesChanged(channel: channel.name, birth: channel.state.birth, changes: changes, by: actor(by)))
    }

    mutating func ban(_ mask: String, _ text: String, by: UserID) {
        mode(text, by: by, [.listAdded(.bans, mask: mask)])
    }

    mutating func unban(_ mask: String, _ text: String, by: UserID) {
        guard let entry = roster.channels[ChannelName(text)]?.state.lists[.bans]?[mask] else { return }
        mode(text, by: by, [.listRemoved(.bans, mask: mask, tags: entry.tags)])
    }

    mutating func setStatus(_ status: MemberStatus, of user: UserID, _ text: String, isSet: Bool = true, by: UserID) {
        guard let tag = roster.channels[ChannelName(text)]?.members[user]?.first?.id else { return }
        mode(text, by: by, [.status(status, user: user, tag: tag, isSet: isSet)])
    }

    mutating func topic(_ topic: String, _ text: String, by: UserID) {
        guard let channel = roster.channels[ChannelName(text)] else { return }
        publish(
            .topicChanged(channel: channel.name, birth: channel.state.birth, text: topic, by: actor(by)))
    }

    mutating func invite(_ user: UserID, _ text: String, by: UserID) {
        guard let channel = roster.channels[ChannelName(text)] else { return }
        publish(.invited(user: user, channel: channel.name, birth: channel.state.birth, by: actor(by)))
    }
}
