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
    /// The channels that it is in, with their members and what those may do. Needs `multi-prefix`.
    public private(set) var channels: [ChannelName: [Nick: Set<ChannelMode>]] = [:]

    /// The idea of a client that was sent nothing yet.
    public init() {}

    /// The channels that it is an operator of, in order.
    public var operated: [ChannelName] {
        guard let nick else { return [] }
        return channels.filter { $0.value[nick]?.contains(.channelOperator) == true }.keys.sorted()
    }

    /// The channels that it is in and nobody is an operator of, in order.
    public var leaderless: [ChannelName] {
        channels.filter { !$0.value.values.contains { $0.contains(.channelOperator) } }.keys.sorted()
    }

    /// Takes in a line.
    public mutating func see(_ line: IRCLine) {
        let parameters = line.parameters
        switch line.command {
        case Numeric.welcome.code:
            nick = parameters.first.map { Nick($0) }
        case Numeric.names.code where parameters.count == 4:
            let name = ChannelName(parameters[2])
            for member in parameters[3].split(separator: " ") {
                let prefixes = member.prefix { "@%+".contains($0) }
                let statuses = Set(prefixes.compactMap { ChannelMode(prefix: $0) })
                channels[name]?[Nick(String(member.dropFirst(prefixes.count)))] = statuses
            }
        case "JOIN" where !parameters.isEmpty:
            let name = ChannelName(parameters[0])
            guard let joining = line.sender else { return }
            if joining == nick { channels[name] = [:] }
            channels[name]?[joining] = []
        case "PART" where !parameters.isEmpty:
            if let leaving = line.sender { remove(leaving, from: ChannelName(parameters[0])) }
        case "KICK" where parameters.count > 1:
            remove(Nick(parameters[1]), from: ChannelName(parameters[0]))
        case "QUIT":
            guard let leaving = line.sender else { return }
            for name in channels.keys { channels[name]?[leaving] = nil }
        case "NICK" where !parameters.isEmpty:
            guard let old = line.sender else { return }
            if old == nick { nick = Nick(parameters[0]) }
            for name in channels.keys {
                guard let statuses = channels[name]?.removeValue(forKey: old) else { continue }
                channels[name]?[Nick(parameters[0])] = statuses
            }
        case "MODE" where parameters.count > 1:
            let request = ChannelModeRequest(parsing: parameters.dropFirst(), modesMax: .max)
            for change in request.changes where change.mode.kind == .status {
                changeStatus(change, in: ChannelName(parameters[0]))
            }
        default:
            break
        }
    }

    private mutating func remove(_ leaving: Nick, from name: ChannelName) {
        if leaving == nick {
            channels[name] = nil
        } else {
            channels[name]?[leaving] = nil
        }
    }

    private mutating func changeStatus(_ change: ChannelModeChange, in name: ChannelName) {
        guard let member = change.parameter.map({ Nick($0) }) else { return }
        if change.isSetting {
            channels[name]?[member]?.insert(change.mode)
        } else {
            channels[name]?[member]?.remove(change.mode)
        }
    }
}

extension IRCLine {
    /// The nick before the `!` of the source.
    var sender: Nick? {
        source.map { Nick(String($0.prefix { $0 != "!" })) }
    }
}
