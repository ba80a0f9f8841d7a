// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// A node's whole knowledge, to be sent to a node that has none of it, or that was away for longer than the logs reach.

import RoostModel

/// A tag that was removed in a channel: of a membership, a mask or an invitation. One event can be a tag in several
/// channels.
public struct Removal: Hashable, Comparable, Sendable {
    /// The tag.
    public let tag: EventID
    /// Where it was removed.
    public let channel: ChannelName

    /// The removal of that tag there.
    public init(tag: EventID, channel: ChannelName) {
        self.tag = tag
        self.channel = channel
    }

    /// Orders by tag, then by channel.
    public static func < (left: Self, right: Self) -> Bool { (left.tag, left.channel) < (right.tag, right.channel) }
}

/// A roster at a stated vector, and what the node keeps for users who are held.
public struct Snapshot: Hashable, Sendable {
    /// A user with the event that began its present session.
    public struct UserEntry: Hashable, Sendable {
        /// The replicated record.
        public var record: UserRecord
        /// The event that introduced the user, or that took it over last.
        public var introduced: EventID

        /// That record, begun by that event.
        public init(record: UserRecord, introduced: EventID) {
            self.record = record
            self.introduced = introduced
        }
    }

    /// A channel with all that is known of it.
    public struct ChannelEntry: Hashable, Sendable {
        /// Its name.
        public var name: ChannelName
        /// The births, the one in force first.
        public var states: [ChannelState]
        /// The members with their tags, in order of user.
        public var members: [UserID: [MembershipTag]]

        /// A channel with these parts.
        public init(name: ChannelName, states: [ChannelState], members: [UserID: [MembershipTag]]) {
            self.name = name
            self.states = states
            self.members = members
        }
    }

    /// How far each stream is in it.
    public var vector: Vector
    /// How far the lives before are in it.
    public var formerLives: FormerLives
    /// The users, in order of id.
    public var users: [UserEntry]
    /// The claims, in order of id.
    public var claims: [StandingClaim]
    /// The channels, in order of name.
    public var channels: [ChannelEntry]
    /// Tags that were removed and that the vector does not cover yet.
    public var removals: Set<Removal>
    /// Until when the users of lives that are down are held.
    public var holds: [Life: WallTime]
    /// The lives that were ended, and when.
    public var endings: [Life: HybridTime]
    /// The last sessions of users who had been taken over and are gone.
    public var departures: [UserID: Session]
    /// The messages kept for users who are held, and those that some node had not reported delivered, in any order. No part
    /// of the roster: the node puts them in.
    public var kept: [Event] = []
    /// The prefixes of those who said what is kept, and have left since. No part of the roster, either.
    public var formerSenders: [UserID: String] = [:]
    /// For each life whose users are held, how far its node had reported the deliveries of each stream. No part of the
    /// roster, either.
    public var delivered: [Life: Vector] = [:]

    /// A snapshot with these parts.
    public init(
        vector: Vector, formerLives: FormerLives = FormerLives(), users: [UserEntry], claims: [StandingClaim],
        channels: [ChannelEntry], removals: Set<Removal>, holds: [Life: WallTime] = [:],
        endings: [Life: HybridTime] = [:], departures: [UserID: Session] = [:], kept: [Event] = [],
        formerSenders: [UserID: String] = [:], delivered: [Life: Vector] = [:]
    ) {
        self.vector = vector
        self.formerLives = formerLives
        self.users = users
        self.claims = claims
        self.channels = channels
        self.removals = removals
        self.holds = holds
        self.endings = endings
        self.departures = departures
        self.kept = kept
        self.formerSenders = formerSenders
        self.delivered = delivered
    }
}
