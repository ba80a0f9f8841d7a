// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// A node's whole knowledge, to be sent to a node that has none of it, or that was away for longer than the logs reach.

import RoostModel

/// A roster at a stated vector.
public struct Snapshot: Hashable, Sendable {
    /// A user with the event that introduced it.
    public struct UserEntry: Hashable, Sendable {
        /// The replicated record.
        public var record: UserRecord
        /// The event that introduced it.
        public var introduced: EventID

        /// That record, introduced by that event.
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
    /// The users, in order of id.
    public var users: [UserEntry]
    /// The claims, in order of id.
    public var claims: [StandingClaim]
    /// The channels, in order of name.
    public var channels: [ChannelEntry]
    /// Tags that were removed and that the vector does not cover yet.
    public var removals: Set<EventID>

    /// A snapshot with these parts.
    public init(
        vector: Vector, users: [UserEntry], claims: [StandingClaim], channels: [ChannelEntry], removals: Set<EventID>
    ) {
        self.vector = vector
        self.users = users
        self.claims = claims
        self.channels = channels
        self.removals = removals
    }
}
