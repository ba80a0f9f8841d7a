// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// CAP: what client and server negotiate. https://ircv3.net/specs/extensions/capability-negotiation

import RoostIRC

extension Node {
    mutating func cap(_ connection: ConnectionID, _ line: IRCLine) {
        let subcommand = line.parameters[0].uppercased()
        switch subcommand {
        case "LS":
            let version = line.parameters.dropFirst().first.flatMap { Int($0) } ?? 301
            updateRegistration(of: connection) { $0.isNegotiating = true }
            let highest = max(version, clients[connection]?.capabilityVersion ?? 301)
            clients[connection]?.capabilityVersion = highest
            if version >= 302 {
                // "Clients that negotiate version 302 implicitly have cap-notify."
                enable(capabilities(of: connection).union(.capNotify), for: connection)
            }
            list(CapabilitySet.all.tokens(withValues: version >= 302), as: "LS", to: connection)
        case "LIST":
            list(capabilities(of: connection).tokens(withValues: false), as: "LIST", to: connection)
        case "REQ":
            updateRegistration(of: connection) { $0.isNegotiating = true }
            request(line.parameters.dropFirst().first ?? "", of: connection)
        case "END":
            updateRegistration(of: connection) { $0.isNegotiating = false }
            registerIfReady(connection)
        default:
            reply(.invalidCapCommand(line.parameters[0]), to: connection)
        }
    }

    private mutating func request(_ text: String, of connection: ConnectionID) {
        let client = clients[connection]
        guard let request = CapabilityRequest(parsing: text),
            // "cap-notify cannot be disabled by clients that have negotiated version 302."
            !(request.disabled.contains(.capNotify) && (client?.capabilityVersion ?? 301) >= 302)
        else {
            send("CAP", [targetName(of: connection), "NAK", text], to: connection)
            return
        }
        send("CAP", [targetName(of: connection), "ACK", text], to: connection)
        enable(request.applied(to: capabilities(of: connection)), for: connection)
    }

    private mutating func enable(_ capabilities: CapabilitySet, for connection: ConnectionID) {
        guard clients[connection]?.capabilities != capabilities else { return }
        clients[connection]?.capabilities = capabilities
        effects.append(.setCapabilities(connection, capabilities))
    }

    /// Lists capabilities, over several lines where one does not hold them and the client knows version 302.
    private mutating func list(_ tokens: [String], as subcommand: String, to connection: ConnectionID) {
        var lines: [String] = [""]
        for token in tokens {
            let last = lines[lines.count - 1]
            if last.isEmpty {
                lines[lines.count - 1] = token
            } else if last.utf8.count + token.utf8.count < 400 {
                lines[lines.count - 1] = last + " " + token
            } else {
                lines.append(token)
            }
        }
        let isMultiline = (clients[connection]?.capabilityVersion ?? 301) >= 302
        for (index, line) in lines.enumerated() {
            let more = isMultiline && index < lines.count - 1 ? ["*"] : []
            send("CAP", [targetName(of: connection), subcommand] + more + [line], to: connection)
        }
    }
}
