// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The fact that a held user goes on at another node, whole in itself: whoever has applied it needs nothing of what came
// before. What it does to the roster is in `Roster+TakeOver.swift`.

import RoostModel

/// A user as it goes on at another node, or in another life of its node.
public struct TakeOver: Hashable, Sendable {
    /// A channel that the user stays in.
    public struct Membership: Hashable, Sendable {
        /// The channel.
        public let channel: ChannelName
        /// The birth that the node knew.
        public let birth: Birth
        /// What the user may do there.
        public let status: MemberStatus

        /// That status, in that channel, under that birth.
        public init(channel: ChannelName, birth: Birth, status: MemberStatus) {
            self.channel = channel
            self.birth = birth
            self.status = status
        }
    }

    /// Who goes on.
    public let user: UserID
    /// The session that begins. Its number is one more than that of the session before, so never 1; its node is the one
    /// that publishes this.
    public let session: Session
    /// The nick that it keeps.
    public let nick: Nick
    /// The account, else `user@host`.
    public let identity: String
    /// When the nick was claimed, in whatever session.
    public let claimedAt: HybridTime
    /// The user name ("ident").
    public let userName: String
    /// The profile as it is now.
    public let profile: UserProfile
    /// When the user connected first.
    public let signedOn: WallTime
    /// The channels that it stays in, each once. It leaves all others.
    public let memberships: [Membership]
    /// The last event of the former session's stream that has to come first; nil where none has to. The roster does not
    /// wait for it.
    public let after: EventID?

    /// A take-over with these parts.
    public init(
        user: UserID, session: Session, nick: Nick, identity: String, claimedAt: HybridTime, userName: String,
        profile: UserProfile, signedOn: WallTime, memberships: [Membership], after: EventID?
    ) {
        self.user = user
        self.session = session
        self.nick = nick
        self.identity = identity
        self.claimedAt = claimedAt
        self.userName = userName
        self.profile = profile
        self.signedOn = signedOn
        self.memberships = memberships
        self.after = after
    }
}
