// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What a client knows, from nothing but the lines that it was sent: the way any client of the field keeps its state.

import RoostIRC
import RoostModel

/// A client's idea of itself and of its channels.
public struct ClientView: Sendable {
    /// Its nick; nil until it was welcomed.
    public private(set) var nick: Nick?
    /// The channels that it is in, with the nicks of their members.
    public private(set) var channels: [ChannelName: Set<Nick>] = [:]

    /// The idea of a client that was sent nothing yet.
    public init() {}

    /// Takes in a line.
    public mutating func see(_ line: IRCLine) {
        let parameters = line.parameters
        switch line.command {
        case Numeric.welcome.code:
            nick = parameters.first.map { Nick($0) }
        case Numeric.names.code where parameters.count == 4:
            let name = ChannelName(parameters[2])
            for member in parameters[3].split(separator: " ") {
                channels[name]?.insert(Nick(String(member.drop { "@%+".contains($0) })))
            }
        case "JOIN" where !parameters.isEmpty:
            let name = ChannelName(parameters[0])
            guard let joining = line.sender else { return }
            if joining == nick { channels[name] = [] }
            channels[name]?.insert(joining)
        case "PART" where !parameters.isEmpty:
            if let leaving = line.sender { remove(leaving, from: ChannelName(parameters[0])) }
        case "KICK" where parameters.count > 1:
            remove(Nick(parameters[1]), from: ChannelName(parameters[0]))
        case "QUIT":
            guard let leaving = line.sender else { return }
            for name in channels.keys { channels[name]?.remove(leaving) }
        case "NICK" where !parameters.isEmpty:
            guard let old = line.sender else { return }
            if old == nick { nick = Nick(parameters[0]) }
            for (name, members) in channels where members.contains(old) {
                channels[name]?.remove(old)
                channels[name]?.insert(Nick(parameters[0]))
            }
        default:
            break
        }
    }

    private mutating func remove(_ leaving: Nick, from name: ChannelName) {
        if leaving == nick {
            channels[name] = nil
        } else {
            channels[name]?.remove(leaving)
        }
    }
}

extension IRCLine {
    /// The nick before the `!` of the source.
    var sender: Nick? {
        source.map { Nick(String($0.prefix { $0 != "!" })) }
    }
}
