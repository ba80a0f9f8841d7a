// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The facts that nodes tell each other. Each is published once, by one node, in its numbered stream; what it does to
// the roster is in `Roster+Apply.swift`, how it looks on the wire in `docs/protocol/mesh.proto`.

import RoostModel

/// A fact in a node's stream.
public struct Event: Hashable, Sendable {
    /// Its place in the stream, and so the name of what it brings into being.
    public let id: EventID
    /// When it happened, by its node's hybrid clock. Never earlier than what caused it.
    public let time: HybridTime
    /// What happened.
    public let body: EventBody

    /// The fact with that place, time and content.
    public init(id: EventID, time: HybridTime, body: EventBody) {
        self.id = id
        self.time = time
        self.body = body
    }
}

/// What happened. Indirect, since an event is copied from queue to queue, and its largest content would be the size of all.
public indirect enum EventBody: Hashable, Sendable {
    /// Someone wants a nick. The claim is named by the event; a newcomer's first claim names the user to come, too.
    case nickClaimed(NickClaim)
    /// A claim was given up before it was used.
    case nickReleased(claim: EventID)
    /// A user has registered: claim won, welcome sent.
    case userIntroduced(UserRecord)
    /// A user took the nick of a claim published before.
    case nickChanged(user: UserID, claim: EventID)
    /// Something in a user's profile changed; the whole profile as it is now.
    case profileChanged(user: UserID, profile: UserProfile)
    /// A user left the network.
    case userQuit(user: UserID, reason: String)
    /// A user entered a channel. The event is the membership's tag. `invitations` are those that it used up.
    case joined(user: UserID, channel: ChannelName, birth: Birth, status: MemberStatus, invitations: [EventID])
    /// A user left a channel.
    case parted(user: UserID, channel: ChannelName, tags: [EventID], reason: String?)
    /// A user was removed from a channel. It names the tags that the kicking node saw.
    case kicked(user: UserID, channel: ChannelName, tags: [EventID], by: Actor, reason: String)
    /// Modes of a channel changed, all those of one MODE line together.
    case modesChanged(channel: ChannelName, birth: Birth, changes: [ModeFact], by: Actor)
    /// The topic was set, or cleared by an empty text.
    case topicChanged(channel: ChannelName, birth: Birth, text: String, by: Actor)
    /// A user was invited to a channel.
    case invited(user: UserID, channel: ChannelName, birth: Birth, by: Actor)
    /// A channel that had no members was given up, with all its state.
    case channelEnded(channel: ChannelName, birth: Birth)
    /// Somebody said something.
    case messageSent(ChatMessage)
    /// An operator asks the user's node to end its connection.
    case killRequested(user: UserID, by: Actor, reason: String)
    /// A message to all who have user mode `w`.
    case wallopsSent(by: Actor, text: String)
    /// The node leaves the cluster on purpose. Nothing follows in this epoch.
    case nodeLeft(reason: String)
    /// A node is down: the users of that life of it are held until then. The highest time that anybody gives holds.
    case nodeDown(Life, heldUntil: WallTime)
    /// The users of a life who were not taken over are held no longer: they leave. That life owns nobody from here on.
    case lifeEnded(Life)
    /// A user goes on at the node that says so. The event names its claim, and its membership of each channel listed.
    case userTakenOver(TakeOver)
    /// A kind that this build does not know and need not: kept, forwarded, and without effect here. What it names it
    /// names in full, as the ids of a frame mean nothing outside it.
    case unknown(kind: UInt32, content: [UInt8])
    /// Its content could not be read: it is set aside, and has no effect here. It is never sent on.
    case quarantined(reason: String)
}

/// A user, named by the event with which its node first claimed a nick for it.
public typealias UserID = EventID

/// Who did something, kept as text too, for those who learn of it after the doer has gone.
public struct Actor: Hashable, Sendable {
    /// The user; nil where a server did it.
    public let user: UserID?
    /// `nick!user@host` at the time, or the server's name.
    public let prefix: String

    /// That user, or that server, under that name.
    public init(user: UserID?, prefix: String) {
        self.user = user
        self.prefix = prefix
    }
}

/// One change of a channel's modes.
public enum ModeFact: Hashable, Sendable {
    /// A mode without a parameter: `i m n p s t`.
    case flag(ChannelFlags, isSet: Bool)
    /// The key, or nil where it was removed.
    case key(String?)
    /// The most members, or nil where there is no limit any more.
    case limit(UInt32?)
    /// Operator, half-operator or voice of the membership with that tag.
    case status(MemberStatus, user: UserID, tag: EventID, isSet: Bool)
    /// A mask added to a list. The event is its tag, so an event adds one mask at most.
    case listAdded(MaskList, mask: String)
    /// A mask removed from a list, with the tags by which the removing node knew it.
    case listRemoved(MaskList, mask: String, tags: [EventID])
}

/// Something said, by a user, to a user or a channel.
public struct ChatMessage: Hashable, Sendable {
    /// The command that it came by and goes out as.
    public enum Kind: UInt8, Hashable, Sendable {
        /// PRIVMSG
        case message = 0
        /// NOTICE
        case notice = 1
        /// TAGMSG (IRCv3 message-tags): no text, only tags.
        case tags = 2
    }

    /// Whom it is meant for.
    public enum Target: Hashable, Sendable {
        /// All members of a channel, or those with at least that status (STATUSMSG).
        case channel(ChannelName, atLeast: MemberStatus)
        /// One user.
        case user(UserID)
    }

    /// A client-only tag (`+key`), with its value unescaped.
    public struct Tag: Hashable, Sendable {
        /// With its `+`.
        public let key: String
        /// Empty where it has none.
        public let value: String

        /// The tag with that key and value.
        public init(key: String, value: String) {
            self.key = key
            self.value = value
        }
    }

    /// PRIVMSG, NOTICE or TAGMSG.
    public let kind: Kind
    /// Who said it.
    public let sender: UserID
    /// Whom it is meant for.
    public let target: Target
    /// What was said; empty for TAGMSG.
    public let text: String
    /// The sender's client-only tags.
    public let tags: [Tag]

    /// A message with these parts.
    public init(kind: Kind, sender: UserID, target: Target, text: String, tags: [Tag] = []) {
        self.kind = kind
        self.sender = sender
        self.target = target
        self.text = text
        self.tags = tags
    }
}
