// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Clients come, speak and go: connections, the dispatch of their lines, and how they are answered.

import RoostIRC
import RoostModel
import RoostRoster

extension Node {
    mutating func connect(_ connection: ConnectionID, host: String) {
        let isWanted = settings.password != nil
        clients[connection] = Client(
            host: String(host.prefix(settings.limits.hostLength)),
            stage: .registering(Registration(password: isWanted ? .missing : .accepted)))
        guard isServing, !isDraining, clients.count <= settings.limits.clients else {
            let reason = isDraining || !isServing ? "This node is not taking clients" : "This node is full"
            effects.append(.note(.clientRefused(host: host, reason: reason)))
            closeClient(connection, error: reason)
            return
        }
    }

    mutating func receive(_ line: IRCLine, from connection: ConnectionID) {
        guard let index = clients.index(forKey: connection) else { return }
        let user = clients.values[index].user
        guard let command = Command.all[line.command] else {
            if user == nil {
                reply(.notRegistered, to: connection)
            } else {
                reply(.unknownCommand(line.command), to: connection)
            }
            return
        }
        counters.commands[line.command, default: 0] += 1
        if case .registration(let run) = command.handler {
            guard line.parameters.count >= command.parametersMin else {
                reply(.needMoreParameters(line.command), to: connection)
                return
            }
            run(&self, connection, line)
            return
        }
        guard let user, case .registered(let run) = command.handler else {
            reply(.notRegistered, to: connection)
            return
        }
        guard line.parameters.count >= command.parametersMin else {
            reply(.needMoreParameters(line.command), to: connection)
            return
        }
        run(&self, Caller(connection: connection, user: user), line)
    }

    mutating func refuse(_ error: IRCLineError, from connection: ConnectionID) {
        guard clients[connection] != nil else { return }
        switch error {
        case .empty: break
        case .tooLong: reply(.inputTooLong, to: connection)
        case .notUTF8:
            // https://ircv3.net/specs/extensions/utf8-only: FAIL <command> INVALID_UTF8, and a NOTICE does for those
            // who do not know standard replies.
            send(
                "NOTICE",
                [
                    targetName(of: connection),
                    "Your line was not sent on: it is not UTF-8, and this server"
                        + " takes nothing else. Set your client's encoding to UTF-8.",
                ],
                to: connection)
        case .malformed:
            send(
                "NOTICE", [targetName(of: connection), "Your line was ignored: it is not a line of IRC."],
                to: connection)
        }
    }

    /// A connection is gone: nothing more can be told to it.
    mutating func drop(_ connection: ConnectionID, reason: String) {
        guard let client = clients[connection] else { return }
        forget(connection)
        leave(client, connection, reason: reason)
    }

    /// Ends a connection: says why, then closes it.
    mutating func closeClient(_ connection: ConnectionID, error: String, quit: String? = nil) {
        guard let client = clients[connection] else { return }
        effects.append(
            .send(
                OutgoingMessage(
                    source: nil, command: "ERROR", parameters: ["Closing link: (\(client.host)) [\(error)]"]),
                to: connection))
        effects.append(.disconnect(connection))
        forget(connection)
        if !isDraining { leave(client, connection, reason: quit ?? error) }
    }

    /// Takes a connection out of everything that would send to it.
    private mutating func forget(_ connection: ConnectionID) {
        guard let client = clients.removeValue(forKey: connection) else { return }
        takeOversWaiting[connection] = nil
        farewells[connection] = nil
        for nick in client.monitored { forgetWatcher(connection, of: nick) }
        guard let user = client.user else { return }
        connections[user] = nil
        for name in roster.users[user]?.channels ?? [] {
            audiences[name]?.remove(connection)
            if audiences[name]?.isEmpty == true { audiences[name] = nil }
        }
    }

    private mutating func leave(_ client: Client, _ connection: ConnectionID, reason: String) {
        let abandoned = pendingClaims.filter { $0.value.connection == connection }.keys.sorted()
        for claim in abandoned {
            pendingClaims[claim] = nil
            publish(.nickReleased(claim: claim))
        }
        // A user who goes on elsewhere is not ours to say goodbye for.
        if let user = client.user, roster.users[user]?.life == life { publish(.userQuit(user: user, reason: reason)) }
    }

    // MARK: Answers

    /// The name by which a client is addressed in replies.
    func targetName(of connection: ConnectionID) -> String {
        switch clients[connection]?.stage {
        case .registered(let user): roster.users[user]?.nick.text ?? "*"
        case .registering(let registration): registration.nick?.text ?? "*"
        case nil: "*"
        }
    }

    /// Sends a numeric to a client.
    mutating func reply(_ reply: Reply, to connection: ConnectionID) {
        effects.append(
            .send(
                OutgoingMessage(
                    reply, source: settings.serverName, target: targetName(of: connection),
                    time: now.wall.milliseconds),
                to: connection))
    }

    /// Sends a numeric to the client that gave a command.
    mutating func reply(_ reply: Reply, to caller: Caller) { self.reply(reply, to: caller.connection) }

    /// Sends a message of the server to a client.
    mutating func send(_ command: String, _ parameters: [String], to connection: ConnectionID) {
        effects.append(
            .send(
                OutgoingMessage(
                    time: now.wall.milliseconds, source: settings.serverName, command: command,
                    parameters: parameters),
                to: connection))
    }

    /// Says something to a client in the server's name.
    mutating func notice(_ text: String, to connection: ConnectionID) {
        send("NOTICE", [targetName(of: connection), text], to: connection)
    }

    /// What a client has negotiated.
    func capabilities(of connection: ConnectionID) -> CapabilitySet { clients[connection]?.capabilities ?? [] }

    /// Somebody of this node as the doer of something.
    func actor(_ caller: Caller) -> Actor {
        Actor(user: caller.user, prefix: roster.users[caller.user]?.prefix ?? settings.serverName)
    }

    /// The server as the doer of something.
    var serverActor: Actor { Actor(user: nil, prefix: settings.serverName) }
}
