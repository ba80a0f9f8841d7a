// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The shared distributed roster: all users, nicks, channels and memberships of the cluster, as one node knows them.
// Events and snapshots of all nodes go in, in any order across nodes; the same set of them gives the same roster.
//
// What is replicated is a function of that set alone: users, claims, births with their state, memberships. All the rest
// (who goes by which nick, which birth is in force, the indexes) is derived from it. An event brings the derived part
// up to date where it touches it, at a cost that does not grow with the roster; what is rare (a snapshot, a node's new
// life, a node out of reach) rewrites the roster and derives everything anew (`Roster+Rewrite.swift`).
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

    /// Every claim that stands.
    var claims: [EventID: StandingClaim] = [:]
    /// The claims on nicks of one stem, by the stem (`Roster+Nicks.swift`).
    var claimants: [String: [EventID]] = [:]
    /// Who goes by which nick, by its folded form. Visible users only.
    var nicks: [String: UserID] = [:]
    /// The channels to which a user is invited, under whatever birth.
    var invitedTo: [UserID: Set<ChannelName>] = [:]
    /// Tags that were removed before they were seen; forgotten once the vector covers them.
    var removals: Set<EventID> = []
    /// The nodes whose users nobody sees.
    var hiddenNodes: Set<NodeID> = []
    /// How many users are hidden.
    var hiddenCount = 0

    /// A roster of nobody.
    public init() {}

    // MARK: Queries

    /// How many users people can see.
    public var visibleUserCount: Int { users.count - hiddenCount }

    /// The user who goes by that nick.
    public func user(named nick: Nick) -> User? {
        nicks[nick.folded].flatMap { users[$0] }
    }

    /// The nick that a user has claimed, whether it holds it or not.
    public func claimedNick(of user: UserID) -> Nick? {
        users[user].flatMap { claims[$0.record.claim]?.nick }
    }

    /// The channel of that name, if anybody can be seen in it.
    public func visibleChannel(_ name: ChannelName) -> Channel? {
        guard let channel = channels[name], visibleMemberCount(of: channel) > 0 else { return nil }
        return channel
    }

    /// How many members of a channel people can see.
    public func visibleMemberCount(of channel: Channel) -> Int {
        if hiddenCount == 0 { return channel.members.count }
        return channel.members.keys.count { isVisible($0) }
    }

    /// The members of a channel that people can see, in order of nick.
    public func visibleMembers(of channel: Channel) -> [User] {
        channel.members.keys.compactMap { id in users[id].flatMap { $0.isHidden ? nil : $0 } }
            .sorted { $0.nick < $1.nick }
    }

    /// Whether somebody is there for people to see.
    func isVisible(_ user: UserID) -> Bool { users[user]?.isHidden == false }

    /// Whether a user was here and is no more, or never came to be after its claim.
    func isGone(_ user: UserID) -> Bool {
        users[user] == nil && claims[user] == nil && vector.covers(user)
    }

    /// Whether a tag that is not here may still come: it was neither seen nor removed ahead.
    func isAwaited(_ tag: EventID) -> Bool { !vector.covers(tag) && !removals.contains(tag) }

    // MARK: Lives

    /// Takes note that a node lives in that epoch. Users of an earlier life leave.
    public mutating func begin(_ epoch: Epoch, of node: NodeID, into changes: inout [RosterChange]) {
        if let position = vector[node] {
            guard position.epoch < epoch else { return }
        }
        rewrite(reason: "\(node) restarted", into: &changes) { roster in
            roster.vector[node] = Vector.Position(epoch: epoch, sequence: 0)
            roster.removeAll(of: node, before: epoch)
        }
    }

    /// A node left for good in this life: its users go with it.
    mutating func end(_ epoch: Epoch, of node: NodeID, reason: String, into changes: inout [RosterChange]) {
        rewrite(reason: reason, into: &changes) { roster in
            roster.removeAll(of: node, before: Epoch(epoch.rawValue &+ 1))
        }
    }

    private mutating func removeAll(of node: NodeID, before epoch: Epoch) {
        users = users.filter { $0.value.introduced.node != node || $0.value.introduced.epoch >= epoch }
        claims = claims.filter { $0.key.node != node || $0.key.epoch >= epoch }
    }

    // MARK: Presence

    /// Takes a node's users out of sight: it is gone. Nothing about them is forgotten, and what is replicated stays as
    /// it is.
    public mutating func hide(_ node: NodeID, reason: String, into changes: inout [RosterChange]) {
        guard !hiddenNodes.contains(node) else { return }
        hide(hiddenNodes.union([node]), reason: reason, into: &changes)
    }

    /// Brings a node's users back in sight: it was only out of reach.
    public mutating func reveal(_ node: NodeID, into changes: inout [RosterChange]) {
        guard hiddenNodes.contains(node) else { return }
        hide(hiddenNodes.subtracting([node]), reason: "", into: &changes)
    }
}
