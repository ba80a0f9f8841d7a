// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// HELP (HELPOP is the same): what each command is for and how it is given.
// https://modern.ircdocs.horse/#help-message

import RoostIRC

extension Node {
    mutating func help(_ caller: Caller, _ line: IRCLine) {
        let subject = (line.parameters.first ?? "").uppercased()
        guard !subject.isEmpty else {
            let commands = packed(Command.all.keys.sorted(), bytesMax: 300)
            let lines = ["Commands; HELP and the name of one tells more:"] + commands
            for answer in Reply.help("index", lines: lines) { reply(answer, to: caller) }
            return
        }
        guard let lines = Self.help[subject] else {
            reply(.helpNotFound(line.parameters[0]), to: caller)
            return
        }
        for answer in Reply.help(subject, lines: lines) { reply(answer, to: caller) }
    }

    /// For each command its form, and what it does.
    static let help: [String: [String]] = [
        "ADMIN": ["ADMIN [<server>]", "Tells who runs this server."],
        "AWAY": ["AWAY [:<text>]", "Marks you as away, with a text for those who write to you; without one, as back."],
        "CAP": ["CAP LS [302] | LIST | REQ :<capabilities> | END", "Negotiates what your client can do."],
        "HELP": ["HELP [<command>]", "Tells what a command is for."],
        "HELPOP": ["HELPOP [<command>]", "The same as HELP."],
        "INFO": ["INFO [<server>]", "Tells what this server is."],
        "INVITE": [
            "INVITE [<nick> <channel>]", "Invites somebody to a channel; without parameters, lists your invitations.",
        ],
        "ISON": ["ISON <nick> {<nick>}", "Tells which of some nicks are in use."],
        "JOIN": [
            "JOIN <channel>{,<channel>} [<key>{,<key>}] | 0",
            "Enters channels, making those that there are not; 0 leaves all.",
        ],
        "KICK": ["KICK <channel> <nick>{,<nick>} [:<reason>]", "Removes users from a channel. For its operators."],
        "KILL": ["KILL <nick> [:<reason>]", "Ends a user's connection. For network operators."],
        "LINKS": ["LINKS", "Lists the servers of this network, of which there is one."],
        "LIST": [
            "LIST [<condition>{,<condition>}]",
            "Lists channels: those with a name or mask, or without it (!mask), with more or fewer users (>n, <n),",
            "older or younger than so many minutes (C>n, C<n), or with a topic that is (T>n, T<n).",
        ],
        "LUSERS": ["LUSERS", "Counts users, operators and channels."],
        "MODE": [
            "MODE <channel> [<modes> {<parameter>}] | <nick> [<modes>]",
            "Shows or changes modes. Of channels: b ban, e exempt from bans, I may enter without invitation (masks);",
            "k key, l limit; i invited only, m moderated, n members speak only, p private, s secret,",
            "t topic by operators only; o operator, h half-operator, v voice (nicks).",
            "Of users: i invisible, w hears WALLOPS, B is a bot, o network operator (-o only).",
        ],
        "MONITOR": [
            "MONITOR + <nick>{,<nick>} | - <nick>{,<nick>} | C | L | S",
            "Has you told when nicks come and go: adds, removes, clears, lists, shows who is there.",
        ],
        "MOTD": ["MOTD [<server>]", "Shows the message of the day."],
        "NAMES": ["NAMES <channel>{,<channel>}", "Lists who is in channels."],
        "NICK": ["NICK <nick>", "Changes your nick."],
        "NOTICE": ["NOTICE <target>{,<target>} :<text>", "Says something that no program answers."],
        "OPER": ["OPER <name> <password>", "Makes you a network operator."],
        "PART": ["PART <channel>{,<channel>} [:<reason>]", "Leaves channels."],
        "PASS": ["PASS <password>", "Gives the password of the server, before NICK and USER."],
        "PING": ["PING <token>", "Is answered by PONG with the same token."],
        "PONG": ["PONG <token>", "Answers the server's PING."],
        "PRIVMSG": [
            "PRIVMSG <target>{,<target>} :<text>",
            "Says something to a user or in a channel; @#channel is for its operators, %# and +# for more.",
        ],
        "QUIT": ["QUIT [:<reason>]", "Leaves the network."],
        "REHASH": ["REHASH", "Has this node read its configuration again. For network operators."],
        "SETNAME": ["SETNAME :<real name>", "Changes your real name."],
        "STATS": ["STATS <letter> [<server>]", "Tells figures of this node; STATS ? lists the letters."],
        "TAGMSG": ["TAGMSG <target>{,<target>}", "Sends tags without a text."],
        "TIME": ["TIME [<server>]", "Tells the time of day, in UTC."],
        "TOPIC": ["TOPIC <channel> [:<text>]", "Shows or sets the topic of a channel; an empty text clears it."],
        "USER": ["USER <user name> 0 * :<real name>", "Tells who you are, when you connect."],
        "USERHOST": ["USERHOST <nick> {<nick>}", "Tells of up to five nicks where they are and whether away."],
        "VERSION": ["VERSION [<server>]", "Tells what program this is and what it supports."],
        "WALLOPS": ["WALLOPS :<text>", "Writes to all users with mode w. For network operators."],
        "WHO": [
            "WHO <mask> [o][%<fields>[,<token>]]",
            "Lists the users in a channel, or those that a mask fits; o means network operators only.",
        ],
        "WHOIS": ["WHOIS [<server>] <nick>{,<nick>}", "Tells who somebody is."],
        "WHOWAS": ["WHOWAS <nick>{,<nick>} [<count>]", "Tells who went by a nick before."],
    ]
}
