// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What seeds of the simulator found, each as the shortest story that shows it.

import RoostIRC
import RoostModel
import RoostNode
import RoostRoster
import RoostSim
import RoostWire
import Testing

struct SeedTests {
    /// a heard of b's new life, and then, in what was left of the old one, that b was leaving: it gave the new life up.
    @Test func theGoodbyeOfAnEarlierLifeDoesNotEndTheNextOne() {
        var mesh = MeshUnderTest(["a", "b", "c"])
        _ = mesh.user("carol", at: 2)
        mesh.cluster.isolate(0, true)
        mesh.run(for: .seconds(4))
        mesh.cluster.shutDown(1, reason: "Maintenance")
        mesh.run(for: .seconds(1))
        mesh.cluster.restart(1)
        mesh.run(for: .seconds(1))
        mesh.cluster.isolate(0, false)
        mesh.run(for: .seconds(8))
        #expect(mesh.cluster.machines[0].statistics.peers.map(\.state) == [.up, .up])
        #expect(mesh.rostersAgree)
    }

    /// c lived for a second while a was cut off; a knew of that life from b, waited for c's answer, and never asked b.
    @Test func aLifeThatBeganAndEndedUnheardIsLearntFromOthers() {
        var mesh = MeshUnderTest(["a", "b", "c"])
        _ = mesh.user("carol", at: 2)
        mesh.run(for: .seconds(1))
        mesh.cluster.isolate(0, true)
        mesh.run(for: .seconds(1))
        mesh.cluster.kill(2)
        mesh.run(for: .milliseconds(200))
        mesh.cluster.restart(2)
        mesh.run(for: .seconds(2))
        _ = mesh.user("dave", at: 2)
        mesh.cluster.kill(2)
        mesh.run(for: .seconds(1))
        mesh.cluster.isolate(0, false)
        mesh.run(for: .seconds(3))
        let (a, b) = (mesh.cluster.machines[0], mesh.cluster.machines[1])
        #expect(b.roster.user(named: Nick("dave")) != nil)
        #expect(a.applied == b.applied)
        #expect(a.roster.digest == b.roster.digest)
    }

    /// The same, but c said nothing in that life: a never knew that there had been one, and no vector was like b's.
    @Test func aLifeThatSaidNothingIsLearntFromOthersToo() throws {
        var mesh = MeshUnderTest(["a", "b", "c"])
        _ = mesh.user("carol", at: 2)
        mesh.run(for: .seconds(1))
        mesh.cluster.isolate(0, true)
        mesh.run(for: .seconds(1))
        mesh.cluster.kill(2)
        mesh.run(for: .milliseconds(200))
        mesh.cluster.restart(2)
        mesh.run(for: .seconds(4))
        mesh.cluster.kill(2)
        mesh.run(for: .seconds(1))
        mesh.cluster.isolate(0, false)
        mesh.run(for: .seconds(3))
        let (a, b) = (mesh.cluster.machines[0], mesh.cluster.machines[1])
        #expect(b.applied[try #require(NodeID("c"))]?.sequence == 0)
        #expect(a.applied == b.applied)
        #expect(a.roster.digest == b.roster.digest)
    }

    /// c lived anew when it was heard again, and what the others had subscribed to was still its former life: they answered
    /// each other, and did not take note that it had begun.
    @Test func aLifeThatSaysNothingIsLearntFromItsAnswer() throws {
        var mesh = MeshUnderTest(["a", "b", "c"])
        _ = mesh.user("carol", at: 2)
        mesh.cluster.isolate(2, true)
        mesh.cluster.kill(2)
        mesh.run(for: .milliseconds(200))
        mesh.cluster.restart(2)
        mesh.cluster.isolate(2, false)
        mesh.run(for: .seconds(3))
        let c = mesh.cluster.machines[2].settings
        #expect(mesh.cluster.machines[0].applied[c.node] == Vector.Position(epoch: c.epoch, sequence: 0))
        #expect(mesh.rostersAgree)
    }

    /// c started anew while it was cut off, and served alone; the others took its snapshot, which passed over what its
    /// users had said.
    @Test func whatANodeSaidAloneInANewLifeReachesAllWhenTheyMeet() {
        var mesh = MeshUnderTest(["a", "b", "c"])
        let alice = mesh.user("alice", at: 0)
        mesh.cluster.send("JOIN #den", from: alice)
        mesh.run(for: .seconds(1))
        mesh.cluster.isolate(2, true)
        mesh.cluster.kill(2)
        mesh.run(for: .milliseconds(200))
        mesh.cluster.restart(2)
        mesh.run(for: .seconds(2))
        let carol = mesh.user("carol", at: 2)
        mesh.cluster.send("JOIN #den", from: carol)
        mesh.say("alone", from: carol, to: "#den")
        mesh.cluster.isolate(2, false)
        mesh.run(for: .seconds(8))
        #expect(mesh.heard(by: alice) == ["alone"])
        #expect(mesh.rostersAgree)
    }

    /// A message to a user who was held was let go when its sender quit.
    @Test func whatWasSaidToAHeldUserReachesItThoughItsSenderHasLeft() {
        var mesh = MeshUnderTest(["a", "b", "c"])
        let (alice, bob) = (mesh.user("alice", at: 0), mesh.user("bob", at: 1))
        for client in [alice, bob] { mesh.cluster.send("JOIN #den", from: client) }
        mesh.run(for: .seconds(1))
        mesh.cluster.kill(1)
        mesh.run(for: .seconds(1))
        mesh.say("to all", from: alice, to: "#den")
        mesh.say("to you", from: alice, to: "bob")
        mesh.cluster.send("QUIT", from: alice)
        mesh.run(for: .seconds(1))
        let again = mesh.user("bob", at: 2, host: "192.0.2.2")
        #expect(mesh.heard(by: again) == ["to all", "to you"])
        #expect(mesh.lines(of: again).last { $0.command == "PRIVMSG" }?.source == "alice!alice@192.0.2.1")
    }

    /// b learnt by one snapshot that its alice had lost her nick to a's and was kicked: the channel saw a stranger part.
    @Test func whoLosesItsNickAndItsPlaceAtOncePartsAsWhomItsChannelKnew() throws {
        var settings = SimulatedCluster.settings(of: ["a", "b"])
        settings[0].seeds = [settings[1].address.mesh]
        var mesh = MeshUnderTest(settings)
        mesh.cluster.isolate(1, true)
        let first = mesh.user("alice", at: 0)
        let second = mesh.user("alice", at: 1)
        for client in [first, second] { mesh.cluster.send("JOIN #den", from: client) }
        mesh.cluster.isolate(1, false)
        mesh.cluster.loseStream(from: 0, to: 1, true)
        mesh.run(for: .seconds(3))
        let loser = try #require(mesh.cluster.machines[0].roster.users.values.first { $0.node.name == "b" })
        mesh.cluster.send("KICK #den \(loser.nick)", from: first)
        mesh.run(for: .milliseconds(100))
        mesh.cluster.loseStream(from: 0, to: 1, false)
        mesh.run(for: .seconds(3))
        #expect(mesh.lines(of: second, "PART") == ["alice PART #den"])
        #expect(mesh.lines(of: second, "NICK") == ["alice NICK \(loser.nick)"])
        #expect(mesh.rostersAgree)
    }

    /// b was given up while it was cut off, came back, and died: its users were held from the first time on.
    @Test func aNodeThatDiesAfterItWasGivenUpInErrorHasItsUsersHeldFromItsDeathOn() throws {
        var mesh = MeshUnderTest(["a", "b"])
        _ = mesh.user("bob", at: 1)
        mesh.cluster.isolate(1, true)
        mesh.run(for: .seconds(4))
        mesh.cluster.isolate(1, false)
        mesh.run(for: .seconds(2))
        mesh.cluster.kill(1)
        let death = mesh.cluster.now.wall
        mesh.run(for: .seconds(1))
        let node = mesh.cluster.machines[0]
        let bob = try #require(node.roster.user(named: Nick("bob")))
        let until = try #require(node.roster.heldUntil(of: bob.life))
        #expect(until.milliseconds >= death.milliseconds + 90_000)
    }

    /// a died when b, which was the only other, was about to join: b held a's users from when a had been given up in error.
    @Test func aNodeThatSawAnotherDieBeforeItJoinedHoldsItsUsersFromThenOn() throws {
        var mesh = MeshUnderTest(["a", "b"])
        _ = mesh.user("adam", at: 0)
        mesh.run(for: .seconds(1))
        mesh.cluster.isolate(0, true)
        mesh.run(for: .seconds(4))
        mesh.cluster.isolate(0, false)
        mesh.run(for: .seconds(2))
        mesh.cluster.kill(1)
        mesh.cluster.restart(1)
        mesh.run(for: .milliseconds(60))
        #expect(!mesh.cluster.machines[1].isServing)
        mesh.cluster.kill(0)
        let death = mesh.cluster.now.wall
        mesh.run(for: .seconds(5))
        let node = mesh.cluster.machines[1]
        let adam = try #require(node.roster.user(named: Nick("adam")))
        let until = try #require(node.roster.heldUntil(of: adam.life))
        #expect(until.milliseconds >= death.milliseconds + 90_000)
        #expect(until.milliseconds <= death.milliseconds + 91_000)
    }

    /// b came back in a new life long after its death, and whom it had lost was held anew from then on.
    @Test func aNodeThatReturnsInANewLifeProlongsNoHold() throws {
        var mesh = MeshUnderTest(["a", "b"])
        _ = mesh.user("bob", at: 1)
        mesh.cluster.kill(1)
        mesh.run(for: .seconds(30))
        let bob = try #require(mesh.cluster.machines[0].roster.user(named: Nick("bob")))
        let until = mesh.cluster.machines[0].roster.heldUntil(of: bob.life)
        mesh.cluster.restart(1)
        mesh.run(for: .seconds(5))
        #expect(mesh.cluster.machines[0].roster.heldUntil(of: bob.life) == until)
        #expect(mesh.rostersAgree)
    }

    /// b restarted so fast that a did not know yet that its former life was over, when it gave b a snapshot: what was said
    /// since that life ended was passed over by it, and was not among what it brought of kept messages.
    @Test(arguments: Array(stride(from: 0, to: 250, by: 25)))
    func whatWasSaidWhileANodeRestartedReachesWhoReturnsToIt(milliseconds: Int) {
        var mesh = MeshUnderTest(["a", "b"])
        let (alice, bob) = (mesh.user("alice", at: 0), mesh.user("bob", at: 1))
        for client in [alice, bob] { mesh.cluster.send("JOIN #den", from: client) }
        mesh.run(for: .milliseconds(1_000 + milliseconds))
        mesh.cluster.kill(1)
        mesh.cluster.restart(1)
        mesh.say("to all", from: alice, to: "#den")
        mesh.say("to you", from: alice, to: "bob")
        mesh.run(for: .milliseconds(1_500))
        let again = mesh.user("bob", at: 1)
        #expect(mesh.heard(by: again) == ["to all", "to you"])
    }

    /// b stood still when c joined, and was given up later: what had been said to bob before, c had passed over.
    @Test func whatWasSaidBeforeANodeCameReachesWhoTakesRefugeThere() {
        var mesh = MeshUnderTest(["a", "b", "c"])
        let (alice, bob) = (mesh.user("alice", at: 0), mesh.user("bob", at: 1))
        for client in [alice, bob] { mesh.cluster.send("JOIN #den", from: client) }
        mesh.run(for: .seconds(1))
        mesh.cluster.kill(2)
        mesh.cluster.pause(1)
        mesh.say("to all", from: alice, to: "#den")
        mesh.say("to you", from: alice, to: "bob")
        mesh.cluster.restart(2)
        mesh.run(for: .seconds(2))
        mesh.cluster.kill(1)
        mesh.run(for: .seconds(4))
        let again = mesh.user("bob", at: 2, host: "192.0.2.2")
        #expect(mesh.heard(by: again) == ["to all", "to you"])
    }

    /// b restarted while a was cut off from it and from c. When all was well again a heard b first, in its new life, and
    /// never asked c for what the old one had said.
    @Test(arguments: Array(stride(from: 0, to: 250, by: 25)))
    func whatAnEarlierLifeSaidIsAskedOfWhoIsHeardNext(milliseconds: Int) {
        var mesh = MeshUnderTest(["a", "b", "c"])
        let (alice, bob) = (mesh.user("alice", at: 0), mesh.user("bob", at: 1))
        for client in [alice, bob] { mesh.cluster.send("JOIN #den", from: client) }
        mesh.run(for: .seconds(1))
        mesh.cluster.isolate(0, true)
        mesh.run(for: .seconds(6))
        mesh.say("before I go", from: bob, to: "#den")
        mesh.run(for: .milliseconds(100))
        mesh.cluster.kill(1)
        mesh.run(for: .seconds(4))
        mesh.cluster.restart(1)
        mesh.run(for: .seconds(1))
        mesh.cluster.heal(from: 1, to: 0)
        mesh.cluster.heal(from: 0, to: 1)
        mesh.run(for: .milliseconds(milliseconds))
        mesh.cluster.isolate(0, false)
        mesh.run(for: .seconds(8))
        #expect(mesh.heard(by: alice) == ["before I go"])
        #expect(mesh.rostersAgree)
    }

    /// bob went from b to c; a heard nothing of c from then on, and then c died too: a handed bob, once more, what b had
    /// reported delivered and c had not.
    @Test func whatTheNodeBeforeLastDeliveredIsNotHandedOverAgain() {
        var mesh = MeshUnderTest(["a", "b", "c"])
        let (alice, bob) = (mesh.user("alice", at: 0), mesh.user("bob", at: 1))
        for client in [alice, bob] { mesh.cluster.send("JOIN #den", from: client) }
        mesh.run(for: .seconds(1))
        mesh.cluster.overflow(from: 2, to: 0, for: .seconds(3))
        mesh.say("hello", from: alice, to: "#den")
        mesh.run(for: .seconds(1))
        mesh.cluster.kill(1)
        mesh.run(for: .milliseconds(300))
        mesh.say("are you there?", from: alice, to: "#den")
        let second = mesh.user("bob", at: 2, host: "192.0.2.2")
        mesh.run(for: .milliseconds(100))
        mesh.cluster.kill(2)
        mesh.run(for: .seconds(1))
        let third = mesh.user("bob", at: 0, host: "192.0.2.2")
        #expect(mesh.heard(by: bob) == ["hello"])
        #expect(mesh.heard(by: second) == ["are you there?"])
        #expect(mesh.heard(by: third) == ["are you there?"])
    }

    /// a learnt by one snapshot that bob was called robert and was in a channel now, and showed that channel how a stranger
    /// changed his name.
    @Test func whoComesToAChannelUnderANewNickComesAsWhoItIs() {
        var settings = SimulatedCluster.settings(of: ["a", "b"])
        settings[1].limits.replayLogBytes = 1
        var mesh = MeshUnderTest(settings)
        let (alice, bob) = (mesh.user("alice", at: 0), mesh.user("bob", at: 1))
        mesh.cluster.send("JOIN #den", from: alice)
        mesh.run(for: .seconds(1))
        mesh.cluster.isolate(0, true)
        mesh.cluster.send("NICK robert", from: bob)
        mesh.run(for: .seconds(6))
        mesh.cluster.send("JOIN #den", from: bob)
        mesh.run(for: .seconds(6))
        mesh.cluster.isolate(0, false)
        mesh.run(for: .seconds(8))
        #expect(mesh.rostersAgree)
        #expect(mesh.lines(of: alice, "JOIN").last == "robert JOIN #den")
        #expect(mesh.lines(of: alice, "NICK") == [])
    }

    /// bob, whose node was dead, went on at c and was told there what b had kept for him; but c had been cut off, and a
    /// learnt of it when c was dead as well: what a had kept for bob was with nobody any more.
    @Test func whatWasKeptForAUserWhoWasTakenOverByADeadNodeIsKeptOn() {
        var mesh = MeshUnderTest(["a", "b", "c", "d"])
        let (alice, bob) = (mesh.user("alice", at: 0), mesh.user("bob", at: 1))
        _ = mesh.user("carol", at: 2)
        for client in [alice, bob] { mesh.cluster.send("JOIN #den", from: client) }
        mesh.run(for: .seconds(1))
        for (first, second) in [(0, 2), (0, 3)] {
            mesh.cluster.cut(from: first, to: second)
            mesh.cluster.cut(from: second, to: first)
        }
        mesh.cluster.kill(1)
        mesh.run(for: .seconds(5))
        mesh.say("to all", from: alice, to: "#den")
        mesh.say("to you", from: alice, to: "bob")
        _ = mesh.user("bob", at: 2, host: "192.0.2.2")
        mesh.run(for: .seconds(1))
        mesh.cluster.kill(2)
        mesh.run(for: .seconds(5))
        mesh.cluster.heal(from: 0, to: 3)
        mesh.cluster.heal(from: 3, to: 0)
        mesh.run(for: .seconds(5))
        let again = mesh.user("bob", at: 0, host: "192.0.2.2")
        #expect(mesh.heard(by: again) == ["to all", "to you"])
    }

    /// c alone had b's last words, and was cut off when b died and came back: a followed b's new life, after which nothing
    /// of the old one could be applied.
    @Test func theLastWordsOfALifeAreHeardThoughTheNextHasBegun() {
        var mesh = MeshUnderTest(["a", "b", "c", "d"])
        let (alice, bob) = (mesh.user("alice", at: 0), mesh.user("bob", at: 1))
        for client in [alice, bob] { mesh.cluster.send("JOIN #den", from: client) }
        mesh.run(for: .seconds(1))
        for node in [0, 3] { mesh.cluster.loseStream(from: 1, to: node, true) }
        mesh.say("goodbye", from: bob, to: "#den")
        mesh.run(for: .milliseconds(2))
        mesh.cluster.isolate(2, true)
        mesh.cluster.kill(1)
        for node in [0, 3] { mesh.cluster.loseStream(from: 1, to: node, false) }
        mesh.cluster.restart(1)
        mesh.run(for: .seconds(6))
        mesh.say("hello", from: mesh.user("bob", at: 3, host: "192.0.2.2"), to: "#den")
        mesh.run(for: .seconds(1))
        mesh.cluster.isolate(2, false)
        mesh.run(for: .seconds(8))
        #expect(mesh.heard(by: alice) == ["hello", "goodbye"])
        #expect(mesh.rostersAgree)
    }

    /// A message was kept for bob, and its sender had quit when c joined: c knew nobody in whose name to hand it over.
    @Test func whatSomebodySaidWhoHasLeftIsHandedOverByANodeThatCameLater() {
        var mesh = MeshUnderTest(["a", "b", "c"])
        let (alice, bob) = (mesh.user("alice", at: 0), mesh.user("bob", at: 1))
        for client in [alice, bob] { mesh.cluster.send("JOIN #den", from: client) }
        mesh.run(for: .seconds(1))
        for node in [1, 2] { mesh.cluster.kill(node) }
        mesh.run(for: .seconds(1))
        mesh.say("to all", from: alice, to: "#den")
        mesh.say("to you", from: alice, to: "bob")
        mesh.cluster.send("QUIT", from: alice)
        mesh.run(for: .seconds(1))
        mesh.cluster.restart(2)
        mesh.run(for: .seconds(2))
        let again = mesh.user("bob", at: 2, host: "192.0.2.2")
        #expect(mesh.heard(by: again) == ["to all", "to you"])
        #expect(mesh.lines(of: again).last { $0.command == "PRIVMSG" }?.source == "alice!alice@192.0.2.1")
    }

    /// alice's hold was over when c came, which had never heard her node: it gave that up, and held her anew.
    @Test func whoseHoldIsOverIsNotHeldAnewByANodeThatComesLater() {
        var settings = SimulatedCluster.settings(of: ["a", "b", "c"])
        for index in settings.indices { settings[index].limits.hold = .seconds(20) }
        var mesh = MeshUnderTest(settings)
        let (alice, bob) = (mesh.user("alice", at: 0), mesh.user("bob", at: 1))
        for client in [alice, bob] { mesh.cluster.send("JOIN #den", from: client) }
        mesh.run(for: .seconds(1))
        for node in [0, 2] { mesh.cluster.kill(node) }
        mesh.run(for: .seconds(25))
        #expect(mesh.lines(of: bob, "QUIT") == ["alice QUIT Connection lost, did not return in time"])
        mesh.cluster.restart(2)
        mesh.run(for: .seconds(6))
        #expect(mesh.lines(of: bob, "JOIN") == ["bob JOIN #den", "alice JOIN #den"])
        #expect(mesh.cluster.machines[2].roster.hiddenLives == mesh.cluster.machines[1].roster.hiddenLives)
    }
}
