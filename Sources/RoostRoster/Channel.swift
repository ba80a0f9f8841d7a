// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What the cluster knows of a channel: its births and the state that belongs to each, and its members.

import RoostModel

/// When and where a channel came to be. Where two nodes made the same channel apart, the older birth wins.
public struct Birth: Hashable, Comparable, Sendable {
    /// When the first member joined.
    public let time: HybridTime
    /// The node of the first member.
    public let node: NodeID

    /// A birth then and there.
    public init(time: HybridTime, node: NodeID) {
        self.time = time
        self.node = node
    }

    public static func < (left: Self, right: Self) -> Bool { (left.time, left.node) < (right.time, right.node) }
}

/// A channel's modes without parameter.
public struct ChannelFlags: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// `+i`: only the invited may join.
    public static let inviteOnly = ChannelFlags(rawValue: 1)
    /// `+m`: only voiced members and above may speak.
    public static let moderated = ChannelFlags(rawValue: 2)
    /// `+n`: only members may speak.
    public static let noExternalMessages = ChannelFlags(rawValue: 4)
    /// `+p`: private.
    public static let privateChannel = ChannelFlags(rawValue: 8)
    /// `+s`: secret.
    public static let secret = ChannelFlags(rawValue: 16)
    /// `+t`: only half-operators and above set the topic.
    public static let topicProtected = ChannelFlags(rawValue: 32)

    /// Each flag with its letter, in the order in which they are shown.
    public static let letters: [(flag: ChannelFlags, letter: Character)] = [
        (.inviteOnly, "i"), (.moderated, "m"), (.noExternalMessages, "n"), (.privateChannel, "p"), (.secret, "s"),
        (.topicProtected, "t"),
    ]
}

/// What a member may do, as a set: `o`, `h`, `v`.
public struct MemberStatus: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// `+v`, shown as `+`.
    public static let voice = MemberStatus(rawValue: 1)
    /// `+h`, shown as `%`.
    public static let halfOperator = MemberStatus(rawValue: 2)
    /// `+o`, shown as `@`.
    public static let channelOperator = MemberStatus(rawValue: 4)

    /// Each status with its mode letter and prefix, highest first.
    public static let all: [(status: MemberStatus, letter: Character, prefix: Character)] = [
        (.channelOperator, "o", "@"), (.halfOperator, "h", "%"), (.voice, "v", "+"),
    ]

    /// The prefixes that are held, highest first.
    public var prefixes: String {
        var text = ""
        for entry in Self.all where contains(entry.status) {
            text.append(entry.prefix)
        }
        return text
    }

    /// Whether somebody with this status counts among those with at least `other`.
    public func isAtLeast(_ other: MemberStatus) -> Bool { rawValue >= other.rawValue }
}

/// The lists of masks that a channel keeps.
public enum MaskList: UInt8, Hashable, Sendable, CaseIterable {
    /// `+b`
    case bans = 0
    /// `+e`: exempt from bans.
    case exceptions = 1
    /// `+I`: may join an invite-only channel.
    case invitations = 2
}

/// A value that the later write wins: by hybrid time, then by node.
public struct Register<Value: Hashable & Sendable>: Hashable, Sendable {
    /// What was written last.
    public private(set) var value: Value
    /// When.
    public private(set) var time: HybridTime
    /// By which node.
    public private(set) var node: NodeID

    /// A register written then by that node.
    public init(_ value: Value, time: HybridTime, node: NodeID) {
        self.value = value
        self.time = time
        self.node = node
    }

    /// Takes the other write where it is later. Says whether it did.
    public mutating func merge(_ other: Self) -> Bool {
        guard (time, node) < (other.time, other.node) else { return false }
        self = other
        return true
    }
}

/// A topic with who set it and when.
public struct Topic: Hashable, Sendable {
    /// Empty where it was cleared.
    public let text: String
    /// `nick!user@host` of the setter.
    public let setter: String
    /// When it was set.
    public let time: WallTime

    /// A topic with these parts.
    public init(text: String, setter: String, time: WallTime) {
        self.text = text
        self.setter = setter
        self.time = time
    }
}

/// A mask in a list.
public struct MaskEntry: Hashable, Sendable {
    /// The events that added it and were not taken back. Never empty while the entry stands; in order.
    public internal(set) var tags: [EventID]
    /// `nick!user@host` of the one who added it first.
    public internal(set) var setter: String
    /// When.
    public internal(set) var time: WallTime

    /// An entry with these parts.
    public init(tags: [EventID], setter: String, time: WallTime) {
        self.tags = tags
        self.setter = setter
        self.time = time
    }

    /// Takes the other's tags, and its setter where that was first.
    mutating func merge(_ other: Self) {
        for tag in other.tags where !tags.contains(tag) { tags.append(tag) }
        tags.sort()
        if (other.time, other.setter) < (time, setter) { (time, setter) = (other.time, other.setter) }
    }
}

/// All that belongs to a birth, and falls with it.
public struct ChannelState: Hashable, Sendable {
    /// Which birth.
    public let birth: Birth
    /// When it was ended for want of members, if it was.
    public var ended: HybridTime?
    /// The topic; nil where none was ever set.
    public var topic: Register<Topic>?
    /// One register for each flag that was ever written.
    public var flags: [UInt8: Register<Bool>] = [:]
    /// The key.
    public var key: Register<String?>?
    /// The most members.
    public var limit: Register<UInt32?>?
    /// The lists, by mask.
    public var lists: [MaskList: [String: MaskEntry]] = [:]
    /// Status of memberships under this birth: by tag, then by status bit.
    public var statuses: [EventID: [UInt8: Register<Bool>]] = [:]

    /// A state in which nothing was written yet.
    public init(birth: Birth) { self.birth = birth }

    /// The flags that are set.
    public var setFlags: ChannelFlags {
        var set: ChannelFlags = []
        for (bit, register) in flags where register.value {
            set.insert(ChannelFlags(rawValue: bit))
        }
        return set
    }

    /// What the membership with that tag holds.
    public func status(of tag: EventID) -> MemberStatus {
        var status: MemberStatus = []
        for (bit, register) in statuses[tag] ?? [:] where register.value {
            status.insert(MemberStatus(rawValue: bit))
        }
        return status
    }
}

/// One tag of a membership: one time that the user joined.
public struct MembershipTag: Hashable, Sendable {
    /// The event of the join.
    public let id: EventID
    /// The birth that the joining node knew.
    public let birth: Birth

    /// The tag of that join, under that birth.
    public init(id: EventID, birth: Birth) {
        self.id = id
        self.birth = birth
    }
}

/// A channel as this node sees it.
public struct Channel: Sendable {
    /// Its name, as the birth wrote it.
    public let name: ChannelName
    /// The births known: the one in force first, then those that were ended and are still remembered.
    public internal(set) var states: [ChannelState]
    /// Who is in it, with the tags by which they are.
    public internal(set) var members: [UserID: [MembershipTag]] = [:]
    /// The invited, with the events that invited them.
    public internal(set) var invited: [UserID: Set<EventID>] = [:]

    /// The state in force.
    public var state: ChannelState { states[0] }

    /// What a member may do; empty for somebody who is not one.
    public func status(of user: UserID) -> MemberStatus {
        var status: MemberStatus = []
        for tag in members[user] ?? [] {
            status.formUnion(states[0].status(of: tag.id))
        }
        return status
    }

    /// Lets `body` write to one of the states in place.
    mutating func withState<Result>(at index: Int, _ body: (inout ChannelState) -> Result) -> Result {
        body(&states[index])
    }
}
