// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What belongs to a birth of a channel and falls with it: registers that the later write wins, and sets of what was
// added and not taken back.

import RoostModel

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
    /// One time that the mask was added.
    struct Addition: Hashable, Sendable {
        let tag: EventID
        let setter: String
        let time: WallTime
    }

    /// The times that it was added which were not taken back. Never none while the entry stands; in order of tag.
    var additions: [Addition]

    /// The events that added it, in order.
    public var tags: [EventID] { additions.map(\.tag) }
    /// `nick!user@host` of the one who added it first.
    public var setter: String { first?.setter ?? "" }
    /// When.
    public var time: WallTime { first?.time ?? WallTime(milliseconds: 0) }

    private var first: Addition? { additions.min { ($0.time, $0.tag) < ($1.time, $1.tag) } }

    /// An entry added by those events, all of one setter and time.
    public init(tags: [EventID], setter: String, time: WallTime) {
        additions = tags.sorted().map { Addition(tag: $0, setter: setter, time: time) }
    }

    /// The same in parts of one setter and time each, in order of their first tags.
    public var parts: [MaskEntry] {
        var parts: [MaskEntry] = []
        for addition in additions {
            if let index = parts.firstIndex(where: { $0.setter == addition.setter && $0.time == addition.time }) {
                parts[index].additions.append(addition)
            } else {
                parts.append(MaskEntry(tags: [addition.tag], setter: addition.setter, time: addition.time))
            }
        }
        return parts
    }

    /// Takes the times that the other was added, too.
    public mutating func merge(_ other: Self) {
        let known = Set(tags)
        additions += other.additions.filter { !known.contains($0.tag) }
        additions.sort { $0.tag < $1.tag }
    }
}

/// All that belongs to a birth, and falls with it.
public struct ChannelState: Hashable, Sendable {
    /// Which birth.
    public let birth: Birth
    /// The channel's name, as the birth wrote it.
    public let name: ChannelName
    /// When the channel was last ended for want of members, if that was after this birth.
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

    /// The invited, with the events that invited them. Never an empty set.
    public var invited: [UserID: Set<EventID>] = [:]

    /// A state in which nothing was written yet.
    public init(birth: Birth, name: ChannelName) {
        self.birth = birth
        self.name = name
    }

    /// The flags that are set.
    public var setFlags: ChannelFlags {
        var set: ChannelFlags = []
        for (bit, register) in flags where register.value {
            set.insert(ChannelFlags(rawValue: bit))
        }
        return set
    }

    /// What a member with those tags may do.
    func status(of tags: [MembershipTag]) -> MemberStatus {
        tags.reduce(into: []) { $0.formUnion(status(of: $1.id)) }
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

extension Optional {
    /// Merges a write into a register that may not have been written yet. Says whether it took effect.
    mutating func merge<Value>(_ write: Register<Value>) -> Bool where Wrapped == Register<Value> {
        guard self != nil else {
            self = write
            return true
        }
        return self?.merge(write) ?? false
    }
}
