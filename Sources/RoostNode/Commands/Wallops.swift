// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// WALLOPS and REHASH: what network operators tell each other, and their node.
// https://modern.ircdocs.horse/#wallops-message, https://modern.ircdocs.horse/#rehash-message

import RoostIRC
import RoostModel
import RoostRoster

extension Node {
    mutating func wallops(_ caller: Caller, _ line: IRCLine) {
        guard isOperator(caller.user) else {
            reply(.noPrivileges, to: caller)
            return
        }
        guard !line.parameters[0].isEmpty else {
            reply(.needMoreParameters(line.command), to: caller)
            return
        }
        publish(.wallopsSent(by: actor(caller), text: line.parameters[0]))
    }

    mutating func rehash(_ caller: Caller) {
        guard isOperator(caller.user) else {
            reply(.noPrivileges, to: caller)
            return
        }
        reply(.rehashing(settings.node.name), to: caller)
        let name = clients[caller.connection]?.operatorName ?? actor(caller).prefix
        effects.append(.note(.operatorActed(name: name, what: "REHASH")))
        effects.append(.reloadSettings)
    }
}
