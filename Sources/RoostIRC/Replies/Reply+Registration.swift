// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Replies of connection registration and of what a client changes about itself: welcome, MOTD, modes, AWAY, OPER.

extension Reply {
    /// 001, with the nick alone, as the specification advises: some clients resolve what looks like a host here.
    public static func welcome(network: String, nick: String) -> Reply {
        Reply(.welcome, "Welcome to the \(network) Network, \(nick)")
    }

    /// 002
    public static func yourHost(server: String, version: String) -> Reply {
        Reply(.yourHost, "Your host is \(server), running version \(version)")
    }

    /// 003. `when` is text for people.
    public static func created(_ when: String) -> Reply {
        Reply(.created, "This server was created \(when)")
    }

    /// 004, with the mode letters of ``UserMode`` and ``ChannelMode``.
    public static func myInfo(server: String, version: String) -> Reply {
        Reply(
            .myInfo, server, version, UserMode.letters, ChannelMode.letters(where: { _ in true }),
            ChannelMode.letters(where: { $0.kind != .flag }))
    }

    /// 005: one line of it. ``ISupport`` makes all.
    public static func iSupport(_ tokens: [String]) -> Reply {
        Reply(.iSupport, tokens + ["are supported by this server"])
    }

    /// 375
    public static func motdStart(server: String) -> Reply {
        Reply(.motdStart, "- \(server) Message of the day - ")
    }

    /// 372
    public static func motd(_ line: String) -> Reply { Reply(.motd, "- " + line) }

    /// 376
    public static let endOfMotd = Reply(.endOfMotd, "End of /MOTD command.")

    /// 422
    public static let noMotd = Reply(.noMotd, "MOTD File is missing")

    /// 221. `modes` with their sign: `+iw`.
    public static func userModeIs(_ modes: String) -> Reply { Reply(.userModeIs, modes) }

    /// 305
    public static let unaway = Reply(.unaway, "You are no longer marked as being away")

    /// 306
    public static let nowAway = Reply(.nowAway, "You have been marked as being away")

    /// 381
    public static let youreOperator = Reply(.youreOperator, "You are now an IRC operator")

    /// 409
    public static let noOrigin = Reply(.noOrigin, "No origin specified")

    /// 410. `subcommand` is what the client sent.
    public static func invalidCapCommand(_ subcommand: String) -> Reply {
        Reply(.invalidCapCommand, subcommand, "Invalid CAP command")
    }

    /// 431
    public static let noNicknameGiven = Reply(.noNicknameGiven, "No nickname given")

    /// 432
    public static func erroneousNickname(_ nick: String) -> Reply {
        Reply(.erroneousNickname, nick, "Erroneous nickname")
    }

    /// 433
    public static func nicknameInUse(_ nick: String) -> Reply {
        Reply(.nicknameInUse, nick, "Nickname is already in use")
    }

    /// 436
    public static func nickCollision(_ nick: String, user: String, host: String) -> Reply {
        Reply(.nickCollision, nick, "Nickname collision KILL from \(user)@\(host)")
    }

    /// 437: the nick or channel cannot be had just now.
    public static func unavailableResource(_ name: String) -> Reply {
        Reply(.unavailableResource, name, "Nick/channel is temporarily unavailable")
    }

    /// 451
    public static let notRegistered = Reply(.notRegistered, "You have not registered")

    /// 462
    public static let alreadyRegistered = Reply(.alreadyRegistered, "You may not reregister")

    /// 464
    public static let passwordMismatch = Reply(.passwordMismatch, "Password incorrect")

    /// 465
    public static func youreBanned(_ reason: String) -> Reply {
        Reply(.youreBanned, "You are banned from this server: \(reason)")
    }

    /// 468
    public static let invalidUsername = Reply(.invalidUsername, "Your username is not valid")

    /// 491
    public static let noOperatorHost = Reply(.noOperatorHost, "No O-lines for your host")

    /// 501
    public static let unknownUserMode = Reply(.unknownUserMode, "Unknown MODE flag")

    /// 502
    public static let usersDontMatch = Reply(.usersDontMatch, "Can't change mode for other users")
}
