// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Replies about channels: JOIN, NAMES, LIST, TOPIC, MODE, INVITE, KICK, and why they failed.

extension Reply {
    /// 321
    public static let listStart = Reply(.listStart, "Channel", "Users  Name")

    /// 322
    public static func list(_ channel: String, users: Int, topic: String) -> Reply {
        Reply(.list, channel, String(users), topic)
    }

    /// 323
    public static let listEnd = Reply(.listEnd, "End of /LIST")

    /// 324. `modes` as ``ModeChange/lines(of:modesMax:bytesMax:)`` prints them: `["+kl", "key", "10"]`; `["+"]` for
    /// none.
    public static func channelModeIs(_ channel: String, modes: [String]) -> Reply {
        Reply(.channelModeIs, [channel] + modes)
    }

    /// 329
    public static func creationTime(_ channel: String, seconds: UInt64) -> Reply {
        Reply(.creationTime, channel, String(seconds))
    }

    /// 331
    public static func noTopic(_ channel: String) -> Reply { Reply(.noTopic, channel, "No topic is set") }

    /// 332
    public static func topic(_ channel: String, _ topic: String) -> Reply { Reply(.topic, channel, topic) }

    /// 333
    public static func topicWhoTime(_ channel: String, setBy: String, seconds: UInt64) -> Reply {
        Reply(.topicWhoTime, channel, setBy, String(seconds))
    }

    /// 336
    public static func inviteList(_ channel: String) -> Reply { Reply(.inviteList, channel) }

    /// 337
    public static let endOfInviteList = Reply(.endOfInviteList, "End of /INVITE list")

    /// 341
    public static func inviting(_ nick: String, to channel: String) -> Reply { Reply(.inviting, nick, channel) }

    /// 367, 348 or 346: an entry of one of the lists; `mode` is one whose kind is `list`.
    public static func entry(
        of mode: ChannelMode, in channel: String, mask: String, setBy: String, seconds: UInt64
    ) -> Reply {
        let numeric: Numeric
        switch mode {
        case .banException: numeric = .banExceptionList
        case .invitationException: numeric = .invitationExceptionList
        default: numeric = .banList
        }
        return Reply(numeric, channel, mask, setBy, String(seconds))
    }

    /// 368, 349 or 347: the end of one of the lists; `mode` is one whose kind is `list`.
    public static func endOfList(of mode: ChannelMode, in channel: String) -> Reply {
        switch mode {
        case .banException: Reply(.endOfBanExceptionList, channel, "End of channel exception list")
        case .invitationException:
            Reply(.endOfInvitationExceptionList, channel, "End of Channel Invite Exception List")
        default: Reply(.endOfBanList, channel, "End of channel ban list")
        }
    }

    /// What NAMES says of a channel before its name.
    public enum ChannelSymbol: String, Sendable {
        /// A channel that is neither secret nor private.
        case open = "="
        /// A channel with `+s`.
        case secret = "@"
        /// A channel with `+p`.
        case restricted = "*"
    }

    /// 353: one line of it. `members` is the nicks with their prefixes, separated by spaces, as
    /// ``packed(_:separator:bytesMax:)`` gives.
    public static func names(_ symbol: ChannelSymbol, _ channel: String, members: String) -> Reply {
        Reply(.names, symbol.rawValue, channel, members)
    }

    /// 366. `name` is the channel asked for, or `*`.
    public static func endOfNames(_ name: String) -> Reply { Reply(.endOfNames, name, "End of /NAMES list") }

    /// 403
    public static func noSuchChannel(_ channel: String) -> Reply { Reply(.noSuchChannel, channel, "No such channel") }

    /// 404. `reason` is added for people, if there is one: `+m`.
    public static func cannotSendToChannel(_ channel: String, reason: String? = nil) -> Reply {
        Reply(.cannotSendToChannel, channel, "Cannot send to channel" + (reason.map { " (\($0))" } ?? ""))
    }

    /// 405
    public static func tooManyChannels(_ channel: String) -> Reply {
        Reply(.tooManyChannels, channel, "You have joined too many channels")
    }

    /// 441
    public static func userNotInChannel(_ nick: String, _ channel: String) -> Reply {
        Reply(.userNotInChannel, nick, channel, "They aren't on that channel")
    }

    /// 442
    public static func notOnChannel(_ channel: String) -> Reply {
        Reply(.notOnChannel, channel, "You're not on that channel")
    }

    /// 443
    public static func userOnChannel(_ nick: String, _ channel: String) -> Reply {
        Reply(.userOnChannel, nick, channel, "is already on channel")
    }

    /// 471
    public static func channelIsFull(_ channel: String) -> Reply {
        Reply(.channelIsFull, channel, "Cannot join channel (+l)")
    }

    /// 472
    public static func unknownMode(_ letter: Character) -> Reply {
        Reply(.unknownMode, String(letter), "is unknown mode char to me")
    }

    /// 473
    public static func inviteOnlyChannel(_ channel: String) -> Reply {
        Reply(.inviteOnlyChannel, channel, "Cannot join channel (+i)")
    }

    /// 474
    public static func bannedFromChannel(_ channel: String) -> Reply {
        Reply(.bannedFromChannel, channel, "Cannot join channel (+b)")
    }

    /// 475
    public static func badChannelKey(_ channel: String) -> Reply {
        Reply(.badChannelKey, channel, "Cannot join channel (+k)")
    }

    /// 476
    public static func badChannelMask(_ channel: String) -> Reply {
        Reply(.badChannelMask, channel, "Bad Channel Mask")
    }

    /// 478
    public static func banListFull(_ channel: String, mode: ChannelMode) -> Reply {
        Reply(.banListFull, channel, String(mode.rawValue), "Channel list is full")
    }

    /// 482
    public static func notChannelOperator(_ channel: String) -> Reply {
        Reply(.notChannelOperator, channel, "You're not channel operator")
    }

    /// 525
    public static func invalidKey(_ channel: String) -> Reply { Reply(.invalidKey, channel, "Key is not well-formed") }

    /// 696. `target` is the channel or nick; `parameter` is `*` where it is what was missing.
    public static func invalidModeParameter(
        _ target: String, mode: Character, parameter: String, _ description: String
    ) -> Reply {
        Reply(.invalidModeParameter, target, String(mode), parameter, description)
    }
}
