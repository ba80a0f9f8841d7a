// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Replies about other users: messages to them, WHO, WHOIS, WHOWAS, ISON, USERHOST, MONITOR.

extension Reply {
    /// 301
    public static func away(_ nick: String, _ message: String) -> Reply { Reply(.away, nick, message) }

    /// One user in the answer to USERHOST: `nick*=+user@host`.
    public static func userHostEntry(
        nick: String, isOperator: Bool, isAway: Bool, user: String, host: String
    ) -> String {
        "\(nick)\(isOperator ? "*" : "")=\(isAway ? "-" : "+")\(user)@\(host)"
    }

    /// 302. `entries` are of ``userHostEntry(nick:isOperator:isAway:user:host:)``.
    public static func userHost(_ entries: [String]) -> Reply {
        Reply(.userHost, entries.joined(separator: " "))
    }

    /// 303: one line of it. `nicks` are separated by spaces.
    public static func isOn(_ nicks: String) -> Reply { Reply(.isOn, nicks) }

    /// 276
    public static func whoisCertificate(_ nick: String, fingerprint: String) -> Reply {
        Reply(.whoisCertificate, nick, "has client certificate fingerprint \(fingerprint)")
    }

    /// 307
    public static func whoisRegisteredNick(_ nick: String) -> Reply {
        Reply(.whoisRegisteredNick, nick, "has identified for this nick")
    }

    /// 311
    public static func whoisUser(_ nick: String, user: String, host: String, realName: String) -> Reply {
        Reply(.whoisUser, nick, user, host, "*", realName)
    }

    /// 312. WHOWAS gives the time of leaving in place of the description.
    public static func whoisServer(_ nick: String, server: String, description: String) -> Reply {
        Reply(.whoisServer, nick, server, description)
    }

    /// 313
    public static func whoisOperator(_ nick: String) -> Reply { Reply(.whoisOperator, nick, "is an IRC operator") }

    /// 314
    public static func whowasUser(_ nick: String, user: String, host: String, realName: String) -> Reply {
        Reply(.whowasUser, nick, user, host, "*", realName)
    }

    /// 315. `mask` is the one asked for.
    public static func endOfWho(_ mask: String) -> Reply { Reply(.endOfWho, mask, "End of WHO list") }

    /// 317. Idle for so many seconds, signed on at that time.
    public static func whoisIdle(_ nick: String, idleSeconds: UInt64, signOnSeconds: UInt64) -> Reply {
        Reply(.whoisIdle, nick, String(idleSeconds), String(signOnSeconds), "seconds idle, signon time")
    }

    /// 318. `nicks` is exactly what the client asked for.
    public static func endOfWhois(_ nicks: String) -> Reply { Reply(.endOfWhois, nicks, "End of /WHOIS list") }

    /// 319: one line of it. `channels` with their prefixes, separated by spaces.
    public static func whoisChannels(_ nick: String, channels: String) -> Reply {
        Reply(.whoisChannels, nick, channels)
    }

    /// 320: a line for people, about anything.
    public static func whoisSpecial(_ nick: String, _ text: String) -> Reply { Reply(.whoisSpecial, nick, text) }

    /// 330
    public static func whoisAccount(_ nick: String, account: String) -> Reply {
        Reply(.whoisAccount, nick, account, "is logged in as")
    }

    /// 335
    public static func whoisBot(_ nick: String) -> Reply { Reply(.whoisBot, nick, "is a bot") }

    /// 338. `address` is the one that the user connects from.
    public static func whoisActually(_ nick: String, address: String) -> Reply {
        Reply(.whoisActually, nick, address, "Is actually using host")
    }

    /// 378
    public static func whoisHost(_ nick: String, user: String, host: String, address: String) -> Reply {
        Reply(.whoisHost, nick, "is connecting from \(user)@\(host) \(address)")
    }

    /// 379. `modes` with their sign.
    public static func whoisModes(_ nick: String, modes: String) -> Reply {
        Reply(.whoisModes, nick, "is using modes \(modes)")
    }

    /// 671
    public static func whoisSecure(_ nick: String) -> Reply {
        Reply(.whoisSecure, nick, "is using a secure connection")
    }

    /// 369
    public static func endOfWhowas(_ nick: String) -> Reply { Reply(.endOfWhowas, nick, "End of WHOWAS") }

    /// 352. `channel` is `*` where none is shown; `flags` as ``whoFlags(isAway:isOperator:prefixes:isBot:)`` gives. All
    /// servers of a cluster are one to clients, so the hop count is 0.
    public static func who(
        channel: String, user: String, host: String, server: String, nick: String, flags: String, realName: String
    ) -> Reply {
        Reply(.whoReply, channel, user, host, server, nick, flags, "0 " + realName)
    }

    /// The flags of a user in answers to WHO: `H` (here) or `G` (gone), `*` for an operator, the prefixes of the
    /// channel (one, or all with `multi-prefix`), and the letter of ``UserMode/bot`` for a bot.
    public static func whoFlags(isAway: Bool, isOperator: Bool, prefixes: String, isBot: Bool) -> String {
        (isAway ? "G" : "H") + (isOperator ? "*" : "") + prefixes + (isBot ? String(UserMode.bot.rawValue) : "")
    }

    /// 354, the answer to WHOX. `fields` are those asked for, in the order of the specification.
    public static func whox(_ fields: [String]) -> Reply { Reply(.whoxReply, fields) }

    /// 730: one line of it. `masks` are `nick!user@host`, separated by commas.
    public static func monitorOnline(_ masks: String) -> Reply { Reply(.monitorOnline, masks) }

    /// 731: one line of it. `nicks` are separated by commas.
    public static func monitorOffline(_ nicks: String) -> Reply { Reply(.monitorOffline, nicks) }

    /// 732: one line of it. `nicks` are separated by commas.
    public static func monitorList(_ nicks: String) -> Reply { Reply(.monitorList, nicks) }

    /// 733
    public static let endOfMonitorList = Reply(.endOfMonitorList, "End of MONITOR list")

    /// 734. `nicks`, separated by commas, are those that found no room.
    public static func monitorListFull(limit: Int, nicks: String) -> Reply {
        Reply(.monitorListFull, String(limit), nicks, "Monitor list is full.")
    }

    /// 401
    public static func noSuchNick(_ name: String) -> Reply { Reply(.noSuchNick, name, "No such nick/channel") }

    /// 406
    public static func wasNoSuchNick(_ nick: String) -> Reply {
        Reply(.wasNoSuchNick, nick, "There was no such nickname")
    }

    /// 407. `target` is the first for which there was no room.
    public static func tooManyTargets(_ target: String) -> Reply {
        Reply(.tooManyTargets, target, "Too many targets")
    }

    /// 411
    public static func noRecipient(_ command: String) -> Reply {
        Reply(.noRecipient, "No recipient given (\(command))")
    }

    /// 412
    public static let noTextToSend = Reply(.noTextToSend, "No text to send")
}
