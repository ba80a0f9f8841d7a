// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// ISON and USERHOST: short questions that clients ask often. https://modern.ircdocs.horse/#ison-message,
// https://modern.ircdocs.horse/#userhost-message

import RoostIRC
import RoostModel
import RoostRoster

extension Node {
    mutating func ison(_ caller: Caller, _ line: IRCLine) {
        let asked = line.parameters.flatMap { $0.split(separator: " ") }
        let nicks = asked.compactMap { roster.user(named: Nick(String($0)))?.nick.text }
        let lines = packed(nicks, bytesMax: 380)
        for text in lines.isEmpty ? [""] : lines { reply(.isOn(text), to: caller) }
    }

    mutating func userhost(_ caller: Caller, _ line: IRCLine) {
        // Five at most, as RFC 1459 has it.
        let nicks = line.parameters.flatMap { $0.split(separator: " ") }.prefix(5)
        let entries = nicks.compactMap { nick in
            roster.user(named: Nick(String(nick))).map { user in
                Reply.userHostEntry(
                    nick: user.nick.text, isOperator: user.profile.modes.contains(.networkOperator),
                    isAway: absence(of: user) != nil, user: user.record.userName, host: user.profile.host)
            }
        }
        reply(.userHost(entries), to: caller)
    }
}
