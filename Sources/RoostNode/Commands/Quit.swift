// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// PING and QUIT. https://modern.ircdocs.horse/#ping-message, https://modern.ircdocs.horse/#quit-message

import RoostIRC

extension Node {
    mutating func ping(_ connection: ConnectionID, _ line: IRCLine) {
        guard let token = line.parameters.first, !token.isEmpty else {
            reply(.noOrigin, to: connection)
            return
        }
        send("PONG", [settings.serverName, token], to: connection)
    }

    mutating func quit(_ connection: ConnectionID, _ line: IRCLine) {
        let reason = line.parameters.first.flatMap {
            $0.isEmpty ? nil : $0.truncated(toBytes: settings.limits.reasonLength)
        }
        let shown = reason.map { "Quit: \($0)" } ?? "Client quit"
        closeClient(connection, error: shown, quit: shown)
    }
}
