// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// OPER and KILL: becoming a network operator, and ending a connection as one.
// https://modern.ircdocs.horse/#oper-message, https://modern.ircdocs.horse/#kill-message

import RoostIRC
import RoostModel
import RoostRoster

extension Node {
    mutating func oper(_ caller: Caller, _ line: IRCLine) {
        let name = line.parameters[0]
        guard let entry = settings.operators.first(where: { $0.name == name }), let user = roster.users[caller.user]
        else {
            failOper(caller, name: name, .noOperatorHost)
            return
        }
        let host = "\(user.record.userName)@\(user.profile.host)"
        guard entry.masks.isEmpty || entry.masks.contains(where: { Glob(asciiFolded($0)).matches(asciiFolded(host)) })
        else {
            failOper(caller, name: name, .noOperatorHost)
            return
        }
        effects.append(
            .checkPassword(
                caller.connection, .networkOperator(name: name), given: line.parameters[1], stored: entry.password))
    }

    /// Does what OPER asked for once the password was compared.
    mutating func becomeOperator(_ caller: Caller, name: String, matches: Bool) {
        guard matches, var profile = roster.users[caller.user]?.profile else {
            failOper(caller, name: name, .passwordMismatch)
            return
        }
        profile.modes.insert(.networkOperator)
        clients[caller.connection]?.operatorName = name
        publish(.profileChanged(user: caller.user, profile: profile))
        reply(.youreOperator, to: caller)
        effects.append(.note(.operatorActed(name: name, what: "OPER by \(actor(caller).prefix)")))
    }

    private mutating func failOper(_ caller: Caller, name: String, _ answer: Reply) {
        reply(answer, to: caller)
        effects.append(.note(.operatorActed(name: name, what: "failed OPER by \(actor(caller).prefix)")))
    }

    mutating func kill(_ caller: Caller, _ line: IRCLine) {
        guard isOperator(caller.user) else {
            reply(.noPrivileges, to: caller)
            return
        }
        let nick = line.parameters[0]
        guard let user = roster.user(named: Nick(nick)) else {
            reply(
                asciiFolded(nick) == asciiFolded(settings.serverName) ? .cannotKillServer : .noSuchNick(nick),
                to: caller)
            return
        }
        let reason = (line.parameters.dropFirst().first ?? "No reason given").truncated(
            toBytes: settings.limits.reasonLength)
        let name = clients[caller.connection]?.operatorName ?? actor(caller).prefix
        effects.append(.note(.operatorActed(name: name, what: "KILL \(user.prefix): \(reason)")))
        publish(.killRequested(user: user.id, by: actor(caller), reason: reason))
    }

    /// Ends the connection of a user of ours on an operator's word.
    mutating func kill(_ connection: ConnectionID, by: Actor, reason: String) {
        guard let user = clients[connection]?.user, let nick = roster.users[user]?.nick.text else { return }
        let killer = by.prefix.prefix { $0 != "!" }
        effects.append(
            .send(
                OutgoingMessage(
                    time: now.wall.milliseconds, source: by.prefix, command: "KILL", parameters: [nick, reason]),
                to: connection))
        let shown = "Killed (\(killer) (\(reason)))"
        closeClient(connection, error: shown, quit: shown)
    }
}
