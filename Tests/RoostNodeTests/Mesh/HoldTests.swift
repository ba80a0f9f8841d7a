// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Users of a node that is down are held: nobody sees them leave, they can go on at any other node, and what is said to
// them meanwhile waits for them or is told to its senders.

import RoostIRC
import RoostModel
import RoostNode
import RoostRoster
import RoostSim
import Testing

struct HoldTests {
    /// Alice at a, bob at b, carol at c, all in #den; bob made it.
    private static func den(
        _ settings: [NodeSettings] = SimulatedCluster.settings(of: ["a", "b", "c"]), capabilities: String = ""
    ) -> (
        mesh: MeshUnderTest, alice: SimulatedCluster.ClientID, bob: SimulatedCluster.ClientID,
        carol: SimulatedCluster.ClientID
    ) {
        var mesh = MeshUnderTest(settings)
        let bob = mesh.user("bob", at: 1)
        mesh.cluster.send("JOIN #den", from: bob)
        mesh.run(for: .milliseconds(100))
        let alice = mesh.user("alice", at: 0, capabilities: capabilities)
        let carol = mesh.user("carol", at: 2)
        for client in [alice, carol] { mesh.cluster.send("JOIN #den", from: client) }
        mesh.run(for: .seconds(1))
        return (mesh, alice, bob, carol)
    }

    // MARK: Holding

    @Test func nobodySeesAQuitWithinTheHold() {
        var (mesh, alice, bob, _) = Self.den()
        mesh.cluster.isolate(1, true)
        mesh.run(for: .seconds(30))
        mesh.cluster.send("WHOIS bob", from: alice)
        mesh.cluster.send("NAMES #den", from: alice)
        mesh.run(for: .milliseconds(10))
        #expect(mesh.lines(of: alice, "QUIT").isEmpty)
        #expect(mesh.lines(of: alice, "301").count == 1)
        #expect(mesh.lines(of: alice, "301")[0].contains("Connection lost at 2026-01-01T00:00:"))
        #expect(mesh.lines(of: alice, "353").last?.contains("@bob") == true)
        mesh.cluster.isolate(1, false)
        mesh.run(for: .seconds(2))
        mesh.cluster.send("WHOIS bob", from: alice)
        mesh.run(for: .milliseconds(10))
        #expect(mesh.lines(of: alice, "301").count == 1)
        #expect(mesh.lines(of: alice, "JOIN").count == 1 + 1, "her own and carol's")
        #expect(mesh.lines(of: bob, "QUIT").isEmpty)
        #expect(mesh.rostersAgree)
    }

    @Test func whoComesBackIsToldTheModesThatItKept() {
        var (mesh, _, bob, _) = Self.den()
        mesh.cluster.send("MODE bob +w", from: bob)
        mesh.run(for: .milliseconds(100))
        mesh.cluster.kill(1)
        mesh.run(for: .seconds(1))
        let again = mesh.user("bob", at: 2, host: "192.0.2.2")
        #expect(mesh.lines(of: again, "MODE") == ["bob MODE bob +w"])
    }

    @Test func afterTheHoldTheyLeaveInOneBatchAndComeBackInAnother() {
        var (mesh, alice, bob, carol) = Self.den(capabilities: "batch server-time")
        let dave = mesh.user("dave", at: 1)
        mesh.cluster.send("JOIN #den", from: dave)
        mesh.run(for: .milliseconds(100))
        mesh.cluster.isolate(1, true)
        mesh.run(for: .seconds(100))
        let reason = "Connection lost, did not return in time"
        #expect(mesh.lines(of: alice, "QUIT") == ["bob QUIT \(reason)", "dave QUIT \(reason)"])
        #expect(mesh.lines(of: carol, "QUIT").count == 2)
        let batches = mesh.lines(of: alice, "BATCH")
        #expect(batches.count == 2 && batches[0].contains("netsplit"))
        let tags = mesh.lines(of: alice).filter { $0.command == "QUIT" }.flatMap(\.tags).filter { $0.key == "batch" }
        #expect(tags.count == 2)
        #expect(mesh.lines(of: carol, "BATCH").isEmpty)
        mesh.say("talking to myself", from: bob, to: "#den")
        mesh.cluster.isolate(1, false)
        mesh.run(for: .seconds(2))
        #expect(mesh.heard(by: alice) == ["talking to myself"])
        #expect(mesh.lines(of: alice, "JOIN").suffix(2) == ["bob JOIN #den", "dave JOIN #den"])
        #expect(mesh.lines(of: alice, "MODE").contains { $0.contains("+o bob") })
        #expect(mesh.rostersAgree)
    }

    @Test func theUsersOfANodeThatLeavesAreHeldToo() {
        var (mesh, alice, _, _) = Self.den()
        mesh.cluster.shutDown(1, reason: "Going home")
        mesh.run(for: .seconds(5))
        #expect(mesh.lines(of: alice, "QUIT").isEmpty)
        #expect(mesh.cluster.machines[0].statistics.usersHeld == 1)
        mesh.run(for: .seconds(90))
        #expect(mesh.lines(of: alice, "QUIT").count == 1)
    }

    // MARK: Taking over

    @Test func aHeldUserGoesOnAtAnotherNodeAndNobodySeesIt() throws {
        var (mesh, alice, bob, carol) = Self.den()
        mesh.cluster.isolate(1, true)
        mesh.run(for: .seconds(4))
        for index in 0..<3 { mesh.say("missed \(index)", from: index == 1 ? carol : alice, to: "#den") }
        mesh.say("and this", from: alice, to: "bob")
        mesh.run(for: .seconds(1))
        let again = mesh.user(
            "bob", at: 2, host: "192.0.2.2", capabilities: "batch server-time message-tags")
        #expect(mesh.lines(of: again, "433").isEmpty)
        #expect(mesh.lines(of: again, "JOIN") == ["bob JOIN #den"])
        #expect(mesh.lines(of: again, "353").last?.contains("@bob") == true)
        #expect(mesh.heard(by: again) == ["missed 0", "missed 1", "missed 2", "and this"])
        let missed = mesh.lines(of: again).filter { $0.command == "PRIVMSG" }
        #expect(missed.allSatisfy { Set($0.tags.map(\.key)).isSuperset(of: ["batch", "time", "msgid"]) })
        mesh.say("here I am", from: again, to: "#den")
        mesh.say("welcome back", from: alice, to: "bob")
        mesh.run(for: .milliseconds(100))
        #expect(mesh.heard(by: alice) == ["missed 1", "here I am"])
        #expect(mesh.heard(by: again).last == "welcome back")
        for other in [alice, carol] {
            #expect(mesh.lines(of: other, "QUIT").isEmpty)
            #expect(!mesh.lines(of: other, "JOIN").dropFirst().contains { $0.hasPrefix("bob") })
        }
        // The old node returns: its connection goes, and nothing else happens.
        mesh.cluster.isolate(1, false)
        mesh.run(for: .seconds(2))
        #expect(!mesh.cluster.isOpen(bob))
        #expect(mesh.lines(of: bob, "ERROR").first?.contains("another node") == true)
        #expect(mesh.lines(of: alice, "QUIT").isEmpty)
        #expect(mesh.cluster.isOpen(again))
        #expect(mesh.rostersAgree)
    }

    @Test func whoComesBackBeforeTheVerdictIsNotToldThatItsNickIsTaken() {
        var (mesh, _, _, _) = Self.den()
        mesh.cluster.isolate(1, true)
        let again = mesh.user("bob", at: 2, host: "192.0.2.2")
        #expect(mesh.lines(of: again).isEmpty)
        mesh.run(for: .seconds(4))
        #expect(mesh.lines(of: again, "433").isEmpty)
        #expect(mesh.lines(of: again, "001").count == 1)
        #expect(mesh.lines(of: again, "JOIN") == ["bob JOIN #den"])
    }

    @Test func theNickOfAUserWhoseNodeIsThereIsTakenAfterABreath() {
        var (mesh, _, _, _) = Self.den()
        let again = mesh.user("bob", at: 2, host: "192.0.2.2")
        mesh.run(for: .seconds(1))
        #expect(mesh.lines(of: again, "433").count == 1)
    }

    @Test func somebodyElseDoesNotGetTheNickOfAHeldUser() {
        var (mesh, _, _, _) = Self.den()
        mesh.cluster.isolate(1, true)
        mesh.run(for: .seconds(5))
        let other = mesh.user("bob", at: 2, host: "192.0.2.99")
        #expect(mesh.lines(of: other, "433").count == 1)
        mesh.run(for: .seconds(90))
        mesh.cluster.send("NICK bob", from: other)
        mesh.run(for: .seconds(1))
        #expect(mesh.lines(of: other, "001").count == 1)
    }

    // MARK: What was said meanwhile

    @Test func whatNobodyCameBackForIsToldToItsSender() {
        var (mesh, alice, _, carol) = Self.den(capabilities: "standard-replies")
        mesh.cluster.isolate(1, true)
        mesh.run(for: .seconds(4))
        mesh.say("are you there?", from: alice, to: "bob")
        mesh.say("one", from: carol, to: "#den")
        mesh.say("two", from: carol, to: "#den")
        mesh.run(for: .seconds(95))
        let failures = mesh.lines(of: alice, "FAIL")
        #expect(failures.count == 1)
        #expect(failures.first?.contains("PRIVMSG NOT_DELIVERED bob a/") == true)
        #expect(failures.first?.contains("are you there?") == true)
        let notices = mesh.lines(of: carol, "NOTICE").filter { $0.contains("did not get") }
        #expect(notices.count == 1)
        #expect(notices.first?.contains("one member of #den") == true)
        #expect(notices.first?.contains("2 of your messages") == true)
    }

    @Test func whatIsNotKeptIsToldAtOnce() {
        var settings = SimulatedCluster.settings(of: ["a", "b", "c"])
        for index in settings.indices { settings[index].limits.keptMessages = 2 }
        var (mesh, alice, _, _) = Self.den(settings, capabilities: "standard-replies")
        mesh.cluster.isolate(1, true)
        mesh.run(for: .seconds(4))
        for text in ["one", "two", "three"] { mesh.say(text, from: alice, to: "bob") }
        #expect(mesh.lines(of: alice, "FAIL").count == 1)
        #expect(mesh.lines(of: alice, "FAIL").first?.contains("NOT_KEPT bob") == true)
        let again = mesh.user("bob", at: 2, host: "192.0.2.2")
        #expect(mesh.heard(by: again) == ["one", "two"])
    }

    // MARK: Accepted

    @Test func anEchoWaitsUntilAnotherNodeHasTheMessage() {
        var (mesh, alice, _, _) = Self.den(capabilities: "echo-message")
        mesh.cluster.loseStream(from: 0, to: 1, true)
        mesh.cluster.loseStream(from: 0, to: 2, true)
        mesh.say("hello?", from: alice, to: "#den")
        mesh.run(for: .milliseconds(50))
        #expect(mesh.heard(by: alice).isEmpty)
        mesh.cluster.loseStream(from: 0, to: 1, false)
        mesh.cluster.loseStream(from: 0, to: 2, false)
        mesh.run(for: .seconds(1))
        #expect(mesh.heard(by: alice) == ["hello?"])
        #expect(mesh.cluster.machines[0].counters.echoWaits.microsecondsMax > 50_000)
    }

    @Test func aNodeAloneAcceptsAtOnceAndTellsItsUsersOnce() {
        var (mesh, alice, _, _) = Self.den(capabilities: "echo-message")
        mesh.cluster.isolate(0, true)
        mesh.run(for: .seconds(4))
        mesh.say("anybody?", from: alice, to: "#den")
        mesh.run(for: .milliseconds(1))
        #expect(mesh.heard(by: alice) == ["anybody?"])
        mesh.run(for: .seconds(20))
        #expect(mesh.lines(of: alice, "NOTICE").count { $0.contains("lost contact") } == 1)
        mesh.cluster.isolate(0, false)
        mesh.run(for: .seconds(2))
        #expect(mesh.lines(of: alice, "NOTICE").count { $0.contains("in contact") } == 1)
        #expect(mesh.rostersAgree)
    }

    // MARK: Ways round

    @Test func aBrokenLinkIsNotNoticed() {
        var (mesh, alice, _, carol) = Self.den()
        mesh.cluster.cut(from: 0, to: 2)
        mesh.cluster.cut(from: 2, to: 0)
        mesh.run(for: .seconds(3))
        for index in 0..<20 {
            mesh.say("\(index)", from: index % 2 == 0 ? alice : carol, to: "#den")
            mesh.run(for: .milliseconds(250))
        }
        #expect(mesh.heard(by: alice) == (0..<20).filter { $0 % 2 == 1 }.map { "\($0)" })
        #expect(mesh.heard(by: carol) == (0..<20).filter { $0 % 2 == 0 }.map { "\($0)" })
        #expect(mesh.cluster.machines[0].statistics.peers.map(\.state) == [.up, .unreachable])
        mesh.cluster.heal(from: 0, to: 2)
        mesh.cluster.heal(from: 2, to: 0)
        mesh.run(for: .seconds(2))
        #expect(mesh.rostersAgree)
        #expect(mesh.cluster.machines[0].statistics.peers.map(\.state) == [.up, .up])
        #expect(mesh.lines(of: alice, "QUIT").isEmpty)
    }

    @Test func theLastWordsOfADeadNodeThatReachedOneReachAll() {
        var (mesh, _, bob, carol) = Self.den()
        mesh.cluster.loseStream(from: 1, to: 2, true)
        mesh.say("remember me", from: bob, to: "#den")
        mesh.run(for: .milliseconds(5))
        mesh.cluster.isolate(1, true)
        mesh.run(for: .seconds(5))
        #expect(mesh.heard(by: carol) == ["remember me"])
        let pair = mesh.cluster.machines
        #expect(pair[0].applied[pair[1].settings.node] == pair[2].applied[pair[1].settings.node])
    }
}
