// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// MONITOR: who watches which nick. https://ircv3.net/specs/extensions/monitor

import RoostIRC
import RoostModel
import RoostRoster

extension Node {
    mutating func monitor(_ caller: Caller, _ line: IRCLine) {
        let targets = (line.parameters.dropFirst().first ?? "").split(separator: ",").map(String.init)
        switch line.parameters[0].uppercased() {
        case "+" where !targets.isEmpty: watch(targets, caller)
        case "-" where !targets.isEmpty: unwatch(targets, caller)
        case "C": unwatch((clients[caller.connection]?.monitored ?? []).map(\.text), caller)
        case "L":
            let nicks = (clients[caller.connection]?.monitored ?? []).map(\.text)
            for text in packed(nicks, separator: ",", bytesMax: Self.monitorBytesMax) {
                reply(.monitorList(text), to: caller)
            }
            reply(.endOfMonitorList, to: caller)
        case "S": sendStatus(of: clients[caller.connection]?.monitored ?? [], to: caller)
        default: reply(.needMoreParameters(line.command), to: caller)
        }
    }

    /// How many bytes of nicks or prefixes one line of an answer holds.
    private static let monitorBytesMax = 380

    private mutating func watch(_ targets: [String], _ caller: Caller) {
        var monitored = clients[caller.connection]?.monitored ?? []
        let watched = Set(monitored)
        var added: [Nick] = []
        // What cannot be a nick will never be one.
        let nicks = targets.filter { isValidNick($0, bytesMax: settings.limits.nickLength) }.map { Nick($0) }
        for (index, nick) in nicks.enumerated() {
            if !watched.contains(nick), !added.contains(nick) {
                guard monitored.count < settings.limits.monitorEntries else {
                    let rest = nicks[index...].map(\.text).joined(separator: ",")
                    reply(.monitorListFull(limit: settings.limits.monitorEntries, nicks: rest), to: caller)
                    break
                }
                monitored.append(nick)
                watchers[nick.folded, default: []].insert(caller.connection)
            }
            added.append(nick)
        }
        clients[caller.connection]?.monitored = monitored
        sendStatus(of: added, to: caller)
    }

    private mutating func unwatch(_ targets: [String], _ caller: Caller) {
        let nicks = Set(targets.map { Nick($0) })
        clients[caller.connection]?.monitored.removeAll { nicks.contains($0) }
        for nick in nicks { forgetWatcher(caller.connection, of: nick) }
    }

    /// Takes a connection from those that watch a nick.
    mutating func forgetWatcher(_ connection: ConnectionID, of nick: Nick) {
        watchers[nick.folded]?.remove(connection)
        if watchers[nick.folded]?.isEmpty == true { watchers[nick.folded] = nil }
    }

    private mutating func sendStatus(of nicks: [Nick], to caller: Caller) {
        let online = nicks.compactMap { roster.user(named: $0)?.prefix }
        let offline = nicks.filter { roster.user(named: $0) == nil }.map(\.text)
        for text in packed(online, separator: ",", bytesMax: Self.monitorBytesMax) {
            reply(.monitorOnline(text), to: caller)
        }
        for text in packed(offline, separator: ",", bytesMax: Self.monitorBytesMax) {
            reply(.monitorOffline(text), to: caller)
        }
    }

    /// Tells our clients that watch a nick that somebody goes by it now, or nobody any more.
    mutating func tellWatchers(of nick: Nick, isOnline: Bool, prefix: String) {
        guard let watching = watchers[nick.folded], !watching.isEmpty else { return }
        for connection in watching.sorted() {
            reply(isOnline ? .monitorOnline(prefix) : .monitorOffline(nick.text), to: connection)
        }
    }
}
