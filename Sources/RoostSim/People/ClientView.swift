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

    /// Whom a list that has not ended yet has named.
    private var lists: [ChannelName: Set<Nick>] = [:]
    /// The channels whose members it has been told once.
    private var isListed: Set<ChannelName> = []

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

    /// Takes in a line. Says what is wrong with it, where it tells of what cannot be: somebody comes who is there, or goes
    /// who is not, or stands in a list twice.
    public mutating func see(_ line: IRCLine) -> String? {
        let parameters = line.parameters
        switch line.command {
        case Numeric.welcome.code:
            nick = parameters.first.map { Nick($0) }
        case Numeric.names.code where parameters.count == 4:
            return list(parameters[3], in: ChannelName(parameters[2]))
        case Numeric.endOfNames.code where parameters.count > 1:
            return endList(of: ChannelName(parameters[1]))
        case "JOIN" where !parameters.isEmpty:
            return line.sender.flatMap { add($0, to: ChannelName(parameters[0])) }
        case "PART" where !parameters.isEmpty:
            return line.sender.flatMap { remove($0, from: ChannelName(parameters[0])) }
        case "KICK" where parameters.count > 1:
            return remove(Nick(parameters[1]), from: ChannelName(parameters[0]))
        case "QUIT":
            return line.sender.flatMap { removeEverywhere($0) }
        case "NICK" where !parameters.isEmpty:
            return line.sender.flatMap { rename($0, to: Nick(parameters[0])) }
        case "MODE" where parameters.count > 1:
            let request = ChannelModeRequest(parsing: parameters.dropFirst(), modesMax: .max)
            for change in request.changes where change.mode.kind == .status {
                if let problem = changeStatus(change, in: ChannelName(parameters[0])) { return problem }
            }
        default:
            break
        }
        return nil
    }

    // MARK: Lists

    private mutating func list(_ text: String, in name: ChannelName) -> String? {
        for entry in text.split(separator: " ") {
            let prefixes = entry.prefix { "@%+".contains($0) }
            let member = Nick(String(entry.dropFirst(prefixes.count)))
            guard lists[name, default: []].insert(member).inserted else { return "\(member) stands twice in \(name)" }
            if isListed.contains(name), channels[name]?[member] == nil {
                return "\(member) is in \(name), and never came"
            }
            channels[name]?[member] = Set(prefixes.compactMap { ChannelMode(prefix: $0) })
        }
        return nil
    }

    private mutating func endList(of name: ChannelName) -> String? {
        let listed = lists.removeValue(forKey: name) ?? []
        guard let members = channels[name]?.keys else { return nil }
        isListed.insert(name)
        if Set(members) == listed { return nil }
        return "the list of \(name) is \(listed.sorted()), and \(members.sorted()) were known to be there"
    }

    // MARK: Members

    private mutating func add(_ joining: Nick, to name: ChannelName) -> String? {
        if joining == nick {
            if channels[name] != nil { return "\(joining) joins \(name) twice" }
            channels[name] = [joining: []]
            return nil
        }
        guard channels[name] != nil else { return "\(joining) joins \(name), where it is not itself" }
        guard channels[name]?.updateValue([], forKey: joining) == nil else { return "\(joining) joins \(name) twice" }
        return nil
    }

    private mutating func remove(_ leaving: Nick, from name: ChannelName) -> String? {
        guard channels[name]?[leaving] != nil else { return "\(leaving) leaves \(name) without having been there" }
        if leaving == nick {
            channels[name] = nil
            isListed.remove(name)
        } else {
            channels[name]?[leaving] = nil
        }
        return nil
    }

    private mutating func removeEverywhere(_ leaving: Nick) -> String? {
        var wasThere = leaving == nick
        for name in channels.keys where channels[name]?.removeValue(forKey: leaving) != nil { wasThere = true }
        return wasThere ? nil : "\(leaving) quits without having been there"
    }

    private mutating func rename(_ old: Nick, to new: Nick) -> String? {
        var isKnown = old == nick
        if old == nick { nick = new }
        for name in channels.keys.sorted() {
            guard let statuses = channels[name]?.removeValue(forKey: old) else { continue }
            isKnown = true
            guard channels[name]?.updateValue(statuses, forKey: new) == nil else {
                return "\(old) becomes \(new), and there is one in \(name)"
            }
        }
        return isKnown ? nil : "\(old) becomes \(new) without having been there"
    }

    private mutating func changeStatus(_ change: ChannelModeChange, in name: ChannelName) -> String? {
        guard let member = change.parameter.map({ Nick($0) }) else { return nil }
        guard channels[name]?[member] != nil else { return "\(member) gets a status in \(name) and is not there" }
        if change.isSetting {
            channels[name]?[member]?.insert(change.mode)
        } else {
            channels[name]?[member]?.remove(change.mode)
        }
        return nil
    }
}

extension IRCLine {
    /// The nick before the `!` of the source.
    var sender: Nick? {
        source.map { Nick(String($0.prefix { $0 != "!" })) }
    }
}
