// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What a person reads about a cluster: its nodes as a table, and lines to copy.

import Foundation

extension ClusterState {
    /// A line for each node under a line of titles, without a trailing line break.
    public var table: String {
        let titles = ["node", "state", "pid", "clients", "stats", "log"]
        let rows = nodes.map { node in
            [node.name, node.state.rawValue, node.pid.map { String($0) } ?? "-", node.client, node.stats, node.log]
        }
        let widths = titles.indices.map { column in
            ([titles] + rows).map { $0[column].count }.max() ?? 0
        }
        return ([titles] + rows).map { row in
            zip(row, widths).map { text, width in text + String(repeating: " ", count: width - text.count) }
                .joined(separator: "  ").trimmingTrailingSpaces
        }.joined(separator: "\n")
    }

    /// Three commands: chat, any IRC client, statistics.
    public func linesToCopy(programName: String) -> String {
        guard let first = nodes.first else { return "" }
        let parts = first.client.split(separator: ":")
        let clients = nodes.map(\.client).joined(separator: " ")
        let key = secretFile.map { "--key \(relative($0)) " } ?? ""
        let lines = [
            ("\(programName) chat \(clients)", "chat in this terminal"),
            ("irssi -c \(parts.first ?? "") -p \(parts.last ?? "")", "or with any IRC client"),
            ("\(programName) stats \(key)\(first.stats)", "watch the cluster"),
        ]
        let width = lines.map(\.0.count).max() ?? 0
        return lines.map { $0 + String(repeating: " ", count: width - $0.count) + "  # " + $1 }.joined(separator: "\n")
    }
}

/// A path as it is written from the working directory.
private func relative(_ path: String) -> String {
    let folder = FileManager.default.currentDirectoryPath + "/"
    return path.hasPrefix(folder) ? String(path.dropFirst(folder.count)) : path
}

extension String {
    fileprivate var trimmingTrailingSpaces: String {
        String(reversed().drop { $0 == " " }.reversed())
    }
}
