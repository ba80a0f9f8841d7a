// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Nodes die, sleep, leave and come back; the others go on.

import Glibc
import Testing

extension ClusterTests {
    @ProcessThread
    struct NodeFailureTests {
        /// A killed node costs its own sockets: its users are held, listed as before, and quit only when the hold is over.
        @Test func usersOfAKilledNodeAreHeldAndThenQuit() throws {
            try TestCluster.run(settings: "hold.time: 4s") { cluster in
                let (alice, bob, carol) = try trio(cluster)
                let killedAt = ContinuousClock.now
                cluster[2].signal(SIGKILL)
                alice.send("PRIVMSG carol :still here")
                try carol.expect(":alice!* PRIVMSG carol :still here")
                try eventually("bob is held") {
                    alice.send("WHOIS bob")
                    return try alice.expect("* 301 alice bob :Connection lost at *", or: "* 318 *").contains(" 301 ")
                }
                let heldAfter = ContinuousClock.now - killedAt
                try require(heldAfter < .seconds(2), "bob was held after \(heldAfter)")
                try require("who is listed", alice.names("#lobby"), is: ["alice", "bob", "carol"])
                for client in [alice, carol] { try client.expect(":bob!* QUIT *did not return in time") }
                let after = ContinuousClock.now - killedAt
                try require(after > .seconds(3), "bob quit after \(after)")
                try require(bob.expectEnd(within: .seconds(1)).contains("JOIN"), "bob was told something")
                try require("who is left", alice.names("#lobby"), is: ["alice", "carol"])
                try require("quits", carol.all("* QUIT *").count, is: 1)
            }
        }

        /// Whoever connects elsewhere at once goes on as if nothing had happened, and nobody sees anything.
        @Test func aUserOfAKilledNodeGoesOnElsewhere() throws {
            try TestCluster.run { cluster in
                let (alice, bob, carol) = try trio(cluster)
                alice.send("MODE #lobby +o bob", "PRIVMSG bob :before")
                try bob.expect("* PRIVMSG bob :before")
                cluster[2].signal(SIGKILL)
                alice.send("PRIVMSG #lobby :into the void 1", "PRIVMSG bob :into the void 2")
                let again = try cluster[3].connect("bob")
                try again.register(capabilities: "server-time message-tags batch")
                try again.expect("*:bob!bob@* JOIN #lobby")
                try again.expect("* 353 bob = #lobby :*@bob*")
                try again.expectSometime("@*msgid=*:alice!* PRIVMSG #lobby :into the void 1")
                try again.expectSometime("@*msgid=*:alice!* PRIVMSG bob :into the void 2")
                again.send("PRIVMSG #lobby :here I am", "TOPIC #lobby :by an operator")
                for client in [alice, carol] {
                    try client.expect(":bob!* PRIVMSG #lobby :here I am")
                    try client.expect(":bob!* TOPIC #lobby :by an operator")
                    try require("quits seen by \(client.name)", client.all("* QUIT *"), is: [])
                    try require("joins of bob", client.all(":bob!* JOIN *").count, is: client === alice ? 1 : 0)
                }
                try cluster[2].start()
                try cluster[2].waitUntilServing()
                try cluster.waitUntilOne(users: 3)
                try require(!again.isClosed, "the restart cost bob his new connection")
            }
        }

        /// A restarted node joins in a new life and knows all that is; its users go on at it.
        @Test func aRestartedNodeJoinsAgain() throws {
            try TestCluster.run { cluster in
                let (alice, bob, carol) = try trio(cluster)
                alice.send("TOPIC #lobby :kept", "MODE #lobby +m")
                try carol.expect("* MODE #lobby +m*")
                let before = try cluster.report(of: cluster[2]).epoch
                cluster[2].stop()
                try cluster[2].start()
                try cluster[2].waitUntilServing()
                let after = try cluster.report(of: cluster[2]).epoch
                try require(after > before, "epoch \(after) after \(before)")
                let again = try cluster[2].client("bob")
                try again.expect("* 332 bob #lobby :kept")
                try require("names", again.names("#lobby"), is: ["alice", "bob", "carol"])
                again.send("MODE #lobby")
                try again.expect("* 324 bob #lobby +*m*")
                try cluster.waitUntilOne(users: 3)
                try alice.catchUp()
                try require("quits seen by alice", alice.all("* QUIT *"), is: [])
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
            try TestCluster.run(settings: "hold.time: 2s") { cluster in
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

        /// A node that sleeps for longer than it takes to be given up costs nobody anything, within the hold.
        @Test func asleepWithinTheHoldNothingIsLost() throws {
            try TestCluster.run { cluster in
                let (alice, bob, carol) = try trio(cluster)
                cluster[2].signal(SIGSTOP)
                try eventually("bob is held") {
                    alice.send("WHOIS bob")
                    return try alice.expect("* 301 alice bob :Connection lost at *", or: "* 318 *").contains(" 301 ")
                }
                alice.send("PRIVMSG #lobby :sleep well")
                cluster[2].signal(SIGCONT)
                try bob.expect(":alice!* PRIVMSG #lobby :sleep well")
                try cluster.waitUntilOne(users: 3)
                for client in [alice, carol] {
                    try client.catchUp()
                    try require("quits seen by \(client.name)", client.all("* QUIT *"), is: [])
                }
            }
        }

        /// A node that is told to end says so: its users are held at once.
        @Test func aPoliteLeaveIsSeenAtOnce() throws {
            try TestCluster.run { cluster in
                let (alice, bob, carol) = try trio(cluster)
                cluster[2].signal(SIGTERM)
                try require(bob.expectEnd().hasPrefix("ERROR :"), "bob heard no ERROR")
                let end = try #require(cluster[2].process).waitForEnd()
                try require("end of node2", end, is: .exited(0))
                for client in [alice, carol] {
                    client.send("WHOIS bob")
                    try client.expect("* 301 \(client.name) bob :Connection lost at *", within: .seconds(1))
                    try require("quits seen by \(client.name)", client.all("* QUIT *"), is: [])
                }
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
