// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Nodes die, sleep, leave and come back; the others go on.

import Glibc
import Testing

extension ClusterTests {
    @ProcessThread
    struct NodeFailureTests {
        /// A killed node costs its own users: they quit once it is taken for dead, after 5 s, and nobody else does.
        @Test func usersOfAKilledNodeQuit() throws {
            try TestCluster.run { cluster in
                let (alice, bob, carol) = try trio(cluster)
                let killedAt = ContinuousClock.now
                cluster[2].signal(SIGKILL)
                alice.send("PRIVMSG carol :still here")
                try carol.expect(":alice!* PRIVMSG carol :still here")
                for client in [alice, carol] { try client.expect(":bob!* QUIT *", within: .seconds(10)) }
                let after = ContinuousClock.now - killedAt
                try require(after > .seconds(3), "a node was taken for dead after \(after)")
                try require(bob.expectEnd(within: .seconds(1)).contains("JOIN"), "bob was told something")
                try require("who is left", alice.names("#lobby"), is: ["alice", "carol"])
                try require("quits", carol.all("* QUIT *").count, is: 1)
            }
        }

        /// A restarted node joins in a new life, knows all that is, and its users' nicks are free again.
        @Test func aRestartedNodeJoinsAgain() throws {
            try TestCluster.run { cluster in
                let (alice, bob, carol) = try trio(cluster)
                alice.send("TOPIC #lobby :kept", "MODE #lobby +m")
                try carol.expect("* MODE #lobby +m*")
                let before = try cluster.report(of: cluster[2]).epoch
                cluster[2].stop()
                try cluster[2].start()
                try cluster[2].waitUntilServing()
                try alice.expect(":bob!* QUIT *")
                let after = try cluster.report(of: cluster[2]).epoch
                try require(after > before, "epoch \(after) after \(before)")
                let again = try cluster[2].client("bob")
                try again.expect("* 332 bob #lobby :kept")
                try require("names", again.names("#lobby"), is: ["alice", "bob", "carol"])
                again.send("MODE #lobby")
                try again.expect("* 324 bob #lobby +*m*")
                try cluster.waitUntilOne(users: 3)
                try require(!bob.all("*").isEmpty, "bob heard nothing")
            }
        }

        /// What users of a node did to a channel outlives the node, and is known to it again when it comes back.
        @Test func bansOutliveTheNodeOfTheirSetter() throws {
            try TestCluster.run { cluster in
                let (alice, bob, carol) = try trio(cluster)
                alice.send("MODE #lobby +o bob")
                try bob.expect("* MODE #lobby +o bob")
                bob.send("MODE #lobby +b evil!*@*", "MODE #lobby +e good!*@*")
                try carol.expect(":bob!* MODE #lobby +e good!*@*")
                cluster[2].signal(SIGTERM)
                _ = try #require(cluster[2].process).waitForEnd()
                try alice.expect(":bob!* QUIT *")
                try cluster[2].start()
                try cluster[2].waitUntilServing()
                let again = try cluster[2].client("bob")
                try again.catchUp()
                again.send("MODE #lobby +b")
                try again.expect("* 367 bob #lobby evil!*@* bob!*")
                let rival = try cluster[2].connect("evil")
                try rival.register()
                try rival.expect("* 474 evil #lobby *")
            }
        }

        /// A node that is stopped for two seconds is not missed, and nothing is lost that was said meanwhile.
        @Test func aShortSleepIsNotSeen() throws {
            try TestCluster.run { cluster in
                let (alice, bob, carol) = try trio(cluster)
                cluster[2].signal(SIGSTOP)
                let wakeAt = ContinuousClock.now + .seconds(2)
                var said = 0
                while ContinuousClock.now < wakeAt {
                    alice.send("PRIVMSG #lobby :from alice \(said)")
                    bob.send("PRIVMSG #lobby :from bob \(said)")
                    said += 1
                    usleep(20_000)
                }
                cluster[2].signal(SIGCONT)
                alice.send("PRIVMSG #lobby :from alice end")
                bob.send("PRIVMSG #lobby :from bob end")
                for (listener, sender) in [(bob, "alice"), (carol, "alice"), (alice, "bob"), (carol, "bob")] {
                    try listener.expectSometime(":\(sender)!* PRIVMSG #lobby :from \(sender) end")
                    try require(
                        "\(sender) to \(listener.name)", listener.texts(":\(sender)!* PRIVMSG #lobby :*"),
                        is: (0..<said).map { "from \(sender) \($0)" } + ["from \(sender) end"])
                }
                try cluster.waitUntilOne(users: 3)
                for client in [alice, bob, carol] {
                    try client.catchUp()
                    try require("quits seen by \(client.name)", client.all("* QUIT *"), is: [])
                }
            }
        }

        /// A node that slept for so long that it was given up finds the others again, and they find its users.
        @Test func aLongSleepHeals() throws {
            try TestCluster.run { cluster in
                let (alice, bob, carol) = try trio(cluster)
                cluster[2].signal(SIGSTOP)
                try alice.expect(":bob!* QUIT *")
                alice.send("TOPIC #lobby :while you slept")
                try carol.expect("* TOPIC #lobby :while you slept")
                cluster[2].signal(SIGCONT)
                try bob.expect("* TOPIC #lobby :while you slept")
                try cluster.waitUntilOne(users: 3)
                for client in [alice, bob, carol] {
                    try require("names", client.names("#lobby"), is: ["alice", "bob", "carol"])
                }
                bob.send("PRIVMSG #lobby :good morning")
                try alice.expect(":bob!* PRIVMSG #lobby :good morning")
            }
        }

        /// A node that is told to end says so: its users leave at once and hear why.
        @Test func aPoliteLeaveIsSeenAtOnce() throws {
            try TestCluster.run { cluster in
                let (alice, bob, carol) = try trio(cluster)
                let toldAt = ContinuousClock.now
                cluster[2].signal(SIGTERM)
                for client in [alice, carol] { try client.expect(":bob!* QUIT *", within: .seconds(3)) }
                try require(ContinuousClock.now - toldAt < .seconds(3), "the others saw it late")
                try require(bob.expectEnd().hasPrefix("ERROR :"), "bob heard no ERROR")
                let end = try #require(cluster[2].process).waitForEnd()
                try require("end of node2", end, is: .exited(0))
                try require(
                    "peer", cluster.report(of: cluster[1]).peers.first { $0.node == "node2" }?.state, is: "down")
            }
        }

        private func trio(_ cluster: TestCluster) throws -> (TestClient, TestClient, TestClient) {
            let alice = try cluster[1].client("alice")
            let bob = try cluster[2].client("bob")
            let carol = try cluster[3].client("carol")
            try alice.expect(":carol!* JOIN *#lobby")
            try bob.expect(":carol!* JOIN *#lobby")
            return (alice, bob, carol)
        }
    }
}
