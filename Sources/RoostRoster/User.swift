// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What the cluster knows of a user: the replicated record, and the claims by which nicks are held.

import RoostModel

/// User modes that the cluster knows of.
public struct UserModes: OptionSet, Hashable, Sendable {
    /// One bit a mode, as it goes over the wire.
    public let rawValue: UInt8

    /// The modes with those bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// `+i`: hidden from WHO and NAMES of those who share no channel.
    public static let invisible = UserModes(rawValue: 1)
    /// `+o`: network operator.
    public static let networkOperator = UserModes(rawValue: 2)
    /// `+w`: receives WALLOPS.
    public static let wallops = UserModes(rawValue: 4)
    /// `+B`: is a bot (IRCv3 bot mode).
    public static let bot = UserModes(rawValue: 8)

    /// The letters that are set, in the order `B i o w`.
    public var letters: String {
        var text = ""
        if contains(.bot) { text += "B" }
        if contains(.invisible) { text += "i" }
        if contains(.networkOperator) { text += "o" }
        if contains(.wallops) { text += "w" }
        return text
    }
}

/// One tenure of a user at one node. The highest one owns the user's record.
public struct Session: Hashable, Comparable, Sendable {
    /// 1 for the first tenure, one more with each take-over.
    public let number: UInt32
    /// When it began.
    public let since: HybridTime
    /// The node that holds it.
    public let node: NodeID

    /// The tenure with that number, begun then, at that node.
    public init(number: UInt32, since: HybridTime, node: NodeID) {
        self.number = number
        self.since = since
        self.node = node
    }

    /// Orders by number, then by time, then by node: the greatest owns the user.
    public static func < (left: Self, right: Self) -> Bool {
        (left.number, left.since, left.node) < (right.number, right.since, right.node)
    }
}

/// What of a user can change while it is there, nick and channels aside.
public struct UserProfile: Hashable, Sendable {
    /// The host that others see.
    public var host: String
    /// The "real name" (GECOS).
    public var realName: String
    /// The account, once logged in.
    public var account: String?
    /// The away message; nil while present.
    public var away: String?
    /// The user modes.
    public var modes: UserModes

    /// A profile with these parts.
    public init(host: String, realName: String, account: String? = nil, away: String? = nil, modes: UserModes = []) {
        self.host = host
        self.realName = realName
        self.account = account
        self.away = away
        self.modes = modes
    }
}

/// A user as its node introduces it.
public struct UserRecord: Hashable, Sendable {
    /// Who it is: the event of its first claim.
    public let id: UserID
    /// Which tenure this record belongs to.
    public let session: Session
    /// The claim by which it holds its nick.
    public var claim: EventID
    /// The user name ("ident").
    public let userName: String
    /// What can change.
    public var profile: UserProfile
    /// When it connected.
    public let signedOn: WallTime

    /// A record with these parts.
    public init(
        id: UserID, session: Session, claim: EventID, userName: String, profile: UserProfile, signedOn: WallTime
    ) {
        self.id = id
        self.session = session
        self.claim = claim
        self.userName = userName
        self.profile = profile
        self.signedOn = signedOn
    }
}

/// A hold on a nick, or the wish for one.
public struct NickClaim: Hashable, Sendable {
    /// Who claims: nil in the event by which a newcomer, not yet named, makes its first claim.
    public let user: UserID?
    /// The nick.
    public let nick: Nick
    /// The account, else `user@host`: who stands behind the user, as far as is known.
    public let identity: String

    /// The claim of that user, known by that identity, to that nick.
    public init(user: UserID?, nick: Nick, identity: String) {
        self.user = user
        self.nick = nick
        self.identity = identity
    }
}

/// A claim as the roster keeps it.
public struct StandingClaim: Hashable, Sendable {
    /// The event that made it.
    public let id: EventID
    /// The user who claims.
    public let user: UserID
    /// The nick.
    public let nick: Nick
    /// The account, else `user@host`.
    public let identity: String
    /// When it was made.
    public let time: HybridTime

    /// A claim with these parts.
    public init(id: EventID, user: UserID, nick: Nick, identity: String, time: HybridTime) {
        self.id = id
        self.user = user
        self.nick = nick
        self.identity = identity
        self.time = time
    }
}

/// A user as this node sees it.
public struct User: Sendable {
    /// What was replicated.
    public var record: UserRecord
    /// The event that began its present session, by introducing it or taking it over: its tag in merges.
    public let introduced: EventID
    /// The nick that it goes by: that of its claim where it holds it, else one made from it (`Roster+Nicks.swift`).
    public internal(set) var nick: Nick
    /// Claims on other nicks that it may take next.
    var pendingClaims: [EventID] = []
    /// The channels that it is in.
    public internal(set) var channels: Set<ChannelName> = []
    /// Whether the life that owns it is out of sight, so that nobody sees it.
    public internal(set) var isHidden = false
    /// `nick!user@host`, as it stands before what the user does.
    public internal(set) var prefix: String

    /// Who it is.
    public var id: UserID { record.id }
    /// The node that it is connected to.
    public var node: NodeID { record.session.node }
    /// The life that owns it: the one that introduced it, or that took it over last.
    public var life: Life { introduced.life }
    /// Who stands behind it, as far as is known: its account, else `user@host`.
    public var identity: String { profile.account ?? "\(record.userName)@\(profile.host)" }
    /// The part of the profile that others see.
    public var profile: UserProfile { record.profile }

    init(record: UserRecord, introduced: EventID, nick: Nick) {
        self.record = record
        self.introduced = introduced
        self.nick = nick
        prefix = ""
        refreshPrefix()
    }

    /// Whether a claim, or a tag of a membership, is of the user's present session. Those of sessions before count no
    /// more: the take-over stated what goes on.
    func holds(_ event: EventID) -> Bool {
        let start = record.session.number == 1 ? record.id : introduced
        return event.life == start.life && event.sequence >= start.sequence
    }

    mutating func refreshPrefix() {
        prefix = "\(nick.text)!\(record.userName)@\(record.profile.host)"
    }
}
