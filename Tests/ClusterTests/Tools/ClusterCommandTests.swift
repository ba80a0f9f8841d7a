// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// `roost cluster` as a user types it: up, status, kill, restart, down, and nothing left behind.

import Foundation
import Glibc
import Testing

extension ClusterTests {
    @ProcessThread
    struct ClusterCommandTests {
        private struct Status: Decodable {
            struct Node: Decodable {
                let name: String
                let pid: Int32?
                let state: String
                let client: String
                let stats: String
                let log: String
            }

            let supervisor: Int32
            let nodes: [Node]

            var states: [String] { nodes.map(\.state) }
        }

        /// The life of a cluster in the background, from another terminal.
        @Test func aDetachedClusterObeysFromAnywhere() throws {
            let folder = try TemporaryFolder()
            let port = try FreePorts.base(nodes: 3)
            let place = ["--dir", folder.path]
            let up = try Roost.run(["cluster", "up", "--detach", "--nodes", "3", "--base-port", "\(port)"] + place)
            do {
                try require("end of up", up.end, is: .exited(0))
                let first = try status(of: folder)
                try require("names", first.nodes.map(\.name), is: ["node1", "node2", "node3"])
                try require("states", first.states, is: ["serving", "serving", "serving"])
                for node in first.nodes {
                    for what in [node.name, node.client, node.stats, node.log] {
                        try require(up.text.contains(what), "up does not name \(what):\n\(up.text)")
                    }
                }
                try require("clients", first.nodes.map(\.client), is: (0..<3).map { "127.0.0.1:\(port + $0)" })
                let alice = try TestClient("alice", to: .loopback(port: port))
                try alice.register()
                let bob = try TestClient("bob", to: .loopback(port: port + 1))
                try bob.register()
                try alice.expect(":bob!* JOIN *#lobby")

                try require("end of kill", Roost.run(["cluster", "kill", "node2"] + place).end, is: .exited(0))
                _ = try bob.expectEnd()
                let second = try status(of: folder)
                try require("states", second.states, is: ["serving", "down", "serving"])
                try require(second.nodes[1].pid == nil && !isAlive(first.nodes[1].pid), "node2 lives")

                try require("end of restart", Roost.run(["cluster", "restart", "node2"] + place).end, is: .exited(0))
                let third = try status(of: folder)
                try require("states", third.states, is: ["serving", "serving", "serving"])
                let again = try TestClient("bob", to: .loopback(port: port + 1))
                try again.register()
                try require("names", again.names("#lobby"), is: ["alice", "bob"])

                let unknown = try Roost.run(["cluster", "kill", "node9"] + place)
                try require("end of a wrong kill", unknown.end != .exited(0), is: true)
                try require("lines of a wrong kill", unknown.lines.count, is: 1)

                try require("end of down", Roost.run(["cluster", "down"] + place).end, is: .exited(0))
                try require(alice.expectEnd().hasPrefix("ERROR :"), "alice heard no ERROR")
                try eventually("no process is left") {
                    ([first.supervisor] + (first.nodes + third.nodes).map(\.pid)).allSatisfy { !isAlive($0) }
                }
                try require("end of status", Roost.run(["cluster", "status"] + place).end, is: .exited(1))
            } catch {
                _ = try Roost.run(["cluster", "down"] + place)
                Issue.record(error, "\(up.text)\(logs(in: folder))")
            }
        }

        /// A supervisor that is killed takes its nodes with it, and a node that crashes is started again.
        @Test func nodesFollowTheirSupervisor() throws {
            let folder = try TemporaryFolder()
            let port = try FreePorts.base(nodes: 2)
            let supervisor = try ChildProcess(
                [
                    Roost.binary, "cluster", "up", "--nodes", "2", "--base-port", "\(port)", "--dir", folder.path,
                ], streams: .pipeAndFile(folder.path + "/output"))
            do {
                try eventually("the cluster serves") {
                    try require(supervisor.end == nil, "the supervisor ended")
                    return Roost.text(of: folder.path + "/output").contains("Ctrl-C")
                }
                let first = try status(of: folder)
                let crashed = try #require(first.nodes[0].pid)
                kill(crashed, SIGKILL)
                try eventually("node1 serves again") {
                    let now = try status(of: folder)
                    return now.states == ["serving", "serving"] && now.nodes[0].pid != crashed
                }
                let second = try status(of: folder)
                supervisor.stop()
                try eventually("the nodes end") { second.nodes.allSatisfy { !isAlive($0.pid) } }
            } catch {
                supervisor.signal(SIGTERM)
                try eventually("the supervisor ends") { supervisor.end != nil }
                Issue.record(error, "\(Roost.text(of: folder.path + "/output"))\(logs(in: folder))")
            }
        }

        /// A port that is taken is named before anything is started.
        @Test func aBusyPortIsNamedBeforeTheStart() throws {
            let folder = try TemporaryFolder()
            let port = try FreePorts.base(nodes: 2)
            let busy = try Listener(port: port + 1)
            defer { busy.close() }
            let up = try Roost.run(
                ["cluster", "up", "--nodes", "2", "--base-port", "\(port)", "--dir", folder.path])
            try require("end", up.end, is: .exited(1))
            try require(up.lines.count == 1 && up.text.contains("127.0.0.1:\(port + 1)"), up.text)
        }

        private func status(of folder: TemporaryFolder) throws -> Status {
            let output = try Roost.run(["cluster", "status", "--json", "--dir", folder.path])
            return try JSONDecoder().decode(Status.self, from: Data(output.text.utf8))
        }

        private func isAlive(_ pid: Int32?) -> Bool {
            pid.map { kill($0, 0) == 0 } ?? false
        }

        private func logs(in folder: TemporaryFolder) -> String {
            ["cluster", "node1", "node2", "node3"].map {
                "--- \($0).log\n\(Roost.text(of: "\(folder.path)/\($0).log"))"
            }
            .joined()
        }
    }
}
