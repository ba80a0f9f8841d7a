// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What comes from outside and is none of ours: nodes of another cluster, nodes that take a name that is taken, and
// bytes that are no protocol at all.

import Glibc
import Testing

extension ClusterTests {
    @ProcessThread
    struct StrangerTests {
        /// A node of another cluster is refused by both sides, which say so and serve their own clients.
        @Test func aNodeOfAnotherClusterIsRefused() throws {
            try refuse("belongs to cluster") { $0 + "\nmesh.cluster: other" }
        }

        /// Two nodes of one name do not talk to each other.
        @Test func aNodeWithATakenNameIsRefused() throws {
            try refuse("it is called node1 as this node is") {
                $0.replacing("node.name: node2", with: "node.name: node1")
            }
        }

        /// Two nodes with different secrets stay apart, and say what to do; once both have the same, they are one.
        @Test func aNodeWithAnotherSecretIsRefused() throws {
            try TestCluster.prepare(nodes: 2, tolerated: ["a peer was refused"]) { cluster in
                let other = try Roost.run(["keygen"]).lines[0]
                try cluster[2].rewriteConfiguration { $0.replacing(TestCluster.secret, with: other) }
                for node in cluster.nodes {
                    try node.start()
                    try node.waitUntilServing()
                }
                for node in cluster.nodes {
                    try eventually("\(node.name) says what to do") { node.logText.contains("mesh.secret-file") }
                }
                cluster[2].stop()
                try cluster[2].rewriteConfiguration { $0.replacing(other, with: TestCluster.secret) }
                try cluster[2].start()
                try cluster[2].waitUntilServing()
                try cluster.waitUntilOne()
                for node in cluster.nodes {
                    try require(!node.logText.contains(TestCluster.secret.suffix(64)), "the log shows a secret")
                }
            }
        }

        private func refuse(_ reason: String, _ change: (String) -> String) throws {
            try TestCluster.prepare(nodes: 2, tolerated: ["a peer was refused"]) { cluster in
                try cluster[2].rewriteConfiguration(change)
                // One after the other: two nodes of one name that start in the same millisecond have the same epoch, too,
                // and each takes the other for itself.
                for node in cluster.nodes {
                    try node.start()
                    try node.waitUntilServing()
                }
                for node in cluster.nodes {
                    try eventually("\(node.name) says why") {
                        node.logText.contains("a peer was refused") && node.logText.contains(reason)
                    }
                }
                let alice = try cluster[1].client("alice")
                let other = try cluster[2].client("alice")
                try require("names", alice.names("#lobby"), is: ["alice"])
                try require("names", other.names("#lobby"), is: ["alice"])
            }
        }

        /// "No bytes from a client or a peer can stop a node": nonsense on each of its ports, and it goes on.
        @Test func nonsenseOnAnyPortStopsNobody() throws {
            try TestCluster.run(nodes: 2, tolerated: ["a frame cannot be read", "a peer was refused"]) { cluster in
                let alice = try cluster[1].client("alice")
                let bob = try cluster[2].client("bob")
                var generator = Numbers(state: 7)
                let nonsense: [[UInt8]] = [
                    Array(repeating: 0, count: 1_000), Array(repeating: 0xFF, count: 100_000),
                    Array("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8),
                    Array("NICK \u{0}\r\nUSER\r\n:\r\n@\r\n".utf8),
                    [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3, 0] + Array(repeating: 0x4E, count: 300),
                    (0..<50_000).map { _ in UInt8.random(in: 0...255, using: &generator) },
                ]
                let node = cluster[1]
                for port in [node.clientPort, node.meshPort, node.meshPort + 1, node.statsPort] {
                    for bytes in nonsense {
                        let stranger = try TestClient("stranger", to: .loopback(port: port))
                        stranger.send(bytes: bytes)
                        stranger.receive(until: Deadline(after: .milliseconds(20)))
                        stranger.drop()
                    }
                }
                bob.send("PRIVMSG alice :still there")
                try alice.expect(":bob!* PRIVMSG alice :still there")
                try cluster.waitUntilOne(users: 2)
            }
        }
    }
}

/// Numbers that are the same in every run (splitmix64).
struct Numbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
