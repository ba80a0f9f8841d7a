// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// STATS, for people; programs read the stats socket. https://modern.ircdocs.horse/#stats-message

import RoostIRC
import RoostModel
import RoostRoster
import RoostWire

extension Node {
    mutating func stats(_ caller: Caller, _ line: IRCLine) {
        let query = String(line.parameters.first?.prefix(1) ?? "*")
        if line.parameters.count > 1, !names(line.parameters[1]) {
            reply(.noSuchServer(line.parameters[1]), to: caller)
            return
        }
        if "lmo".contains(query), !isOperator(caller.user) {
            reply(.noPrivileges, to: caller)
            reply(.endOfStats(query), to: caller)
            return
        }
        switch query {
        case "u":
            let up = now.wall.milliseconds - min(now.wall.milliseconds, settings.started.milliseconds)
            reply(.statsUptime(seconds: up / 1_000), to: caller)
        case "m":
            for (command, count) in counters.commands.sorted(by: { $0.key < $1.key }) {
                reply(.statsCommands(command, count: count), to: caller)
            }
        case "o":
            for entry in settings.operators {
                let hosts = entry.masks.isEmpty ? "*@*" : entry.masks.joined(separator: ",")
                reply(.statsOperator(name: entry.name, hostMask: hosts), to: caller)
            }
        case "l":
            reply(.statsText(query, "\(settings.node): this node, \(connections.count) users"), to: caller)
            for (node, peer) in mesh.peers.sorted(by: { $0.key < $1.key }) {
                reply(.statsText(query, summary(of: node, peer)), to: caller)
            }
        case "?":
            for text in ["u: uptime", "m: how often each command was used", "o: operators", "l: links to nodes"] {
                reply(.statsText(query, text), to: caller)
            }
        default:
            break
        }
        reply(.endOfStats(query), to: caller)
    }

    private func summary(of node: NodeID, _ peer: Peer) -> String {
        let state =
            switch peer.health {
            case .up: peer.isFollowed ? "up" : "joining"
            case .suspect: "suspect"
            case .unreachable: "unreachable"
            case .down: "down"
            }
        let heard = peer.lastHeard.map { "heard \((now.instant - $0).milliseconds) ms ago" } ?? "never heard"
        return "\(node): \(state) at \(peer.address.mesh), \(heard),"
            + " \(peer.counters.eventsApplied) events, \(peer.counters.gaps) gaps"
    }
}
