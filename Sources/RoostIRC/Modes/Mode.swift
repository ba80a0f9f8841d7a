// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The modes there are, what parameters they take, and how 004 and 005 name them. Who may set one is the node's.

/// A mode of a channel, by its letter.
///
/// See https://modern.ircdocs.horse/#channel-modes
public enum ChannelMode: Character, CaseIterable, Sendable {
    /// A mask of users who may neither join nor speak.
    case ban = "b"
    /// A mask of users whom bans spare.
    case banException = "e"
    /// A mask of users who need no invitation.
    case invitationException = "I"
    /// What JOIN has to name.
    case key = "k"
    /// How many members there may be for another to join.
    case limit = "l"
    /// Only the invited join.
    case inviteOnly = "i"
    /// Only members with a status speak.
    case moderated = "m"
    /// Only members speak.
    case noExternalMessages = "n"
    /// Hidden as `secret` is, but for its symbol in NAMES.
    case hidden = "p"
    /// Not shown to those outside.
    case secret = "s"
    /// Only operators and half-operators set the topic.
    case topicProtected = "t"
    /// A member's status: `@`.
    case channelOperator = "o"
    /// A member's status: `%`.
    case halfOperator = "h"
    /// A member's status: `+`.
    case voice = "v"

    /// What a mode takes, after `CHANMODES` (https://modern.ircdocs.horse/#mode-message).
    public enum Kind: Equatable, Sendable {
        /// Type A: a list; always a mask, and without one a question.
        case list
        /// Type B: a parameter to set and to unset.
        case parameter
        /// Type C: a parameter to set only.
        case setParameter
        /// Type D: no parameter.
        case flag
        /// Of `PREFIX`: a member's nick.
        case status
    }

    /// What this mode takes.
    public var kind: Kind {
        switch self {
        case .ban, .banException, .invitationException: .list
        case .key: .parameter
        case .limit: .setParameter
        case .inviteOnly, .moderated, .noExternalMessages, .hidden, .secret, .topicProtected: .flag
        case .channelOperator, .halfOperator, .voice: .status
        }
    }

    /// The prefix of a member with this status, or nil for modes that are none.
    public var prefix: Character? {
        switch self {
        case .channelOperator: "@"
        case .halfOperator: "%"
        case .voice: "+"
        default: nil
        }
    }

    /// The statuses, the highest first.
    public static let statuses: [ChannelMode] = [.channelOperator, .halfOperator, .voice]

    /// The status of this prefix.
    public init?(prefix: Character) {
        guard let status = Self.statuses.first(where: { $0.prefix == prefix }) else { return nil }
        self = status
    }

    /// The value of `CHANMODES`: `Ibe,k,l,imnpst`.
    public static var chanmodes: String {
        let kinds: [Kind] = [.list, .parameter, .setParameter, .flag]
        return kinds.map { kind in letters(where: { $0.kind == kind }) }.joined(separator: ",")
    }

    /// The value of `PREFIX`: `(ohv)@%+`.
    public static var prefixes: String {
        "(" + String(statuses.map(\.rawValue)) + ")" + statusPrefixes
    }

    /// The value of `STATUSMSG`: `@%+`.
    public static var statusPrefixes: String { String(statuses.compactMap(\.prefix)) }

    /// The letters of some modes, sorted.
    public static func letters(where isIncluded: (ChannelMode) -> Bool) -> String {
        String(allCases.filter(isIncluded).map(\.rawValue).sorted())
    }
}

/// A mode of a user, by its letter.
///
/// See https://modern.ircdocs.horse/#user-modes
public enum UserMode: Character, CaseIterable, Sendable {
    /// Not shown in WHO to those who share no channel.
    case invisible = "i"
    /// An IRC operator. Given by OPER only.
    case ircOperator = "o"
    /// Hears WALLOPS.
    case wallops = "w"
    /// Marked as a bot (https://ircv3.net/specs/extensions/bot-mode).
    case bot = "B"

    /// All letters, sorted.
    public static var letters: String { String(allCases.map(\.rawValue).sorted()) }
}
