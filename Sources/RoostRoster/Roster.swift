// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The shared distributed roster: all users, nicks, channels and memberships of the cluster, as one node knows them.
// Events and snapshots of all nodes go in, in any order across nodes; the same set of them gives the same roster.
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
    /// The claims on each nick, by its folded form.
    var claimants: [String: [EventID]] = [:]
    /// Who goes by which nick, by its folded form. Visible users only.
    var nicks: [String: UserID] = [:]
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
        return channel.members.keys.count { users[$0]?.isHidden == false }
    }

    /// The members of a channel that people can see, in order of nick.
    public func visibleMembers(of channel: Channel) -> [User] {
        channel.members.keys.compactMap { id in users[id].flatMap { $0.isHidden ? nil : $0 } }
            .sorted { $0.nick < $1.nick }
    }

    /// The claims on a nick that count: those of hidden users do not.
    public func standingClaims(on nick: Nick) -> [StandingClaim] {
        (claimants[nick.folded] ?? []).compactMap { claims[$0] }.filter { users[$0.user]?.isHidden != true }
    }

    /// The user who holds a nick, whether introduced yet or not.
    public func holder(of nick: Nick) -> UserID? {
        Self.holder(among: standingClaims(on: nick))
    }

    // MARK: Lives

    /// Takes note that a node lives in that epoch. Users of an earlier life leave.
    public mutating func begin(_ epoch: Epoch, of node: NodeID, into changes: inout [RosterChange]) {
        if let position = vector[node] {
            guard position.epoch < epoch else { return }
        }
        vector[node] = Vector.Position(epoch: epoch, sequence: 0)
        removeUsers(of: node, before: epoch, reason: "\(node) restarted", into: &changes)
        forgetCoveredRemovals()
    }

    /// Lets the users leave that a node introduced in a life before `epoch`, and its claims with them.
    mutating func removeUsers(
        of node: NodeID, before epoch: Epoch, reason: String, into changes: inout [RosterChange]
    ) {
        let dead = users.values.filter { $0.node == node && $0.introduced.epoch < epoch }.map(\.id).sorted()
        for user in dead {
            remove(user, reason: reason, into: &changes)
        }
        for claim in claims.values.filter({ $0.id.node == node && $0.id.epoch < epoch }).map(\.id).sorted() {
            removeClaim(claim, into: &changes)
        }
    }

    // MARK: Presence

    /// Takes a node's users out of sight: it is gone. Nothing about them is forgotten.
    public mutating func hide(_ node: NodeID, reason: String, into changes: inout [RosterChange]) {
        guard hiddenNodes.insert(node).inserted else { return }
        let leaving = users.values.filter { $0.node == node && !$0.isHidden }.map(\.id).sorted()
        for id in leaving {
            guard let user = users[id] else { continue }
            users[id]?.isHidden = true
            hiddenCount += 1
            release(user.nick, of: id)
            changes.append(left(user, reason: reason))
        }
        settleAll(of: leaving, into: &changes)
    }

    /// Brings a node's users back in sight: it was only out of reach.
    public mutating func reveal(_ node: NodeID, into changes: inout [RosterChange]) {
        guard hiddenNodes.remove(node) != nil else { return }
        let returning = users.values.filter { $0.node == node && $0.isHidden }.map(\.id).sorted()
        for id in returning {
            users[id]?.isHidden = false
            hiddenCount -= 1
        }
        // First who holds which nick now, so that nobody appears under a nick that is another's.
        var appeared: [RosterChange] = []
        for id in returning {
            guard let user = users[id], let claim = claims[user.record.claim] else { continue }
            settle(claim.nick.folded, into: &changes)
            appeared.append(.userAppeared(id))
            for channel in user.channels.sorted() { appeared.append(.joined(id, channel)) }
        }
        settleBirths(of: returning, into: &changes)
        changes += appeared
    }

    private mutating func settleAll(of ids: [UserID], into changes: inout [RosterChange]) {
        for id in ids {
            guard let user = users[id], let claim = claims[user.record.claim] else { continue }
            settle(claim.nick.folded, into: &changes)
        }
        settleBirths(of: ids, into: &changes)
    }

    private mutating func settleBirths(of ids: [UserID], into changes: inout [RosterChange]) {
        var names: Set<ChannelName> = []
        for id in ids { names.formUnion(users[id]?.channels ?? []) }
        for name in names.sorted() { settleBirth(of: name, into: &changes) }
    }

    // MARK: Users, for the extensions

    /// Takes a user out of everything.
    mutating func remove(_ id: UserID, reason: String, into changes: inout [RosterChange]) {
        guard let user = users.removeValue(forKey: id) else { return }
        if user.isHidden {
            hiddenCount -= 1
        } else {
            changes.append(left(user, reason: reason))
            release(user.nick, of: id)
        }
        for name in user.channels.sorted() {
            for tag in channels[name]?.members.removeValue(forKey: id) ?? [] {
                forgetStatus(of: tag.id, in: name)
            }
            settleBirthLeft(in: name, into: &changes)
        }
        for claim in [user.record.claim] + user.pendingClaims {
            removeClaim(claim, into: &changes)
        }
    }

    private func left(_ user: User, reason: String) -> RosterChange {
        .userLeft(
            user.record, nick: user.nick, prefix: user.prefix, channels: user.channels.sorted(), reason: reason)
    }

    mutating func forgetCoveredRemovals() {
        guard !removals.isEmpty else { return }
        removals = removals.filter { !vector.covers($0) }
    }
}
