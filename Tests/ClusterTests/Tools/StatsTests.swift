// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What nodes publish reaches whoever subscribes: the example of the documentation, and `roost stats`.

import Foundation
import Glibc
import Testing

extension ClusterTests {
    @ProcessThread
    struct StatsTests {
        /// The subscriber in Python, as it stands in docs/protocol/stats.md, sees reports and events.
        @Test(.enabled(if: hasPyZMQ, "python3 has no module zmq"))
        func theExampleInPythonWorks() throws {
            try TestCluster.run { cluster in
                let folder = try TemporaryFolder()
                let output = folder.path + "/output"
                let example = Roost.sources.appending(path: "docs/examples/stats_subscriber.py").path
                let secret = folder.path + "/secret"
                try TestCluster.secret.write(toFile: secret, atomically: true, encoding: .utf8)
                let key = try Roost.run(["keygen", "--stats", secret])
                try require("end", key.end, is: .exited(0))
                let subscriber = try ChildProcess(
                    ["python3", example, cluster[1].statsAddress, cluster[2].statsAddress],
                    streams: .pipeAndFile(output), environment: ["ROOST_STATS_KEY": key.lines[0]])
                try eventually("reports of both nodes") {
                    let text = Roost.text(of: output)
                    return ["stats.node1 0 clients, 0 users", "stats.node2 0 clients, 0 users"].allSatisfy {
                        text.contains($0)
                    }
                }
                let alice = try cluster[1].client("alice")
                try eventually("the client is counted by its node, and the user by both") {
                    let text = Roost.text(of: output)
                    return text.contains("stats.node1 1 clients, 1 users")
                        && text.contains("stats.node2 0 clients, 1 users")
                }
                cluster[3].stop()
                try eventually("the event of a node's end") { Roost.text(of: output).contains("event.peer_down ") }
                try require(subscriber.end == nil, "the subscriber ended: \(Roost.text(of: output))")
                subscriber.stop()
                try alice.catchUp()
            }
        }

        /// One address is enough to find all, and counts are those of the cluster.
        @Test func oneAddressShowsTheCluster() throws {
            try TestCluster.run { cluster in
                let clients = try [cluster[1].client("alice"), cluster[3].client("carol")]
                try cluster.waitUntilOne(users: 2)
                for node in cluster.nodes {
                    let output = try Roost.run(
                        ["stats", "--once", "--json", node.statsAddress], environment: TestCluster.environment)
                    try require("end", output.end, is: .exited(0))
                    let reports = try Report.collect(from: node.statsAddress)
                    try require("nodes", reports.map(\.node), is: ["node1", "node2", "node3"])
                    try require("clients", reports.map(\.connections.now), is: [1, 0, 1])
                }
                let table = try Roost.run(
                    ["stats", "--once", cluster[2].statsAddress], environment: TestCluster.environment)
                for node in cluster.nodes {
                    try require(table.lines.contains { $0.hasPrefix("\(node.name) ") }, table.text)
                }
                for client in clients { try client.catchUp() }
            }
        }

        /// Who has no key, or another one, is told what is missing, and sees nothing; the log of the node tells, too.
        @Test func withoutTheKeyNothingIsSeen() throws {
            try TestCluster.run(nodes: 1, tolerated: ["a peer was refused"]) { cluster in
                let node = cluster[1]
                let without = try Roost.run(["stats", "--once", "--json", node.statsAddress])
                try require("end", without.end, is: .exited(1))
                try require(
                    without.text.contains("\(node.statsAddress) wants a key; give it with --key FILE"), without.text)
                let stranger = try Roost.run(["keygen"])
                let other = try Roost.run(
                    ["stats", "--once", "--json", node.statsAddress],
                    environment: ["ROOST_MESH_SECRET": stranger.lines[0]])
                try require("end", other.end, is: .exited(1))
                try require(other.text.contains("does not accept this key"), other.text)
                try eventually("the node says so") { node.logText.contains("somebody without a key of this cluster") }
            }
        }

        /// An address at which nobody publishes is told as such.
        @Test func noStatisticsAreAFailure() throws {
            let output = try Roost.run(["stats", "--once", "127.0.0.1:\(try FreePorts.row(of: 1))"])
            try require("end", output.end, is: .exited(1))
            try require("lines", output.lines.count, is: 1)
        }

        private nonisolated static var hasPyZMQ: Bool {
            let probe = Process()
            probe.executableURL = URL(filePath: "/usr/bin/env")
            probe.arguments = ["python3", "-c", "import zmq"]
            probe.standardError = FileHandle.nullDevice
            // No python3 at all is the same answer.
            guard (try? probe.run()) != nil else { return false }
            probe.waitUntilExit()
            return probe.terminationStatus == 0
        }
    }
}
