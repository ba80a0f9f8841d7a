// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The shared distributed roster: all users, nicks, channels and memberships of the cluster, as one node knows them.
// Events and snapshots of all nodes go in, in any order across nodes; the same set of them gives the same roster.
//
// What is replicated is a function of that set alone: users, claims, births with their state, memberships, holds. All
// the rest (who goes by which nick, which birth is in force, the indexes) is derived from it. An event brings the derived
// part up to date where it touches it, at a cost that does not grow with the roster; what is rare (a snapshot, the end
// of a life, a node out of reach) rewrites the roster and derives everything anew (`Roster+Rewrite.swift`).
//
// Legal order of calls, for each node's stream: `begin` once for a life, then `apply` in sequence. `merge`, `hide` and
// `reveal` may come in between. Who may do what is decided before an event is made, by the node that makes it.

import RoostModel

/// What one node knows of the whole cluster.
public struct Roster: Sendable {
    /// How far each node's stream is in it.
    public internal(set) var vector = Vector()
    /// The users, hidden ones included.
    public internal(set) var users: [UserID: User] = [:]
    /// The channels, those without visible members included.
    public internal(set) var channels: [ChannelName: Channel] = [:]
    /// Until when the users of lives that are down are held. What follows from it is each node's own affair: see `hide`.
    public internal(set) var holds: [Life: WallTime] = [:]
    /// The lives whose users nobody sees. Not replicated.
    public internal(set) var hiddenLives: Set<Life> = []
    /// The longest nick that is made for somebody who lost its own, in characters. The same on all nodes.
    public let nickLengthMax: Int

    /// How far the lives before the present ones are in it.
    var formerLives = FormerLives()
    /// The lives that own nobody any more, whatever else is heard of them, and when they were ended last.
    var endings: [Life: HybridTime] = [:]
    /// The last sessions of users who had been taken over and are gone. A take-over of a lower session, which may be
    /// on its way, does not bring them back.
    var departures: [UserID: Session] = [:]
    /// Every claim that stands.
    var claims: [EventID: StandingClaim] = [:]
    /// The claims on nicks of one stem, by the stem (`Roster+Nicks.swift`).
    var claimants: [String: [EventID]] = [:]
    /// Who goes by which nick, by its folded form. Visible users only.
    var nicks: [String: UserID] = [:]
    /// The channels to which a user is invited, under whatever birth. A user who is not there may come, or come back.
    var invitedTo: [UserID: Set<ChannelName>] = [:]
    /// Since when invited users have been seen not to be there (`Roster+Collect.swift`). Not replicated.
    var absentees: [UserID: WallTime] = [:]
    /// Tags that were removed before they were seen, with the channels where; forgotten once they are covered.
    var removals: [EventID: Set<ChannelName>] = [:]
    /// How many users each life owns. Never 0.
    var population: [Life: Int] = [:]
    /// The first claims of those who were not introduced yet.
    var newcomers: Set<EventID> = []
    /// How many users are hidden.
    var hiddenCount = 0
    /// What the digest is made of; nil where it must be counted anew (`Roster+Digest.swift`). Not replicated.
    var digestSums: DigestSums?

    /// A roster of nobody. Nicks made for those who lost theirs have `nickLengthMax` characters at most, 9 at least.
    public init(nickLengthMax: Int = 30) { self.nickLengthMax = max(9, nickLengthMax) }

    // MARK: Queries

    /// How many users people can see.
    public var visibleUserCount: Int { users.count - hiddenCount }

    /// The user who goes by that nick.
    public func user(named nick: Nick) -> User? {
        nicks[nick.folded].flatMap { users[$0] }
    }

    /// The nick that a user has claimed, whether it holds it or not.
    public func claimedNick(of user: UserID) -> Nick? { claimInUse(of: user)?.nick }

    /// The claim by which a user has its nick, whether it holds it or not: what a take-over states again.
    public func claimInUse(of user: UserID) -> StandingClaim? {
        users[user].flatMap { claims[$0.record.claim] }
    }

    /// The channel of that name, if anybody can be seen in it.
    public func visibleChannel(_ name: ChannelName) -> Channel? {
        guard let channel = channels[name], visibleMemberCount(of: channel) > 0 else { return nil }
        return channel
    }

    /// The channel of that name as somebody joins it; nil where a join makes it, by a new birth. Members whom nobody sees
    /// count: a younger birth would not come into force beside theirs.
    public func channelToJoin(_ name: ChannelName) -> Channel? {
        guard let channel = channels[name], !channel.isVoid(channel.state) else { return nil }
        return channel
    }

    /// How many members of a channel people can see.
    public func visibleMemberCount(of channel: Channel) -> Int {
        if hiddenCount == 0 { return channel.members.count }
        return channel.members.keys.count { isVisible($0) }
    }

    /// The members of a channel that people can see, in order of nick.
    public func visibleMembers(of channel: Channel) -> [User] {
        let members = channel.members.keys.compactMap { id in users[id].flatMap { $0.isHidden ? nil : $0 } }
        // By their places: users are large, and sorting moves what it sorts many times.
        return members.indices.sorted { members[$0].nick < members[$1].nick }.map { members[$0] }
    }

    /// Whether somebody is there for people to see.
    func isVisible(_ user: UserID) -> Bool { users[user]?.isHidden == false }

    /// How far this roster has come.
    public var progress: Progress { Progress(vector: vector, formerLives: formerLives) }

    /// Whether an event is in this roster: applied, or of a life that is forgotten.
    public func covers(_ event: EventID) -> Bool { formerLives.covers(event, at: vector) }

    /// Whether a tag that is not here may still come: it was neither seen nor removed ahead.
    func isAwaited(_ tag: EventID, in channel: ChannelName) -> Bool { !covers(tag) && !isRemoved(tag, in: channel) }

    /// Whether a tag was removed before it was seen.
    func isRemoved(_ tag: EventID, in channel: ChannelName) -> Bool { removals[tag]?.contains(channel) ?? false }

    /// Remembers the removal of those tags that were not seen yet.
    mutating func removeAhead(_ tags: some Sequence<EventID>, in channel: ChannelName) {
        for tag in tags where !covers(tag) { removals[tag, default: []].insert(channel) }
    }
}
