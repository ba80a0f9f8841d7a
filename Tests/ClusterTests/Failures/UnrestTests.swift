// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Everything at once: clients on all nodes do what clients do, at random, while nodes sleep, die and come back. When it
// is over, all nodes hold one roster and show the same channels.

import Glibc
import Testing

extension ClusterTests {
    @ProcessThread
    struct UnrestTests {
        private static let channels = ["#a", "#b", "#c"]

        /// What is done to nodes, in order: each fault is over before the next begins.
        private static let faults: [(node: Int, signal: CInt, for: Duration)] = [
            (2, SIGSTOP, .milliseconds(700)), (3, SIGKILL, .milliseconds(300)), (1, SIGSTOP, .milliseconds(1_500)),
            (2, SIGTERM, .milliseconds(300)), (3, SIGSTOP, .milliseconds(5_500)),
        ]

        @Test(arguments: [1, 2] as [UInt64])
        func rostersAgreeAfterUnrest(seed: UInt64) throws {
            try TestCluster.run(
                settings: "lobby: \"\"\nhold.time: 2s"
            ) { cluster in
                var generator = Numbers(state: seed)
                var crowd = Crowd()
                for fault in Self.faults {
                    try crowd.act(on: cluster, for: .milliseconds(400), using: &generator)
                    cluster[fault.node].signal(fault.signal)
                    try crowd.act(on: cluster, for: fault.for, using: &generator)
                    if fault.signal == SIGSTOP {
                        cluster[fault.node].signal(SIGCONT)
                    } else {
                        _ = try cluster[fault.node].process?.waitForEnd()
                        try cluster[fault.node].start()
                    }
                }
                for node in cluster.nodes { try node.waitUntilServing() }
                for client in crowd.clients.map(\.client) where !client.isClosed { client.drop() }
                let witnesses = try cluster.nodes.map { try $0.client("of-\($0.name)") }
                try cluster.waitUntilOne(users: witnesses.count)
                let views = try witnesses.map { try view(of: $0) }
                try require("the view of node2", views[1], is: views[0])
                try require("the view of node3", views[2], is: views[0])
            }
        }

        /// All that a client can ask about the channels, in the words of whoever asks.
        private func view(of client: TestClient) throws -> [String] {
            try client.catchUp()
            let start = client.lines.count
            for channel in Self.channels {
                client.send("NAMES \(channel)", "MODE \(channel)", "TOPIC \(channel)", "MODE \(channel) +b")
            }
            client.send("LIST", "WHO *")
            try client.catchUp()
            return client.lines[start...].dropLast().map { $0.replacing(client.name, with: "me") }
                .filter { !$0.contains("of-") && !$0.contains("me!") }.sorted()
        }

        /// Clients that come, act and go.
        @ProcessThread
        private struct Crowd {
            var clients: [(client: TestClient, node: Int)] = []
            private var count = 0

            mutating func act(on cluster: TestCluster, for time: Duration, using generator: inout Numbers) throws {
                let deadline = Deadline(after: time)
                while !deadline.hasPassed {
                    clients.removeAll { $0.client.isClosed }
                    let node = Int.random(in: 1...3, using: &generator)
                    if clients.count(where: { $0.node == node }) < 6,
                        let client = try? cluster[node].connect("u\(count)")
                    {
                        client.introduce()
                        count += 1
                        clients.append((client, node))
                    }
                    guard let (client, _) = clients.randomElement(using: &generator) else { continue }
                    client.send(command(using: &generator))
                    client.receive(until: Deadline(after: .milliseconds(2)))
                }
            }

            private func command(using generator: inout Numbers) -> String {
                let channel = UnrestTests.channels.randomElement(using: &generator) ?? "#a"
                let nick = "u\(Int.random(in: 0...count, using: &generator))"
                let mode = "imnts".randomElement(using: &generator) ?? "i"
                let commands = [
                    "JOIN \(channel)", "JOIN \(channel)", "JOIN \(channel)", "PART \(channel)", "NICK \(nick)",
                    "TOPIC \(channel) :about \(nick)", "MODE \(channel) +\(mode)", "MODE \(channel) -\(mode)",
                    "MODE \(channel) +o \(nick)", "MODE \(channel) +b \(nick)!*@*", "MODE \(channel) -b \(nick)!*@*",
                    "KICK \(channel) \(nick)", "INVITE \(nick) \(channel)", "AWAY :for a while", "AWAY",
                    "PRIVMSG \(channel) :hello", "QUIT :enough",
                ]
                return commands.randomElement(using: &generator) ?? "PING x"
            }
        }
    }
}
