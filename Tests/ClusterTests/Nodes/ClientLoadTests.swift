// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Many clients, slow clients, and clients with a thread each.

import Glibc
import Testing

extension ClusterTests {
    @ProcessThread
    struct ClientLoadTests {
        /// A thousand clients that come at once are all served, and reach each other.
        @Test func aThousandClientsConnect() throws {
            try raiseDescriptorLimit()
            try TestCluster.run(nodes: 2, settings: "lobby: \"\"") { cluster in
                let startedAt = ContinuousClock.now
                let clients = try (0..<1_000).map { try cluster[1].connect("user\($0)") }
                for client in clients { client.introduce() }
                try TestClient.receive(by: clients, until: "the welcome") { $0.lines.contains { $0.contains(" 422 ") } }
                let took = ContinuousClock.now - startedAt
                try require(took < .seconds(15), "1,000 clients took \(took)")
                for (client, next) in zip(clients, clients.dropFirst()) { client.send("PRIVMSG \(next.name) :pass") }
                try TestClient.receive(by: Array(clients.dropFirst()), until: "a message") {
                    $0.lines.last?.hasSuffix(":pass") == true
                }
                let other = try cluster[2].client("other")
                other.send("LUSERS")
                try eventually("the other node counts them") {
                    other.send("LUSERS")
                    return try other.expect("* 266 other *").contains(" 1001 ")
                }
                try cluster.waitUntilOne(users: 1_001)
            }
        }

        /// A client that does not read is cut off at the limit of its queue; who reads misses nothing.
        @Test func aSlowReaderIsCutOff() throws {
            try TestCluster.run(nodes: 2, settings: "lobby: \"\"\nlimits.send-queue: 64KiB") { cluster in
                let slow = try cluster[1].connect("slow", receiveBuffer: 4_096)
                try slow.register()
                let quick = try cluster[1].client("quick")
                let remote = try cluster[2].client("remote")
                let talker = try cluster[2].client("talker")
                for client in [slow, quick, remote, talker] { client.send("JOIN #flood") }
                for client in [quick, remote, talker] {
                    try eventually("all are in #flood") { try client.names("#flood").count == 4 }
                }
                let filler = String(repeating: "x", count: 380)
                var said = 0
                while !quick.lines.suffix(200).contains(where: { $0.contains(" QUIT ") }) {
                    try require(said < 40_000, "the slow client is still there")
                    talker.sendAll((said..<said + 100).map { "PRIVMSG #flood :\($0) \(filler)" })
                    said += 100
                    try TestClient.receive(by: [quick, remote], until: "message \(said - 1)") { client in
                        client.lines.last { $0.contains(" PRIVMSG ") }?.contains(" :\(said - 1) ") == true
                    }
                }
                let wanted = (0..<said).map { "\($0) \(filler)" }
                for client in [quick, remote] {
                    try client.expectSometime(":slow!* QUIT :*SendQ exceeded*")
                    try require("what \(client.name) missed", wanted == client.texts("* PRIVMSG *"), is: true)
                }
                _ = try slow.expectEnd()
            }
        }

        /// With a thread for each client, threads come and go with their clients, and one that does not read is alone.
        @Test func eachClientMayHaveAThread() throws {
            try TestCluster.run(nodes: 2, settings: "threads: per-client") { cluster in
                let node = cluster[1]
                var clients = try (0..<20).map { try node.client("user\($0)") }
                let idle = try node.connect("idle")
                let ports = Set((clients + [idle]).map(\.localPort))
                try eventually("every client has a thread that is named for it") {
                    let threads = node.threadNames.filter { $0.hasPrefix("c:") }
                    return threads.count == 21
                        && ports.allSatisfy { port in threads.contains { $0.hasSuffix(":\(port)") } }
                }
                let other = try cluster[2].client("other")
                other.send("PRIVMSG user7 :hello", "PRIVMSG #lobby :everybody")
                try clients[7].expect(":other!* PRIVMSG user7 :hello")
                for client in clients { try client.expectSometime(":other!* PRIVMSG #lobby :everybody") }
                for client in clients.prefix(10) { client.send("QUIT") }
                clients.removeFirst(10)
                idle.drop()
                try eventually("the threads of those who left are gone") {
                    node.threadNames.count { $0.hasPrefix("c:") } == 10
                }
                clients[0].send("PRIVMSG other :still here")
                try other.expect(":user10!* PRIVMSG other :still here")
            }
        }

        private func raiseDescriptorLimit() throws {
            var limit = rlimit()
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            guard limit.rlim_cur < 4_096 else { return }
            limit.rlim_cur = min(limit.rlim_max, 4_096)
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
    }
}
