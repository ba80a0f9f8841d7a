// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Several nodes are one: they find each other, hold one roster, and hand on each message once and in order.

import Testing

extension ClusterTests {
    @ProcessThread
    struct OneClusterTests {
        /// Users on three nodes see each other by NAMES from every node, and the newcomer is seen to join by all.
        @Test func threeNodesHoldOneRoster() throws {
            try TestCluster.run { cluster in
                let clients = try [cluster[1].client("alice"), cluster[2].client("bob"), cluster[3].client("carol")]
                try clients[0].expect(":bob!* JOIN *#lobby")
                try clients[0].expect(":carol!* JOIN *#lobby")
                try clients[1].expect(":carol!* JOIN *#lobby")
                for client in clients {
                    try eventually("\(client.name) sees all") {
                        try client.names("#lobby") == ["alice", "bob", "carol"]
                    }
                }
                try cluster.waitUntilOne(users: 3)
            }
        }

        /// Node 2 and node 3 know node 1 only, and node 1 knows none; a message from 2 to 3 goes by no third.
        @Test func onePeerIsEnoughToFindAll() throws {
            try TestCluster.run(seeds: { $0 == 0 ? [] : [0] }) { cluster in
                let bob = try cluster[2].client("bob")
                let carol = try cluster[3].client("carol")
                try bob.expect(":carol!* JOIN *")
                cluster[1].stop()
                bob.send("PRIVMSG carol :are you there")
                try carol.expect(":bob!* PRIVMSG carol :are you there")
            }
        }

        /// A node that joins late lets nobody in before it knows all: the first client that gets in sees everybody.
        @Test func thePortOpensOnlyWhenInStep() throws {
            try TestCluster.prepare(nodes: 2) { cluster in
                try cluster[1].start()
                try cluster[1].waitUntilServing()
                let crowd = try (0..<150).map { try cluster[1].client("user\($0)") }
                try cluster[2].start()
                var first: TestClient?
                try eventually("node2 lets the first client in") {
                    first = try? cluster[2].connect("first")
                    return first != nil
                }
                let newcomer = try #require(first)
                try newcomer.register()
                try require("users seen", newcomer.names("#lobby").count, is: crowd.count + 1)
                try cluster.waitUntilOne(users: crowd.count + 1)
            }
        }

        /// Six senders on three nodes write to a channel and to a person on each node, all at the same time.
        @Test func messagesArriveOnceAndInOrder() throws {
            try TestCluster.run(settings: "lobby: \"\"") { cluster in
                let count = 200
                let receivers = try cluster.nodes.map { try $0.client("to-\($0.name)") }
                let senders = try cluster.nodes.flatMap { node in
                    try ["a", "b"].map { try node.client("\($0)-\(node.name)") }
                }
                for client in receivers + senders { client.send("JOIN #room") }
                for client in receivers {
                    try eventually("all are in #room") { try client.names("#room").count == 9 }
                }
                for part in 0..<(count / 20) {
                    for sender in senders {
                        sender.sendAll(
                            (part * 20..<(part + 1) * 20).flatMap { number in
                                ["PRIVMSG #room :channel \(number)"]
                                    + receivers.map { "PRIVMSG \($0.name) :private \(number)" }
                            })
                    }
                }
                for sender in senders {
                    sender.sendAll(["PRIVMSG #room :end"] + receivers.map { "PRIVMSG \($0.name) :end" })
                }
                for receiver in receivers {
                    for sender in senders {
                        try TestClient.receive(by: [receiver], until: "the last of \(sender.name)") {
                            $0.all(":\(sender.name)!* :end").count == 2
                        }
                        try require(
                            "\(sender.name) in #room to \(receiver.name)",
                            receiver.texts(":\(sender.name)!* PRIVMSG #room :*"),
                            is: (0..<count).map { "channel \($0)" } + ["end"])
                        try require(
                            "\(sender.name) to \(receiver.name)",
                            receiver.texts(":\(sender.name)!* PRIVMSG \(receiver.name) :*"),
                            is: (0..<count).map { "private \($0)" } + ["end"])
                    }
                }
            }
        }

        /// A message to nobody and a channel that is none are told to the sender, on a cluster as on one node.
        @Test func whatCannotBeDeliveredIsTold() throws {
            try TestCluster.run(nodes: 2) { cluster in
                let alice = try cluster[1].client("alice")
                let bob = try cluster[2].client("bob")
                try alice.expect(":bob!* JOIN *")
                alice.send("PRIVMSG nobody :hello", "PRIVMSG #none :hello", "PRIVMSG bob :here")
                try alice.expect("* 401 alice nobody *")
                try alice.expect("* 403 alice #none *")
                try bob.expect(":alice!* PRIVMSG bob :here")
            }
        }
    }
}
