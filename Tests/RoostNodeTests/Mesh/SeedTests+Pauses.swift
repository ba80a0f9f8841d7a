// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What seeds of the simulator found of nodes that stood still, and of clients that left them meanwhile.

import RoostModel
import RoostNode
import RoostRoster
import RoostSim
import Testing

extension SeedTests {
    /// alice waited for her claim at a when a stood still, and eve came then; both left. a woke, welcomed them, which all in
    /// the lobby saw, and saw them off.
    @Test func whoLeftUnwelcomedWhileANodeStoodStillWasNeverThere() {
        var settings = SimulatedCluster.settings(of: ["a", "b"])
        for index in settings.indices { settings[index].lobby = ChannelName("#lobby") }
        var mesh = MeshUnderTest(settings)
        let bob = mesh.user("bob", at: 1)
        let alice = mesh.cluster.connect(to: 0, host: "192.0.2.9")
        for line in ["NICK alice", "USER alice 0 * :alice"] { mesh.cluster.send(line, from: alice) }
        mesh.cluster.pause(0)
        let eve = mesh.user("eve", at: 0)
        mesh.run(for: .seconds(3))
        for client in [alice, eve] { mesh.cluster.drop(client, reason: "Connection reset by peer") }
        mesh.cluster.resume(0)
        mesh.run(for: .seconds(3))
        #expect(mesh.lines(of: bob, "JOIN") == ["bob JOIN #lobby"])
        #expect(mesh.lines(of: bob, "QUIT").isEmpty)
        #expect(mesh.rostersAgree)
    }

    /// dave lost b, and waited at a for the verdict on it when a stood still; he left and was taken over by c. a woke, found
    /// that b was down, and took him over too, for it had not heard of c yet.
    @Test func whoLeftBeforeAPausedNodeWokeUpIsNotTakenOverByIt() {
        var mesh = MeshUnderTest(["a", "b", "c"])
        let (carol, dave) = (mesh.user("carol", at: 2), mesh.user("dave", at: 1))
        for client in [carol, dave] { mesh.cluster.send("JOIN #den", from: client) }
        mesh.run(for: .seconds(1))
        mesh.cluster.kill(1)
        let first = mesh.cluster.connect(to: 0, host: "192.0.2.2")
        for line in ["NICK dave", "USER dave 0 * :dave"] { mesh.cluster.send(line, from: first) }
        mesh.cluster.pause(0)
        mesh.run(for: .seconds(1))
        mesh.cluster.isolate(2, true)
        mesh.run(for: .seconds(2))
        mesh.cluster.drop(first, reason: "Connection reset by peer")
        let second = mesh.user("dave", at: 2, host: "192.0.2.2")
        mesh.cluster.resume(0)
        mesh.run(for: .seconds(3))
        mesh.cluster.isolate(2, false)
        mesh.run(for: .seconds(3))
        #expect(mesh.notes(of: 0).allSatisfy { if case .takenOver = $0 { false } else { true } })
        #expect(mesh.cluster.isOpen(second))
        #expect(mesh.lines(of: second, "JOIN") == ["dave JOIN #den"])
        #expect(mesh.lines(of: carol, "QUIT").isEmpty)
    }

    /// alice left a, which stood still, and went on at c. When a woke, c was out of its reach: a saw her off to bob.
    @Test func whoLeftAPausedNodeIsSeenOffOnceAllHaveBeenHeardThatMayHaveIt() {
        var mesh = MeshUnderTest(["a", "b", "c"])
        let bob = mesh.user("bob", at: 1)
        let alice = mesh.user("alice", at: 0)
        let adam = mesh.user("adam", at: 0)
        for client in [bob, alice, adam] { mesh.cluster.send("JOIN #den", from: client) }
        mesh.run(for: .seconds(1))
        mesh.cluster.pause(0)
        mesh.cluster.isolate(2, true)
        mesh.run(for: .seconds(4))
        for client in [alice, adam] { mesh.cluster.drop(client, reason: "Connection reset by peer") }
        let again = mesh.user("alice", at: 2, host: "192.0.2.1")
        mesh.cluster.resume(0)
        mesh.run(for: .seconds(10))
        #expect(mesh.lines(of: bob, "QUIT").isEmpty)
        mesh.cluster.isolate(2, false)
        mesh.run(for: .seconds(8))
        #expect(mesh.lines(of: bob, "QUIT") == ["adam QUIT Connection reset by peer"])
        #expect(mesh.cluster.isOpen(again))
        #expect(mesh.rostersAgree)
    }

    /// alice left a, which stood still, and came back to it before it had seen her off: her nick was taken by herself.
    @Test func whoComesBackToTheNodeThatItLeftWhenThatStoodStillMayHaveItsNick() {
        var mesh = MeshUnderTest(["a", "b", "c"])
        let (alice, bob) = (mesh.user("alice", at: 0), mesh.user("bob", at: 1))
        for client in [alice, bob] { mesh.cluster.send("JOIN #den", from: client) }
        mesh.run(for: .seconds(1))
        mesh.cluster.pause(0)
        mesh.cluster.isolate(2, true)
        mesh.run(for: .seconds(4))
        mesh.cluster.drop(alice, reason: "Connection reset by peer")
        mesh.cluster.resume(0)
        mesh.run(for: .seconds(2))
        #expect(mesh.lines(of: bob, "QUIT").isEmpty)
        let again = mesh.user("alice", at: 0)
        #expect(mesh.lines(of: again, "433").isEmpty)
        #expect(mesh.lines(of: again, "001").count == 1)
        #expect(mesh.lines(of: bob, "QUIT") == ["alice QUIT Connection reset by peer"])
        mesh.cluster.isolate(2, false)
        mesh.run(for: .seconds(8))
        #expect(mesh.rostersAgree)
    }

    /// dave lost b and came to a, which stood still twice; before it woke the second time he had left and been taken over by
    /// c. a took the second time for the first, after which it had waited long enough, took him over and saw him off.
    @Test func aSecondPauseIsNoticedWhileANodeCatchesUpWithTheFirst() {
        var mesh = MeshUnderTest(["a", "b", "c"])
        let (adam, carol, dave) = (mesh.user("adam", at: 0), mesh.user("carol", at: 2), mesh.user("dave", at: 1))
        for client in [adam, carol, dave] { mesh.cluster.send("JOIN #den", from: client) }
        mesh.run(for: .seconds(1))
        mesh.cluster.pause(0)
        mesh.cluster.kill(1)
        mesh.run(for: .seconds(2))
        let first = mesh.user("dave", at: 0, host: "192.0.2.2")
        mesh.cluster.isolate(2, true)
        mesh.cluster.resume(0)
        mesh.run(for: .milliseconds(500))
        mesh.cluster.pause(0)
        mesh.cluster.send("PING wake", from: adam)
        mesh.run(for: .seconds(3))
        mesh.cluster.drop(first, reason: "Connection reset by peer")
        let again = mesh.user("dave", at: 2, host: "192.0.2.2")
        mesh.cluster.resume(0)
        mesh.run(for: .milliseconds(100))
        mesh.cluster.isolate(2, false)
        mesh.run(for: .seconds(3))
        #expect(mesh.lines(of: first, "001").isEmpty)
        #expect(mesh.notes(of: 0).allSatisfy { if case .takenOver = $0 { false } else { true } })
        #expect(mesh.lines(of: adam, "QUIT").isEmpty)
        #expect(mesh.cluster.isOpen(again))
    }

    /// alice left a while it stood still; it woke, handed out what had been said to her, and said that it had.
    @Test func whatIsHandedToWhoLeftWhileTheNodeStoodStillIsNotReportedDelivered() {
        var mesh = MeshUnderTest(["a", "b"])
        let (alice, bob) = (mesh.user("alice", at: 0), mesh.user("bob", at: 1))
        for client in [alice, bob] { mesh.cluster.send("JOIN #den", from: client) }
        mesh.run(for: .seconds(1))
        mesh.cluster.pause(0)
        mesh.say("are you there?", from: bob, to: "#den")
        mesh.run(for: .seconds(1))
        mesh.cluster.drop(alice, reason: "Connection reset by peer")
        mesh.cluster.cut(from: 1, to: 0)
        mesh.run(for: .seconds(1))
        mesh.cluster.resume(0)
        mesh.run(for: .milliseconds(500))
        mesh.cluster.kill(0)
        mesh.run(for: .seconds(4))
        let again = mesh.user("alice", at: 1, host: "192.0.2.1")
        #expect(mesh.heard(by: again) == ["are you there?"])
        #expect(mesh.lines(of: bob, "QUIT").isEmpty)
    }

    /// a had greeted b before it stood still, and took b's answer, which waited for it, for the latest news.
    @Test func anAnswerFromBeforeAPauseIsNoNews() {
        var mesh = MeshUnderTest(["a", "b"])
        let (adam, alice) = (mesh.user("adam", at: 0), mesh.user("alice", at: 0))
        for client in [adam, alice] { mesh.cluster.send("JOIN #den", from: client) }
        mesh.run(for: .seconds(1))
        mesh.cluster.cut(from: 1, to: 0)
        mesh.run(for: .milliseconds(1_300))
        mesh.cluster.pause(0)
        mesh.cluster.heal(from: 1, to: 0)
        mesh.run(for: .milliseconds(10))
        mesh.cluster.isolate(1, true)
        mesh.run(for: .seconds(4))
        mesh.cluster.drop(alice, reason: "Connection reset by peer")
        let again = mesh.user("alice", at: 1, host: "192.0.2.1")
        mesh.cluster.resume(0)
        mesh.run(for: .milliseconds(100))
        mesh.cluster.isolate(1, false)
        mesh.run(for: .seconds(3))
        #expect(mesh.lines(of: adam, "QUIT").isEmpty)
        #expect(mesh.cluster.isOpen(again))
        #expect(mesh.rostersAgree)
    }

    /// alice left a, which stood still, and went on at b, which had come up again just before: a woke, took b for gone, as
    /// it had been, and saw her off.
    @Test func whoLeftAPausedNodeForOneThatHasJustComeUpIsNotSeenOff() {
        var mesh = MeshUnderTest(["a", "b"])
        let (alice, adam) = (mesh.user("alice", at: 0), mesh.user("adam", at: 0))
        for client in [alice, adam] { mesh.cluster.send("JOIN #den", from: client) }
        mesh.run(for: .seconds(1))
        mesh.cluster.kill(1)
        mesh.run(for: .seconds(1))
        mesh.cluster.overflow(from: 1, to: 0, for: .milliseconds(100))
        mesh.cluster.restart(1)
        mesh.run(for: .milliseconds(20))
        mesh.cluster.pause(0)
        mesh.cluster.send("PING wake", from: adam)
        mesh.run(for: .seconds(4))
        mesh.cluster.drop(alice, reason: "Connection reset by peer")
        let again = mesh.user("alice", at: 1, host: "192.0.2.1")
        mesh.cluster.resume(0)
        mesh.run(for: .seconds(3))
        #expect(mesh.lines(of: adam, "QUIT").isEmpty)
        #expect(mesh.lines(of: again, "JOIN") == ["alice JOIN #den"])
        #expect(mesh.rostersAgree)
    }

    /// b stood still as soon as it had started, and took for silence of all others that nobody had answered meanwhile: it
    /// served alone, with bob, who had gone to a.
    @Test func aNodeThatStoodStillWhileItStartedWaitsForTheOthersFromThenOn() {
        var mesh = MeshUnderTest(["a", "b"])
        let alice = mesh.user("alice", at: 0)
        mesh.cluster.send("JOIN #den", from: alice)
        mesh.cluster.kill(1)
        mesh.run(for: .seconds(1))
        mesh.cluster.restart(1)
        mesh.cluster.pause(1)
        mesh.run(for: .seconds(1))
        let bob = mesh.cluster.connect(to: 1, host: "192.0.2.2")
        for line in ["NICK bob", "USER bob 0 * :bob", "JOIN #den"] { mesh.cluster.send(line, from: bob) }
        mesh.run(for: .seconds(3))
        let again = mesh.user("bob", at: 0, host: "192.0.2.2")
        mesh.cluster.send("JOIN #den", from: again)
        mesh.run(for: .seconds(1))
        mesh.cluster.drop(bob, reason: "Connection reset by peer")
        mesh.cluster.resume(1)
        mesh.run(for: .seconds(5))
        #expect(mesh.notes(of: 1).contains(.serving(peers: 1)))
        #expect(mesh.lines(of: alice, "QUIT") == [])
        #expect(mesh.rostersAgree)
    }

    /// bob left b, which stood still, for c, which left before he was told what was said then; and when he came back to b,
    /// b took what it had given to his old connection for what c had been to hand to him.
    @Test func whatWasGivenToWhoHadLeftAPausedNodeIsHandedToItWhenItComesBack() {
        var mesh = MeshUnderTest(["a", "b", "c"])
        let (alice, bob) = (mesh.user("alice", at: 0), mesh.user("bob", at: 1))
        for client in [alice, bob] { mesh.cluster.send("JOIN #den", from: client) }
        mesh.run(for: .seconds(1))
        mesh.cluster.pause(1)
        mesh.run(for: .milliseconds(3_500))
        mesh.cluster.drop(bob, reason: "Ping timeout")
        let second = mesh.user("bob", at: 2, host: "192.0.2.2")
        mesh.cluster.kill(2)
        mesh.run(for: .milliseconds(100))
        mesh.say("hello", from: alice, to: "#den")
        mesh.run(for: .seconds(1))
        mesh.cluster.resume(1)
        mesh.run(for: .seconds(2))
        let third = mesh.user("bob", at: 1, host: "192.0.2.2")
        mesh.run(for: .seconds(1))
        #expect(mesh.lines(of: second, "JOIN") == ["bob JOIN #den"])
        #expect(mesh.heard(by: second) == [])
        #expect(mesh.heard(by: third) == ["hello"])
    }
}
