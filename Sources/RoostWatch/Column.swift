// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The columns of the table: title, width, and how one node's and the whole cluster's cell read. Pure.

import RoostStats

/// One column of figures, aligned to the right.
struct Column {
    /// What a column shows at one place.
    struct Cell {
        var text: String
        var style: TextStyle = .plain
    }

    var title: String
    var width: Int
    /// Columns of a lower rank are kept when the terminal is too narrow for all.
    var rank: Int
    /// What the help line says of the title, if it needs saying.
    var meaning: String?
    /// The cell of one node.
    var cell: (NodeStats) -> Cell
    /// The cell of the last row, for the nodes that are not silent; nil leaves it blank.
    var total: (([NodeStats]) -> Cell)?

    /// All columns, in the order in which they stand. Those up to rank 9 fit into 80 columns.
    static var all: [Column] {
        [
            sum("CLIENTS", 7, rank: 0, by: \.connections.now, shortCount),
            Column(
                title: "USERS", width: 5, rank: 5,
                cell: { Cell(text: shortCount($0.roster.users)) },
                // Each node knows the users of all: no sum.
                total: { Cell(text: shortCount($0.map(\.roster.users).max() ?? 0)) }),
            Column(
                title: "CHANNELS", width: 8, rank: 10,
                cell: { Cell(text: shortCount($0.roster.channels)) },
                total: { Cell(text: shortCount($0.map(\.roster.channels).max() ?? 0)) }),
            rate("IN/S", rank: 1, meaning: "messages in", by: \.messages.acceptedPerSecond),
            rate("OUT/S", rank: 6, meaning: "deliveries", by: \.messages.deliveredPerSecond),
            worst("LAG", 5, rank: 2, meaning: "events behind", by: \.eventsBehind) {
                Cell(text: shortCount($0), style: $0 > 0 ? .warning : .plain)
            },
            worst("P99", 5, rank: 3, meaning: "latency", by: \.worstP99Us) {
                Cell(text: $0 == 0 ? "-" : shortLatency(microseconds: $0), style: $0 >= 100_000 ? .warning : .plain)
            },
            latency("LOCAL50", by: \.latency.local, quantile: \.p50Us, rank: 16),
            latency("LOCAL99", by: \.latency.local, quantile: \.p99Us, rank: 14),
            latency("MESH50", by: \.latency.mesh, quantile: \.p50Us, rank: 15),
            latency("MESH99", by: \.latency.mesh, quantile: \.p99Us, rank: 13),
            Column(
                title: "CPU", width: 5, rank: 4,
                cell: { percent($0.process.cpuPercent, warning: 90) },
                total: { percent($0.reduce(0) { $0 + $1.process.cpuPercent }, warning: .infinity) }),
            sum("MEM", 5, rank: 7, by: \.process.memoryBytes, shortBytes),
            Column(
                title: "LOOP", width: 5, rank: 12, meaning: "longest wait of an event loop",
                cell: { loopLag($0.process.loopLagMs) },
                total: { loopLag($0.map(\.process.loopLagMs).max() ?? 0) }),
            Column(
                title: "PEERS", width: 5, rank: 11,
                cell: { stats in
                    let up = stats.peers.count { $0.state == .up }
                    return Cell(text: "\(up)/\(stats.peers.count)", style: up < stats.peers.count ? .warning : .plain)
                }),
            Column(title: "UP", width: 6, rank: 8, cell: { Cell(text: shortAge(milliseconds: $0.uptimeMs)) }),
            Column(title: "VERSION", width: 9, rank: 17, cell: { Cell(text: $0.version) }),
        ]
    }

    /// A column of counts that add up.
    private static func sum(
        _ title: String, _ width: Int, rank: Int, by value: @escaping (NodeStats) -> Int,
        _ text: @escaping (Int) -> String
    ) -> Column {
        Column(
            title: title, width: width, rank: rank,
            cell: { Cell(text: text(value($0))) },
            total: { Cell(text: text($0.reduce(0) { $0.addingClamped(value($1)) })) })
    }

    private static func rate(
        _ title: String, rank: Int, meaning: String, by value: @escaping (NodeStats) -> Double
    ) -> Column {
        Column(
            title: title, width: 5, rank: rank, meaning: meaning,
            cell: { Cell(text: shortRate(value($0))) },
            total: { Cell(text: shortRate($0.reduce(0) { $0 + value($1) })) })
    }

    /// A column whose total is the worst of all.
    private static func worst(
        _ title: String, _ width: Int, rank: Int, meaning: String? = nil, by value: @escaping (NodeStats) -> Int,
        _ cell: @escaping (Int) -> Cell
    ) -> Column {
        Column(
            title: title, width: width, rank: rank, meaning: meaning,
            cell: { cell(value($0)) },
            total: { cell($0.map(value).max() ?? 0) })
    }

    private static func latency(
        _ title: String, by kind: @escaping (NodeStats) -> NodeStats.Quantiles,
        quantile: @escaping (NodeStats.Quantiles) -> Int, rank: Int
    ) -> Column {
        worst(title, 7, rank: rank, by: { quantile(kind($0)) }) {
            Cell(text: $0 == 0 ? "-" : shortLatency(microseconds: $0))
        }
    }

    private static func percent(_ value: Double, warning: Double) -> Cell {
        guard value.isFinite, value >= 0, value < 1e6 else { return Cell(text: "?") }
        return Cell(text: "\(Int(value.rounded()))%", style: value >= warning ? .warning : .plain)
    }

    private static func loopLag(_ milliseconds: Double) -> Cell {
        guard milliseconds.isFinite, milliseconds >= 0, milliseconds < 1e9 else { return Cell(text: "?") }
        return Cell(
            text: shortLatency(microseconds: Int(milliseconds * 1_000)), style: milliseconds >= 100 ? .warning : .plain)
    }
}

extension NodeStats {
    /// How far the node is behind the peer that it is farthest behind.
    var eventsBehind: Int { peers.map(\.lag).max() ?? 0 }

    /// The slower of the two ways, in microseconds; 0 when no message went either.
    var worstP99Us: Int { max(latency.local.p99Us, latency.mesh.p99Us) }
}
