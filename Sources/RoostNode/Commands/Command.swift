// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The table of commands: which there are, who may give them, and how many parameters they need. What each does stands
// in the file of its name beside this one.

import RoostIRC
import RoostRoster

/// A command that clients may give.
struct Command: Sendable {
    /// What it runs.
    enum Handler: Sendable {
        /// For every connection, registered or not.
        case registration(@Sendable (inout Node, ConnectionID, IRCLine) -> Void)
        /// For registered clients only; others are answered 451.
        case registered(@Sendable (inout Node, Caller, IRCLine) -> Void)
    }

    /// How many parameters it needs; with fewer the answer is 461.
    let parametersMin: Int
    /// What it runs.
    let handler: Handler

    /// A command that every connection may give.
    static func always(
        _ parametersMin: Int = 0, _ run: @escaping @Sendable (inout Node, ConnectionID, IRCLine) -> Void
    ) -> Command { Command(parametersMin: parametersMin, handler: .registration(run)) }

    /// A command for registered clients.
    static func registered(
        _ parametersMin: Int = 0, _ run: @escaping @Sendable (inout Node, Caller, IRCLine) -> Void
    ) -> Command { Command(parametersMin: parametersMin, handler: .registered(run)) }

    /// Every command, by name.
    static let all: [String: Command] = [
        "ADMIN": .registered { $0.admin($1, $2) },
        "AWAY": .registered { $0.away($1, $2) },
        "CAP": .always(1) { $0.cap($1, $2) },
        "HELP": .registered { $0.help($1, $2) },
        "HELPOP": .registered { $0.help($1, $2) },
        "INFO": .registered { $0.info($1, $2) },
        "INVITE": .registered { $0.invite($1, $2) },
        "ISON": .registered(1) { $0.ison($1, $2) },
        "JOIN": .registered(1) { $0.join($1, $2) },
        "KICK": .registered(2) { $0.kick($1, $2) },
        "KILL": .registered(1) { $0.kill($1, $2) },
        "LINKS": .registered { $0.links($1, $2) },
        "LIST": .registered { $0.list($1, $2) },
        "LUSERS": .registered { node, caller, _ in node.sendLusers(to: caller.connection) },
        "MODE": .registered(1) { $0.mode($1, $2) },
        "MONITOR": .registered(1) { $0.monitor($1, $2) },
        "MOTD": .registered { $0.motd($1, $2) },
        "NAMES": .registered { $0.names($1, $2) },
        "NICK": .always { $0.nick($1, $2) },
        "NOTICE": .registered { $0.say(.notice, $1, $2) },
        "OPER": .registered(2) { $0.oper($1, $2) },
        "PART": .registered(1) { $0.part($1, $2) },
        "PASS": .always(1) { $0.pass($1, $2) },
        "PING": .always { $0.ping($1, $2) },
        "PONG": .always { _, _, _ in },
        "PRIVMSG": .registered { $0.say(.message, $1, $2) },
        "QUIT": .always { $0.quit($1, $2) },
        "REHASH": .registered { node, caller, _ in node.rehash(caller) },
        "SETNAME": .registered(1) { $0.setname($1, $2) },
        "STATS": .registered { $0.stats($1, $2) },
        "TAGMSG": .registered { $0.say(.tags, $1, $2) },
        "TIME": .registered { $0.time($1, $2) },
        "TOPIC": .registered(1) { $0.topic($1, $2) },
        "USER": .always(4) { $0.user($1, $2) },
        "USERHOST": .registered(1) { $0.userhost($1, $2) },
        "VERSION": .registered { $0.version($1, $2) },
        "WALLOPS": .registered(1) { $0.wallops($1, $2) },
        "WHO": .registered { $0.who($1, $2) },
        "WHOIS": .registered { $0.whois($1, $2) },
        "WHOWAS": .registered { $0.whowas($1, $2) },
    ]
}
