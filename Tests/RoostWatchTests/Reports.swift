// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Builders for reports, a cluster of three as the tests see it, and a place for what is written.

import RoostStats

@testable import RoostWatch

/// Everything published here happens on this day: 2026-01-01 00:00:00 UTC.
let day = 1_767_225_600_000

/// A report with figures that differ from field to field. `second` counts from the start of the day.
func report(
    _ node: String, epoch: Int = 1, second: Int = 0, uptime: Int = 192, state: NodeStats.State = .serving,
    clients: Int = 120, digest: String = "c0ffee", statsAddress: String? = nil, peers: [NodeStats.Peer] = []
) -> NodeStats {
    NodeStats(
        node: node, epoch: epoch, timeMs: day + second * 1_000, uptimeMs: uptime * 1_000, intervalMs: 1_000,
        state: state, version: "0.1.0",
        addresses: .init(clients: ["127.0.0.1:6667"], stats: statsAddress),
        connections: .init(now: clients, peak: 200, accepted: 300),
        roster: .init(users: 363, channels: 14, digest: digest),
        messages: .init(accepted: 9_000, delivered: 90_000, acceptedPerSecond: 2.5, deliveredPerSecond: 12_400),
        bytes: .init(in: 1_000, out: 2_000),
        process: .init(
            cpuSeconds: 5, cpuPercent: 3.4, memoryBytes: 20 << 20, threads: 6, loopLagMs: 0.2),
        latency: .init(
            local: .init(count: 5, p50Us: 20, p90Us: 40, p99Us: 90, maxUs: 100),
            mesh: .init(count: 5, p50Us: 84, p90Us: 140, p99Us: 245, maxUs: 800)),
        peers: peers)
}

/// What some node says of `node`.
func peer(
    _ node: String, _ state: NodeStats.PeerState = .up, lag: Int = 0, statsAddress: String? = nil
) -> NodeStats.Peer {
    NodeStats.Peer(node: node, address: "127.0.0.1:7610", statsAddress: statsAddress, state: state, lag: lag)
}

/// An event of `node`, `second` seconds into the day.
func event(
    _ kind: StatsEvent.Kind, from node: String, second: Int, peer: String? = nil, _ text: String
) -> StatsMessage {
    .event(StatsEvent(kind: kind, node: node, epoch: 1, timeMs: day + second * 1_000, peer: peer, text: text))
}

extension ClusterView {
    /// Three nodes that know each other, heard one second after the watcher began, ten seconds into the day.
    static func three(lag: Int = 0) -> ClusterView {
        var view = ClusterView()
        let names = ["node1", "node2", "node10"]
        for (index, name) in names.enumerated() {
            let peers = names.filter { $0 != name }.map { peer($0, lag: index == 1 ? lag : 0) }
            view.heard(.stats(report(name, second: 10, clients: 120 + index, peers: peers)), at: .seconds(1))
        }
        return view
    }

    /// The reports of `nodes`, again, with a later time.
    mutating func heardAgain(_ nodes: String..., second: Int, saying state: NodeStats.PeerState, of dead: String) {
        for name in nodes {
            let peers = nodes.filter { $0 != name }.map { peer($0) } + [peer(dead, state)]
            heard(.stats(report(name, second: second, peers: peers)), at: .seconds(second - 9))
        }
    }
}

/// Collects what is written.
final class Transcript {
    var text = ""

    /// Writes here.
    var output: Output {
        Output { text in
            self.text += text
            return true
        }
    }

    /// What was written since the call before.
    func taken() -> String {
        defer { text = "" }
        return text
    }
}
