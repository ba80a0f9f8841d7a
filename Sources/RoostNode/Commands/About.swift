// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// VERSION, INFO, TIME, ADMIN, LINKS: what the server says of itself. All nodes are one server to clients, so each of
// these may name it or leave it out. https://modern.ircdocs.horse/#server-queries-and-commands

import RoostIRC
import RoostModel
import RoostRoster

extension Node {
    /// Whether the server that a question names, if it does, is this one; says so where not.
    mutating func isForThisServer(_ line: IRCLine, _ caller: Caller) -> Bool {
        guard let target = line.parameters.first, !names(target) else { return true }
        reply(.noSuchServer(target), to: caller)
        return false
    }

    mutating func version(_ caller: Caller, _ line: IRCLine) {
        guard isForThisServer(line, caller) else { return }
        reply(
            .version(settings.version, server: settings.serverName, comments: settings.serverDescription), to: caller)
        for line in support { reply(line, to: caller) }
    }

    mutating func info(_ caller: Caller, _ line: IRCLine) {
        guard isForThisServer(line, caller) else { return }
        let started = ServerTime.text(millisecondsSince1970: settings.started.milliseconds)
        let lines = [
            settings.version,
            "Roost: one chat network of many equal nodes",
            "Licensed under the Apache License 2.0",
            "Up since \(started)",
        ]
        for text in lines { reply(.info(text), to: caller) }
        reply(.endOfInfo, to: caller)
    }

    mutating func time(_ caller: Caller, _ line: IRCLine) {
        guard isForThisServer(line, caller) else { return }
        reply(
            .time(
                server: settings.serverName, seconds: now.wall.seconds,
                ServerTime.text(millisecondsSince1970: now.wall.milliseconds)),
            to: caller)
    }

    mutating func admin(_ caller: Caller, _ line: IRCLine) {
        guard isForThisServer(line, caller) else { return }
        let lines = settings.admin.filter { !$0.isEmpty }
        guard let first = lines.first else {
            reply(.noAdminInfo(server: settings.serverName), to: caller)
            return
        }
        reply(.adminMe(server: settings.serverName), to: caller)
        reply(.adminLocation1(first), to: caller)
        if lines.count > 1 { reply(.adminLocation2(lines[1]), to: caller) }
        if lines.count > 2 { reply(.adminEmail(lines[2]), to: caller) }
    }

    mutating func links(_ caller: Caller, _ line: IRCLine) {
        reply(.links(server: settings.serverName, description: settings.serverDescription), to: caller)
        reply(.endOfLinks, to: caller)
    }
}
