// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Replies about the server: LUSERS, VERSION, TIME, ADMIN, INFO, STATS, LINKS, HELP, the operators' commands, and input
// that is no command.

extension Reply {
    /// 251. `users` are all that are not invisible.
    public static func lusersClients(users: Int, invisible: Int, servers: Int) -> Reply {
        Reply(.lusersClients, "There are \(users) users and \(invisible) invisible on \(servers) servers")
    }

    /// 252. To be sent for more than none only, as the next two.
    public static func lusersOperators(_ count: Int) -> Reply {
        Reply(.lusersOperators, String(count), "operator(s) online")
    }

    /// 253
    public static func lusersUnknown(_ count: Int) -> Reply {
        Reply(.lusersUnknown, String(count), "unknown connection(s)")
    }

    /// 254
    public static func lusersChannels(_ count: Int) -> Reply {
        Reply(.lusersChannels, String(count), "channels formed")
    }

    /// 255
    public static func lusersMe(clients: Int, servers: Int) -> Reply {
        Reply(.lusersMe, "I have \(clients) clients and \(servers) servers")
    }

    /// 265
    public static func localUsers(_ users: Int, max: Int) -> Reply {
        Reply(.localUsers, String(users), String(max), "Current local users \(users), max \(max)")
    }

    /// 266
    public static func globalUsers(_ users: Int, max: Int) -> Reply {
        Reply(.globalUsers, String(users), String(max), "Current global users \(users), max \(max)")
    }

    /// 256
    public static func adminMe(server: String) -> Reply { Reply(.adminMe, server, "Administrative info") }

    /// 257
    public static func adminLocation1(_ text: String) -> Reply { Reply(.adminLocation1, text) }

    /// 258
    public static func adminLocation2(_ text: String) -> Reply { Reply(.adminLocation2, text) }

    /// 259
    public static func adminEmail(_ address: String) -> Reply { Reply(.adminEmail, address) }

    /// 423
    public static func noAdminInfo(server: String) -> Reply {
        Reply(.noAdminInfo, server, "No administrative info available")
    }

    /// 351
    public static func version(_ version: String, server: String, comments: String) -> Reply {
        Reply(.version, version, server, comments)
    }

    /// 391. `text` is the same time for people.
    public static func time(server: String, seconds: UInt64, _ text: String) -> Reply {
        Reply(.time, server, String(seconds), text)
    }

    /// 371
    public static func info(_ line: String) -> Reply { Reply(.info, line) }

    /// 374
    public static let endOfInfo = Reply(.endOfInfo, "End of INFO list")

    /// 364. All servers of a cluster are one to clients, so the hop count is 0.
    public static func links(server: String, description: String) -> Reply {
        Reply(.links, "*", server, "0 " + description)
    }

    /// 365
    public static let endOfLinks = Reply(.endOfLinks, "*", "End of /LINKS list")

    /// 211: one connection, with messages and bytes each way and how long it is open.
    public static func statsLinkInfo(
        _ name: String, queueBytes: Int, sentMessages: UInt64, sentBytes: UInt64, receivedMessages: UInt64,
        receivedBytes: UInt64, openSeconds: UInt64
    ) -> Reply {
        Reply(
            .statsLinkInfo, name, String(queueBytes), String(sentMessages), String(sentBytes / 1_024),
            String(receivedMessages), String(receivedBytes / 1_024), String(openSeconds))
    }

    /// 212
    public static func statsCommands(_ command: String, count: UInt64) -> Reply {
        Reply(.statsCommands, command, String(count))
    }

    /// 242
    public static func statsUptime(seconds: UInt64) -> Reply {
        func twoDigits(_ number: UInt64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let clock = [seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60].map(twoDigits).joined(separator: ":")
        return Reply(.statsUptime, "Server Up \(seconds / 86_400) days \(clock)")
    }

    /// 243
    public static func statsOperator(name: String, hostMask: String) -> Reply {
        Reply(.statsOperator, "O", hostMask, "*", name)
    }

    /// 249: a line for people.
    public static func statsText(_ query: String, _ text: String) -> Reply { Reply(.statsText, query, text) }

    /// 219. `query` is the letter asked for, or `*`.
    public static func endOfStats(_ query: String) -> Reply { Reply(.endOfStats, query, "End of /STATS report") }

    /// 704, or 705 for a line in the middle, or 706 for the last: the whole help on a subject, of at least one line.
    public static func help(_ subject: String, lines: [String]) -> [Reply] {
        lines.enumerated().map { index, line in
            let numeric: Numeric = index == 0 ? .helpStart : index == lines.count - 1 ? .endOfHelp : .helpText
            return Reply(numeric, subject, line)
        } + (lines.count == 1 ? [Reply(.endOfHelp, subject, "End of /HELP.")] : [])
    }

    /// 524
    public static func helpNotFound(_ subject: String) -> Reply {
        Reply(.helpNotFound, subject, "No help available on this topic")
    }

    /// 382
    public static func rehashing(_ file: String) -> Reply { Reply(.rehashing, file, "Rehashing") }

    /// 263
    public static func tryAgain(_ command: String) -> Reply {
        Reply(.tryAgain, command, "Please wait a while and try again.")
    }

    /// 400, for what no other numeric says.
    public static func unknownError(_ command: String, _ text: String) -> Reply {
        Reply(.unknownError, command, text)
    }

    /// 402
    public static func noSuchServer(_ server: String) -> Reply { Reply(.noSuchServer, server, "No such server") }

    /// 417
    public static let inputTooLong = Reply(.inputTooLong, "Input line was too long")

    /// 421
    public static func unknownCommand(_ command: String) -> Reply { Reply(.unknownCommand, command, "Unknown command") }

    /// 461
    public static func needMoreParameters(_ command: String) -> Reply {
        Reply(.needMoreParameters, command, "Not enough parameters")
    }

    /// 481
    public static let noPrivileges = Reply(.noPrivileges, "Permission Denied- You're not an IRC operator")

    /// 483
    public static let cannotKillServer = Reply(.cannotKillServer, "You can't kill a server!")

    /// 723
    public static func noOperatorPrivilege(_ privilege: String) -> Reply {
        Reply(.noOperatorPrivilege, privilege, "Insufficient oper privileges.")
    }
}
