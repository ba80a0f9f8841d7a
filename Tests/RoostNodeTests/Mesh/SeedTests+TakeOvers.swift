// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What seeds of the simulator found of users whom two nodes took over.

import RoostModel
import RoostNode
import RoostRoster
import RoostSim
import Testing

extension SeedTests {
    /// alice was taken over by b, whose clock was ahead and which died at once, then by c: b's word, which came late, took
    /// her from c.
    @Test func aTakeOverThatComesLateTakesNobodyFromWhereItIs() {
        var mesh = MeshUnderTest(["a", "b", "c"])
        mesh.cluster.setClock(of: 1, offset: 3_000)
        let (alice, carol) = (mesh.user("alice", at: 0), mesh.user("carol", at: 2))
        for client in [alice, carol] { mesh.cluster.send("JOIN #den", from: client) }
        mesh.run(for: .seconds(1))
        mesh.cluster.kill(0)
        mesh.run(for: .seconds(1))
        mesh.cluster.cut(from: 1, to: 2)
        _ = mesh.user("bob", at: 1)
        _ = mesh.user("alice", at: 1, host: "192.0.2.1")
        mesh.cluster.kill(1)
        let again = mesh.user("alice", at: 2, host: "192.0.2.1")
        mesh.cluster.send("JOIN #attic", from: again)
        mesh.run(for: .milliseconds(100))
        mesh.cluster.heal(from: 1, to: 2)
        mesh.run(for: .seconds(2))
        #expect(mesh.cluster.isOpen(again))
        #expect(mesh.lines(of: carol, "QUIT").isEmpty)
        let user = mesh.cluster.machines[2].roster.user(named: Nick("alice"))
        #expect(user?.node.name == "c")
        #expect(user?.channels.count == 2)
    }

    /// alice was taken over by b and by c, which did not hear each other, and is connected to both: one of them keeps her.
    @Test func ofTwoTakeOversOneStands() {
        var mesh = MeshUnderTest(["a", "b", "c"])
        let alice = mesh.user("alice", at: 0)
        mesh.cluster.send("JOIN #den", from: alice)
        mesh.run(for: .seconds(1))
        mesh.cluster.kill(0)
        mesh.run(for: .seconds(1))
        mesh.cluster.isolate(1, true)
        let first = mesh.user("alice", at: 1, host: "192.0.2.1")
        let second = mesh.user("alice", at: 2, host: "192.0.2.1")
        mesh.cluster.isolate(1, false)
        mesh.run(for: .seconds(4))
        #expect(!mesh.cluster.isOpen(first))
        #expect(mesh.cluster.isOpen(second))
        #expect(mesh.cluster.machines[1].roster.digest == mesh.cluster.machines[2].roster.digest)
        #expect(mesh.cluster.machines[1].roster.user(named: Nick("alice"))?.node.name == "c")
    }

    /// alice was taken over by d and, when that had died, by a, of which c heard neither; she left a, which stood still, and
    /// was taken over by c. a woke and saw her off for all, for its session was the higher.
    @Test func whoLeftAPausedNodeForOneThatDidNotKnowOfItsSessionIsNotSeenOff() {
        var mesh = MeshUnderTest(["a", "b", "c", "d"])
        let (adam, carol, alice) = (mesh.user("adam", at: 0), mesh.user("carol", at: 2), mesh.user("alice", at: 1))
        for client in [adam, carol, alice] { mesh.cluster.send("JOIN #den", from: client) }
        mesh.run(for: .seconds(1))
        mesh.cluster.kill(1)
        mesh.run(for: .seconds(1))
        mesh.cluster.isolate(2, true)
        _ = mesh.user("alice", at: 3, host: "192.0.2.2")
        mesh.cluster.kill(3)
        mesh.run(for: .seconds(1))
        let first = mesh.user("alice", at: 0, host: "192.0.2.2")
        mesh.cluster.pause(0)
        mesh.run(for: .seconds(4))
        mesh.cluster.drop(first, reason: "Connection reset by peer")
        let again = mesh.user("alice", at: 2, host: "192.0.2.2")
        mesh.cluster.isolate(2, false)
        mesh.cluster.resume(0)
        mesh.run(for: .seconds(8))
        #expect(mesh.lines(of: adam, "QUIT").isEmpty)
        #expect(mesh.lines(of: carol, "QUIT").isEmpty)
        #expect(mesh.cluster.isOpen(again))
        #expect(mesh.cluster.machines[0].roster.digest == mesh.cluster.machines[2].roster.digest)
    }
    /// b reported that it had handed bob what was kept for him before c had heard that it had taken him over; then b died.
    @Test func whatANodeReportedHandedBeforeItsTakeOverWasHeardIsNotHandedAgain() {
        var mesh = MeshUnderTest(["a", "b", "c", "d"])
        _ = mesh.user("bob", at: 0)
        let alice = mesh.user("alice", at: 2)
        mesh.cluster.kill(0)
        mesh.run(for: .seconds(1))
        mesh.say("hello", from: alice, to: "bob")
        mesh.run(for: .milliseconds(100))
        mesh.cluster.overflow(from: 1, to: 2, for: .milliseconds(3))
        let second = mesh.cluster.connect(to: 1, host: "192.0.2.1")
        for line in ["NICK bob", "USER bob 0 * :bob"] { mesh.cluster.send(line, from: second) }
        mesh.run(for: .milliseconds(40))
        mesh.cluster.kill(1)
        mesh.run(for: .seconds(1))
        let third = mesh.user("bob", at: 2, host: "192.0.2.1")
        #expect(mesh.heard(by: second) == ["hello"])
        #expect(mesh.lines(of: third, "001").count == 1)
        #expect(mesh.heard(by: third).isEmpty)
    }

    /// c handed bob what alice had said at b, reported it and died; bob came to a, which heard what alice had said then.
    @Test func whatTheFormerNodeReportedDeliveredIsNotDeliveredWhenItComesLater() {
        var mesh = MeshUnderTest(["a", "b", "c"])
        let (alice, bob) = (mesh.user("alice", at: 1), mesh.user("bob", at: 2))
        for client in [alice, bob] { mesh.cluster.send("JOIN #den", from: client) }
        mesh.run(for: .seconds(1))
        for (from, to) in [(0, 1), (1, 0), (0, 2)] { mesh.cluster.cut(from: from, to: to) }
        mesh.say("to all", from: alice, to: "#den")
        mesh.say("to you", from: alice, to: "bob")
        mesh.run(for: .milliseconds(20))
        mesh.cluster.kill(2)
        mesh.cluster.heal(from: 0, to: 2)
        mesh.run(for: .milliseconds(100))
        let again = mesh.user("bob", at: 0, host: "192.0.2.3")
        for (from, to) in [(0, 1), (1, 0)] { mesh.cluster.heal(from: from, to: to) }
        mesh.run(for: .seconds(1))
        mesh.say("welcome back", from: alice, to: "#den")
        mesh.run(for: .milliseconds(100))
        #expect(mesh.heard(by: bob) == ["to all", "to you"])
        #expect(mesh.heard(by: again) == ["welcome back"])
    }

    /// c handed bob what alice had said, reported it, died and lived anew; a, which was cut off, heard of that life before
    /// the report, and handed it to bob again.
    @Test func whatANodeReportedDeliveredInAFormerLifeIsNotHandedAgain() {
        var mesh = MeshUnderTest(["a", "b", "c"])
        let (alice, bob) = (mesh.user("alice", at: 1), mesh.user("bob", at: 2))
        for client in [alice, bob] { mesh.cluster.send("JOIN #den", from: client) }
        mesh.run(for: .seconds(1))
        mesh.cluster.cut(from: 2, to: 0)
        mesh.say("hello", from: alice, to: "#den")
        mesh.run(for: .milliseconds(100))
        mesh.cluster.kill(2)
        mesh.cluster.restart(2)
        mesh.run(for: .seconds(1))
        mesh.cluster.heal(from: 2, to: 0)
        mesh.run(for: .milliseconds(100))
        let again = mesh.user("bob", at: 0, host: "192.0.2.3")
        #expect(mesh.heard(by: bob) == ["hello"])
        #expect(mesh.lines(of: again, "JOIN") == ["bob JOIN #den"])
        #expect(mesh.heard(by: again).isEmpty)
    }

    /// The same of bob, who had come to c while a was cut off: a heard the report before it heard of him.
    @Test func whatANodeReportedDeliveredToSomebodyUnheardOfIsNotHandedAgain() {
        var mesh = MeshUnderTest(["a", "b", "c"])
        let alice = mesh.user("alice", at: 1)
        mesh.cluster.send("JOIN #den", from: alice)
        mesh.run(for: .seconds(1))
        for (from, to) in [(1, 0), (2, 0), (0, 1)] { mesh.cluster.cut(from: from, to: to) }
        let bob = mesh.user("bob", at: 2)
        mesh.cluster.send("JOIN #den", from: bob)
        mesh.run(for: .milliseconds(100))
        mesh.say("hello", from: alice, to: "#den")
        mesh.run(for: .milliseconds(100))
        mesh.cluster.kill(2)
        mesh.cluster.restart(2)
        mesh.run(for: .milliseconds(500))
        for (from, to) in [(1, 0), (2, 0), (0, 1)] {
            mesh.cluster.heal(from: from, to: to)
            mesh.run(for: .milliseconds(150))
        }
        mesh.run(for: .seconds(1))
        let again = mesh.user("bob", at: 0, host: "192.0.2.3")
        #expect(mesh.heard(by: bob) == ["hello"])
        #expect(mesh.lines(of: again, "JOIN") == ["bob JOIN #den"])
        #expect(mesh.heard(by: again).isEmpty)
    }

    /// bob got a message at b, went on at c, which never heard of it, and then at a: a handed it to him, as c had not
    /// reported it delivered.
    @Test func whatSomebodyGotAtTheNodeBeforeLastIsNotHandedOverThoughTheLastNeverHeardOfIt() {
        var mesh = MeshUnderTest(["a", "b", "c"])
        let (alice, bob) = (mesh.user("alice", at: 0), mesh.user("bob", at: 1))
        for client in [alice, bob] { mesh.cluster.send("JOIN #den", from: client) }
        mesh.run(for: .seconds(1))
        mesh.cluster.cut(from: 0, to: 2)
        mesh.say("hello", from: alice, to: "#den")
        mesh.run(for: .milliseconds(300))
        mesh.cluster.kill(1)
        mesh.run(for: .milliseconds(500))
        let second = mesh.user("bob", at: 2, host: "192.0.2.2")
        mesh.run(for: .milliseconds(200))
        mesh.cluster.kill(2)
        mesh.run(for: .seconds(5))
        let third = mesh.user("bob", at: 0, host: "192.0.2.2")
        #expect(mesh.heard(by: bob) == ["hello"])
        #expect(mesh.lines(of: second, "JOIN") == ["bob JOIN #den"])
        #expect(mesh.lines(of: third, "JOIN") == ["bob JOIN #den"])
        #expect(mesh.heard(by: third) == [])
    }

    /// c took bob over and died, and d heard of both in the wrong order: it kept nothing of what was said in #den, as
    /// nobody at c had been there when it died (seed 400876).
    @Test func whatIsSaidToWhoWasTakenOverByANodeKnownToBeDownIsKept() {
        var mesh = MeshUnderTest(["a", "b", "c", "d"])
        let (alice, bob) = (mesh.user("alice", at: 0), mesh.user("bob", at: 1, host: "192.0.2.2"))
        for client in [alice, bob] { mesh.cluster.send("JOIN #den", from: client) }
        mesh.run(for: .seconds(1))
        mesh.cluster.kill(1)
        mesh.run(for: .milliseconds(500))
        mesh.cluster.overflow(from: 2, to: 3, for: .seconds(1))
        mesh.cluster.overflow(from: 0, to: 3, for: .milliseconds(600))
        let second = mesh.user("bob", at: 2, host: "192.0.2.2")
        mesh.cluster.kill(2)
        mesh.run(for: .seconds(2))
        mesh.say("hello", from: alice, to: "#den")
        mesh.run(for: .seconds(1))
        let third = mesh.user("bob", at: 3, host: "192.0.2.2")
        #expect(mesh.lines(of: second, "JOIN") == ["bob JOIN #den"])
        #expect(mesh.lines(of: third, "JOIN") == ["bob JOIN #den"])
        #expect(mesh.heard(by: third) == ["hello"])
    }

    /// c kept, from a's snapshot, what alice and adam had said before bob came to b, whose reports c never heard: when b
    /// died, c handed it to bob, as b had not reported it delivered.
    @Test func whatWasSaidBeforeAUserCameIsNotHandedToIt() {
        var mesh = MeshUnderTest(["a", "b", "c"])
        let (alice, adam, carol) = (mesh.user("alice", at: 0), mesh.user("adam", at: 1), mesh.user("carol", at: 2))
        for client in [alice, adam, carol] { mesh.cluster.send("JOIN #den", from: client) }
        mesh.run(for: .seconds(1))
        mesh.cluster.kill(2)
        mesh.run(for: .seconds(1))
        mesh.say("one", from: alice, to: "#den")
        mesh.run(for: .seconds(12))
        mesh.say("two", from: adam, to: "#den")
        let bob = mesh.user("bob", at: 1, host: "192.0.2.7")
        mesh.cluster.send("JOIN #den", from: bob)
        mesh.cluster.cut(from: 1, to: 2)
        mesh.cluster.restart(2)
        mesh.run(for: .seconds(3))
        mesh.say("three", from: alice, to: "#den")
        mesh.cluster.kill(1)
        mesh.say("four", from: alice, to: "#den")
        mesh.run(for: .seconds(5))
        let again = mesh.user("bob", at: 2, host: "192.0.2.7")
        #expect(mesh.lines(of: again, "JOIN") == ["bob JOIN #den"])
        #expect(mesh.heard(by: again) == ["three", "four"])
    }

    /// b left when c had not heard bob's last message, and c, where bob went on, showed him once more that it was accepted.
    @Test func whoSawItsMessageAcceptedAtItsFormerNodeDoesNotSeeItAgain() {
        var mesh = MeshUnderTest(["a", "b", "c"])
        let bob = mesh.user("bob", at: 1, capabilities: "echo-message")
        mesh.cluster.send("JOIN #den", from: bob)
        mesh.run(for: .seconds(1))
        mesh.cluster.overflow(from: 1, to: 2, for: .milliseconds(50))
        mesh.cluster.cut(from: 0, to: 2)
        mesh.say("hello", from: bob, to: "#den")
        mesh.run(for: .milliseconds(100))
        mesh.cluster.kill(1)
        let again = mesh.user("bob", at: 2, host: "192.0.2.2", capabilities: "echo-message")
        mesh.cluster.heal(from: 0, to: 2)
        mesh.run(for: .seconds(3))
        #expect(mesh.heard(by: bob) == ["hello"])
        #expect(mesh.heard(by: again) == [])
        let (a, c) = (mesh.cluster.machines[0], mesh.cluster.machines[2])
        #expect(a.applied == c.applied)
        #expect(a.roster.digest == c.roster.digest)
    }
}
