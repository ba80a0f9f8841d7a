// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The client capabilities that Roost implements, and sets of them. Their negotiation is the node's.

/// A client capability (https://ircv3.net/specs/extensions/capability-negotiation). Only what works is listed, since
/// all that is listed is offered.
public enum Capability: UInt32, CaseIterable, Sendable {
    /// https://ircv3.net/specs/extensions/away-notify
    case awayNotify
    /// https://ircv3.net/specs/extensions/batch
    case batch
    /// https://ircv3.net/specs/extensions/capability-negotiation#cap-notify
    case capNotify
    /// https://ircv3.net/specs/extensions/echo-message
    case echoMessage
    /// https://ircv3.net/specs/extensions/extended-join
    case extendedJoin
    /// https://ircv3.net/specs/extensions/invite-notify
    case inviteNotify
    /// https://ircv3.net/specs/extensions/message-tags
    case messageTags
    /// https://ircv3.net/specs/extensions/multi-prefix
    case multiPrefix
    /// https://ircv3.net/specs/extensions/server-time
    case serverTime
    /// https://ircv3.net/specs/extensions/setname
    case setname
    /// https://ircv3.net/specs/extensions/standard-replies
    case standardReplies
    /// https://ircv3.net/specs/extensions/userhost-in-names
    case userhostInNames

    /// The name on the wire.
    public var name: String {
        switch self {
        case .awayNotify: "away-notify"
        case .batch: "batch"
        case .capNotify: "cap-notify"
        case .echoMessage: "echo-message"
        case .extendedJoin: "extended-join"
        case .inviteNotify: "invite-notify"
        case .messageTags: "message-tags"
        case .multiPrefix: "multi-prefix"
        case .serverTime: "server-time"
        case .setname: "setname"
        case .standardReplies: "standard-replies"
        case .userhostInNames: "userhost-in-names"
        }
    }

    /// What `CAP LS 302` says after the name and `=`. None of the capabilities of today has a value.
    public var value: String? { nil }

    /// The capability of this name, which is case-sensitive.
    public init?(name: String) {
        guard let found = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = found
    }
}

/// A set of capabilities: what a client negotiated, or what the bytes of a message depend on.
public struct CapabilitySet: OptionSet, Hashable, Sendable {
    /// One bit for each capability, at the place of its raw value.
    public let rawValue: UInt32

    /// The set of these bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The set of one capability.
    public init(_ capability: Capability) { rawValue = 1 << capability.rawValue }

    /// The set of some capabilities.
    public init(_ capabilities: some Sequence<Capability>) {
        self = capabilities.reduce(into: []) { $0.insert(CapabilitySet($1)) }
    }

    /// See ``Capability/awayNotify``.
    public static let awayNotify = CapabilitySet(.awayNotify)
    /// See ``Capability/batch``.
    public static let batch = CapabilitySet(.batch)
    /// See ``Capability/capNotify``.
    public static let capNotify = CapabilitySet(.capNotify)
    /// See ``Capability/echoMessage``.
    public static let echoMessage = CapabilitySet(.echoMessage)
    /// See ``Capability/extendedJoin``.
    public static let extendedJoin = CapabilitySet(.extendedJoin)
    /// See ``Capability/inviteNotify``.
    public static let inviteNotify = CapabilitySet(.inviteNotify)
    /// See ``Capability/messageTags``.
    public static let messageTags = CapabilitySet(.messageTags)
    /// See ``Capability/multiPrefix``.
    public static let multiPrefix = CapabilitySet(.multiPrefix)
    /// See ``Capability/serverTime``.
    public static let serverTime = CapabilitySet(.serverTime)
    /// See ``Capability/setname``.
    public static let setname = CapabilitySet(.setname)
    /// See ``Capability/standardReplies``.
    public static let standardReplies = CapabilitySet(.standardReplies)
    /// See ``Capability/userhostInNames``.
    public static let userhostInNames = CapabilitySet(.userhostInNames)

    /// All capabilities there are.
    public static let all = CapabilitySet(Capability.allCases)

    /// The capabilities in this set, in the order of their names.
    public var capabilities: [Capability] {
        Capability.allCases.filter { contains(CapabilitySet($0)) }
    }

    /// What CAP LS (with values from version 302) and CAP LIST (without) name, in the order of their names.
    public func tokens(withValues: Bool) -> [String] {
        capabilities.map { capability in
            guard withValues, let value = capability.value else { return capability.name }
            return capability.name + "=" + value
        }
    }
}

/// What a `CAP REQ` asks for: "the server MUST accept or reject the list as a whole".
public struct CapabilityRequest: Equatable, Sendable {
    /// To be switched on.
    public var enabled: CapabilitySet = []
    /// To be switched off: named with `-`.
    public var disabled: CapabilitySet = []

    /// Reads the last parameter of `CAP REQ`, or gives nil, for `CAP NAK`, if it names what is not there. Where a
    /// capability is named twice, the later one counts.
    public init?(parsing text: String) {
        for word in text.split(separator: " ") {
            let isDisabling = word.hasPrefix("-")
            guard let capability = Capability(name: String(isDisabling ? word.dropFirst() : word)) else { return nil }
            let set = CapabilitySet(capability)
            enabled.subtract(set)
            disabled.subtract(set)
            if isDisabling { disabled.formUnion(set) } else { enabled.formUnion(set) }
        }
    }

    /// What a client has after this, that had `capabilities` before.
    public func applied(to capabilities: CapabilitySet) -> CapabilitySet {
        capabilities.union(enabled).subtracting(disabled)
    }
}
