// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What the cluster knows of a channel: its births, and its members. The state that belongs to a birth is in
// `ChannelState.swift`.

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

    /// Orders by time, then by node: the least wins.
    public static func < (left: Self, right: Self) -> Bool { (left.time, left.node) < (right.time, right.node) }
}

/// A channel's modes without parameter.
public struct ChannelFlags: OptionSet, Hashable, Sendable {
    /// One bit a flag, as it goes over the wire.
    public let rawValue: UInt8

    /// The flags with those bits.
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
    /// One bit a status, the higher for the higher status.
    public let rawValue: UInt8

    /// The statuses with those bits.
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
    /// The births known, never none: the one in force first, then those that could come into force after it.
    public internal(set) var states: [ChannelState]
    /// Who is in it, with the tags by which they are, in order.
    public internal(set) var members: [UserID: [MembershipTag]] = [:]
    /// How many of those tags each birth has. A birth that was ended counts for nothing without one.
    var population: [Birth: Int] = [:]

    /// Its name, as the birth in force wrote it.
    public var name: ChannelName { states[0].name }
    /// The state in force.
    public var state: ChannelState { states[0] }
    /// The modes without parameter that are set. Each message asks for them, which the whole state is too much for.
    public var setFlags: ChannelFlags { states[0].setFlags }
    /// Whether anybody is banned.
    public var hasBans: Bool { states[0].lists[.bans]?.isEmpty == false }
    /// The invited, with the events that invited them.
    public var invited: [UserID: Set<EventID>] { states[0].invited }

    init(_ state: ChannelState) { states = [state] }

    /// What a member may do; empty for somebody who is not one.
    public func status(of user: UserID) -> MemberStatus {
        members[user].map { states[0].status(of: $0) } ?? []
    }

    /// Whether a birth was ended and nobody is there by it.
    func isVoid(_ state: ChannelState) -> Bool {
        state.ended != nil && population[state.birth] == nil
    }

    /// The latest end of the channel that is remembered.
    var ended: HybridTime? { states.lazy.compactMap(\.ended).max() }

    /// Puts the birth in force first: the oldest that is not void, else the oldest. Says whether it was another.
    mutating func rank() -> Bool {
        guard states.count > 1 else { return false }
        let ranked = states.sorted { left, right in
            let (isLeftVoid, isRightVoid) = (isVoid(left), isVoid(right))
            return isLeftVoid == isRightVoid ? left.birth < right.birth : isRightVoid
        }
        let isOther = ranked[0].birth != states[0].birth
        states = ranked
        return isOther
    }

    /// Adds a birth that nothing is written under yet.
    mutating func insert(_ birth: Birth, named name: ChannelName) {
        var state = ChannelState(birth: birth, name: name)
        if let ended, birth.time < ended { state.ended = ended }
        states.append(state)
    }

    /// Ends the births before that time.
    mutating func end(at time: HybridTime) {
        for index in states.indices where states[index].birth.time < time {
            states[index].ended = max(states[index].ended ?? time, time)
        }
    }

    /// Adds a tag to the members.
    mutating func insert(_ tag: MembershipTag, of user: UserID) {
        var tags = members.removeValue(forKey: user) ?? []
        tags.insert(tag, at: tags.firstIndex { tag.id < $0.id } ?? tags.count)
        members[user] = tags
        population[tag.birth, default: 0] += 1
    }

    /// Takes tags from a member, and their status with them, whether they were seen to join or not.
    mutating func remove(_ tags: [EventID], of user: UserID) {
        let removed = members[user]?.filter { tags.contains($0.id) } ?? []
        for tag in removed {
            let left = (population[tag.birth] ?? 0) - 1
            population[tag.birth] = left > 0 ? left : nil
        }
        if !removed.isEmpty {
            members[user]?.removeAll { tags.contains($0.id) }
            if members[user]?.isEmpty == true { members[user] = nil }
        }
        for tag in tags { forgetStatus(of: tag) }
    }

    /// Forgets what a membership with that tag may do.
    mutating func forgetStatus(of tag: EventID) {
        for index in states.indices where !states[index].statuses.isEmpty { states[index].statuses[tag] = nil }
    }

    /// Lets `body` write to one of the states in place.
    mutating func withState<Result>(at index: Int, _ body: (inout ChannelState) -> Result) -> Result {
        body(&states[index])
    }
}
