// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Who may connect to a node's mesh and statistics: a running node, and libzmq clients with each kind of key (DESIGN §10).

import RoostKeys
import RoostModel
import RoostNode
import RoostStats
import RoostWire
import Testing
import ZeroMQ

@testable import RoostServer

@Suite struct MeshKeyTests {
    private let keys: ClusterKeys
    private let others: ClusterKeys

    init() throws {
        keys = try ClusterKeys(.random())
        others = try ClusterKeys(.random())
    }

    /// Aim: without a key nobody gets in, and operators hear of it. Method: a plain client on each socket.
    @Test func withoutAKeyNobodyGetsIn() async throws {
        try await MeshNode.run(keys: keys) { node, context in
            for endpoint in [node.control, node.stream, node.stats] {
                #expect(try isRefused(.client(nil), at: endpoint, in: context))
            }
            let report = try reportOfRefusals(of: .client(nil), by: node, context)
            #expect(report.peers.isEmpty)
            #expect(node.log.lines.contains { $0.contains("somebody without a key of this cluster") })
        }
    }

    /// Aim: the key of another cluster opens nothing. Method: a client that knows the node's public key, as readers of
    /// the statistics do, and shows a key of its own.
    @Test func theKeyOfAnotherClusterOpensNothing() async throws {
        let stranger = SocketOptions.Curve.client(keys: others.node, serverKey: keys.node.publicKey)
        try await MeshNode.run(keys: keys) { node, context in
            for endpoint in [node.control, node.stream, node.stats] {
                #expect(try isRefused(.client(stranger), at: endpoint, in: context))
            }
            _ = try reportOfRefusals(of: .client(stranger), by: node, context)
            #expect(
                node.log.lines.contains { $0.contains("its key is not of this cluster") && $0.contains("127.0.0.1") })
        }
    }

    /// Aim: who may read the statistics may do nothing else. Method: the stats key on each socket.
    @Test func theStatsKeyReadsStatisticsAndNothingElse() async throws {
        let key = keys.statsKey
        try await MeshNode.run(keys: keys) { node, context in
            let reader = try SocketOptions.client(key.client())
            #expect(try isRefused(reader, at: node.control, in: context))
            #expect(try isRefused(reader, at: node.stream, in: context))
            #expect(node.log.lines.contains { $0.contains("it holds the key for statistics only") })
            let socket = try Socket(.sub, in: context, options: reader)
            try socket.subscribe(toPrefix: "stats.".utf8)
            try socket.connect("tcp://\(node.stats)")
            let parts = try waitFor("a report") { try socket.receiveParts() }
            #expect(parts.first == Array("stats.\(node.node)".utf8))
        }
    }

    /// Aim: a node may read another's statistics. Method: `report` does so with the node key; plain works without keys.
    @Test func theNodeKeyReadsStatisticsToo() async throws {
        for keys in [keys, nil] {
            try await MeshNode.run(keys: keys) { node, context in
                let report = try node.report(context)
                #expect(report.node == "\(node.node)")
                #expect(report.refusals == NodeStats.Refusals())
            }
        }
    }

    /// Aim: two nodes with the same secret find each other; one with another secret is told of by both sides. Method:
    /// three nodes, the third with a secret of its own.
    @Test func nodesWithDifferentSecretsStayApart() async throws {
        let (keys, others) = (keys, others)
        try await offPool {
            let first = try MeshNode("first", keys: keys)
            defer { first.stop() }
            let second = try MeshNode("second", seeds: [first.control], keys: keys)
            defer { second.stop() }
            let third = try MeshNode("third", seeds: [first.control], keys: others)
            defer { third.stop() }
            let context = try Context()
            _ = try first.report(context) { $0.peers.map(\.node) == ["second"] && $0.peers[0].state == .up }
            try waitFor("the stranger's line") {
                third.log.lines.contains { $0.contains("give both the same mesh.secret-file") } ? true : nil
            }
            try waitFor("the line of who refuses it") {
                first.log.lines.contains { $0.contains("a peer was refused") } ? true : nil
            }
            #expect(try first.report(context).peers.map(\.node) == ["second"])
        }
    }

    /// Whether a handshake with these options fails.
    /// The report of a node that has counted some refusals. A client may see the end of a handshake first and be gone
    /// before its node sees more than a connection that closed; so it comes again.
    private func reportOfRefusals(
        of options: SocketOptions, by node: MeshNode, _ context: Context
    ) throws -> NodeStats {
        try waitFor("refusals that are counted") {
            _ = try isRefused(options, at: node.control, in: context)
            let report = try node.report(context)
            return report.refusals?.handshakes ?? 0 >= 3 ? report : nil
        }
    }

    private func isRefused(_ options: SocketOptions, at address: String, in context: Context) throws -> Bool {
        let socket = try Socket(.dealer, in: context, options: options)
        let monitor = try SocketMonitor(socket, in: context)
        try socket.connect("tcp://\(address)")
        return try waitFor("the end of a handshake") {
            switch try monitor.next() {
            case .handshakeSucceeded: false
            case .handshakeRefused, .handshakeProtocolFailed, .handshakeFailed: true
            default: nil
            }
        }
    }
}
