// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// LUSERS and MOTD: what a newcomer is told of the network. https://modern.ircdocs.horse/#lusers-message,
// https://modern.ircdocs.horse/#motd-message

import RoostIRC
import RoostRoster

extension Node {
    /// The cluster is one server to its clients, and so the counts are the cluster's; "I have" is this node's share.
    mutating func sendLusers(to connection: ConnectionID) {
        let visible = roster.visibleUserCount
        reply(
            .lusersClients(users: visible - tallies.invisible, invisible: tallies.invisible, servers: 1),
            to: connection)
        if tallies.operators > 0 { reply(.lusersOperators(tallies.operators), to: connection) }
        let unknown = clients.count - connections.count
        if unknown > 0 { reply(.lusersUnknown(unknown), to: connection) }
        if !populatedChannels.isEmpty { reply(.lusersChannels(populatedChannels.count), to: connection) }
        reply(.lusersMe(clients: connections.count, servers: 0), to: connection)
        reply(.localUsers(connections.count, max: counters.localUsersPeak), to: connection)
        reply(.globalUsers(visible, max: counters.clusterUsersPeak), to: connection)
    }

    mutating func motd(_ caller: Caller, _ line: IRCLine) {
        guard isForThisServer(line, caller) else { return }
        sendMotd(to: caller.connection)
    }

    mutating func sendMotd(to connection: ConnectionID) {
        guard !settings.motd.isEmpty else {
            reply(.noMotd, to: connection)
            return
        }
        reply(.motdStart(server: settings.serverName), to: connection)
        for line in settings.motd { reply(.motd(line), to: connection) }
        reply(.endOfMotd, to: connection)
    }
}
