// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What seeds of the simulator found of snapshots, and of what they pass over.

import RoostIRC
import RoostModel
import RoostNode
import RoostRoster
import RoostSim
import RoostWire
import Testing

extension SeedTests {
    /// a heard of b through c alone, which had not heard all of it; so a took c's snapshot, and passed over what bob had
    /// said, though c had all of that and brought it along.
    @Test func whatASnapshotPassesOverAndBringsIsDelivered() {
        var mesh = MeshUnderTest(["a", "b", "c"])
        let (alice, bob) = (mesh.user("alice", at: 0), mesh.user("bob", at: 1))
        for client in [alice, bob] { mesh.cluster.send("JOIN #den", from: client) }
        mesh.run(for: .seconds(1))
        mesh.cluster.isolate(0, true)
        mesh.cluster.kill(2)
        mesh.say("before c came", from: bob, to: "#den")
        mesh.run(for: .seconds(5))
        mesh.cluster.restart(2)
        mesh.run(for: .seconds(2))
        mesh.say("and after", from: bob, to: "#den")
        mesh.cluster.cut(from: 0, to: 1)
        mesh.cluster.cut(from: 1, to: 0)
        mesh.cluster.isolate(0, false)
        mesh.run(for: .seconds(8))
        #expect(mesh.notes(of: 0).contains { if case .repairUnavailable = $0 { true } else { false } })
        #expect(mesh.heard(by: alice) == ["before c came", "and after"])
        #expect(mesh.rostersAgree)
    }

    /// c had learnt what b said last from a snapshot, and its log of b ended before that. When b was dead it told a, who had
    /// been cut off, that it had no more of that log, and not that there was more than the log.
    @Test func whatALogLacksAtItsEndIsLearntFromASnapshot() {
        var settings = SimulatedCluster.settings(of: ["a", "b", "c"])
        settings[1].limits.replayLogBytes = 1
        var mesh = MeshUnderTest(settings)
        let (alice, bob) = (mesh.user("alice", at: 0), mesh.user("bob", at: 1))
        for client in [alice, bob] { mesh.cluster.send("JOIN #den", from: client) }
        mesh.run(for: .seconds(1))
        mesh.cluster.isolate(0, true)
        mesh.cluster.overflow(from: 1, to: 2, for: .milliseconds(20))
        mesh.say("one", from: bob, to: "#den")
        mesh.say("two", from: bob, to: "#den")
        mesh.run(for: .seconds(1))
        #expect(mesh.notes(of: 2).contains { if case .repairUnavailable = $0 { true } else { false } })
        mesh.cluster.kill(1)
        mesh.run(for: .seconds(1))
        mesh.cluster.isolate(0, false)
        mesh.run(for: .seconds(8))
        #expect(mesh.cluster.machines[0].applied == mesh.cluster.machines[2].applied)
        #expect(mesh.heard(by: alice) == ["two"])
    }

    /// While a was cut off bob said something that nobody had any more when b had restarted and a was back: as it belonged to
    /// a life that was over, alice was not told.
    @Test func whatIsPassedOverOfALifeThatIsOverIsTold() throws {
        var settings = SimulatedCluster.settings(of: ["a", "b", "c"])
        settings[2].limits.replayLogBytes = 1
        for node in [1, 2] { settings[node].limits.keptBytes = 1 }
        var mesh = MeshUnderTest(settings)
        let (alice, bob) = (mesh.user("alice", at: 0), mesh.user("bob", at: 1))
        for client in [alice, bob] { mesh.cluster.send("JOIN #den", from: client) }
        mesh.run(for: .seconds(1))
        let b = try #require(NodeID("b"))
        let known = try #require(mesh.cluster.machines[0].applied[b])
        mesh.cluster.isolate(0, true)
        for text in ["one", "two"] { mesh.say(text, from: bob, to: "#den") }
        mesh.run(for: .seconds(5))
        mesh.cluster.kill(1)
        mesh.run(for: .milliseconds(300))
        mesh.cluster.restart(1)
        mesh.run(for: .seconds(3))
        mesh.cluster.isolate(0, false)
        mesh.run(for: .seconds(8))
        let skipped = mesh.notes(of: 0).compactMap { note -> UInt64? in
            if case .skipped(b, let first, _) = note { first } else { nil }
        }
        #expect(skipped == [known.sequence + 1])
        #expect(mesh.heard(by: alice).isEmpty)
        #expect(mesh.lines(of: alice, "NOTICE").contains { $0.contains("This node missed up to 3 messages") })
        #expect(mesh.rostersAgree)
    }

    /// b died with a message undelivered, and came back alone: when it met a again, its newcomers in that channel were
    /// handed what had been said before they came.
    @Test func whatWasSaidBeforeANodeLivedIsNotForItsNewcomers() {
        var mesh = MeshUnderTest(["a", "b"])
        let (alice, bob) = (mesh.user("alice", at: 0), mesh.user("bob", at: 1))
        for client in [alice, bob] { mesh.cluster.send("JOIN #den", from: client) }
        mesh.run(for: .seconds(1))
        mesh.cluster.kill(1)
        mesh.run(for: .seconds(1))
        mesh.say("hello", from: alice, to: "#den")
        mesh.cluster.isolate(1, true)
        mesh.cluster.restart(1)
        mesh.run(for: .seconds(15))
        let carol = mesh.user("carol", at: 1)
        mesh.cluster.send("JOIN #den", from: carol)
        mesh.run(for: .seconds(1))
        mesh.cluster.isolate(1, false)
        mesh.run(for: .seconds(5))
        mesh.say("hello again", from: alice, to: "#den")
        mesh.run(for: .seconds(1))
        #expect(mesh.heard(by: carol) == ["hello again"])
        #expect(mesh.rostersAgree)
    }

    /// alice came to b while a was cut off; b died, c lived anew and learned of her from d, which died. a found c again, which
    /// had her by d's snapshot only, and waited for her event, which nobody had any more.
    @Test func whatNobodyHasAnyMoreIsNotWaitedForLong() {
        var mesh = MeshUnderTest(["a", "b", "c", "d"])
        mesh.run(for: .seconds(2))
        mesh.cluster.isolate(0, true)
        _ = mesh.user("alice", at: 1)
        mesh.cluster.kill(1)
        mesh.cluster.kill(2)
        mesh.run(for: .seconds(1))
        mesh.cluster.restart(2)
        mesh.run(for: .seconds(4))
        mesh.cluster.kill(3)
        mesh.run(for: .seconds(2))
        mesh.cluster.isolate(0, false)
        mesh.run(for: .seconds(3))
        #expect(mesh.cluster.machines[0].roster.user(named: Nick("alice")) != nil)
    }

    /// c had taken alice over from a, which it did not hear, and had seen her quit, when b brought it what she had said at
    /// a before: as said by nobody, it was passed over.
    @Test func whatWhoHasLeftSaidBeforeAtADeadNodeIsDelivered() {
        var mesh = MeshUnderTest(["a", "b", "c"])
        let (alice, carol) = (mesh.user("alice", at: 0), mesh.user("carol", at: 2))
        for client in [alice, carol] { mesh.cluster.send("JOIN #den", from: client) }
        mesh.run(for: .seconds(1))
        mesh.cluster.isolate(2, true)
        mesh.say("and then I died", from: alice, to: "#den")
        mesh.run(for: .milliseconds(500))
        mesh.cluster.kill(0)
        mesh.run(for: .seconds(4))
        let again = mesh.user("alice", at: 2, host: "192.0.2.1")
        mesh.cluster.send("QUIT", from: again)
        mesh.run(for: .milliseconds(100))
        mesh.cluster.isolate(2, false)
        mesh.run(for: .seconds(4))
        #expect(mesh.heard(by: carol) == ["and then I died"])
        #expect(mesh.cluster.machines[1].roster.digest == mesh.cluster.machines[2].roster.digest)
    }

    /// c and d had begun anew, each alone, when a gave b up. d met c first and passed over what was said there, and learnt
    /// from a only then of bob, whom it was for.
    @Test func whatWasSaidWhereNobodyKnewOfThoseHeldIsKeptForThem() {
        var settings = SimulatedCluster.settings(of: ["a", "b", "c", "d"])
        settings[3].seeds = [settings[0].address.mesh, settings[2].address.mesh]
        var mesh = MeshUnderTest(settings)
        let bob = mesh.user("bob", at: 1)
        mesh.cluster.send("JOIN #den", from: bob)
        mesh.run(for: .seconds(1))
        for node in [2, 3] {
            mesh.cluster.isolate(node, true)
            mesh.cluster.kill(node)
        }
        mesh.run(for: .milliseconds(200))
        for node in [2, 3] { mesh.cluster.restart(node) }
        mesh.cluster.kill(1)
        let carol = mesh.user("carol", at: 2)
        mesh.cluster.send("JOIN #den", from: carol)
        mesh.say("is anybody there", from: carol, to: "#den")
        mesh.run(for: .seconds(3))
        for node in [2, 3] {
            mesh.cluster.isolate(node, false)
            mesh.cluster.cut(from: 0, to: node)
            mesh.cluster.cut(from: node, to: 0)
        }
        mesh.run(for: .seconds(1))
        mesh.cluster.heal(from: 0, to: 3)
        mesh.cluster.heal(from: 3, to: 0)
        mesh.run(for: .seconds(1))
        let again = mesh.user("bob", at: 3, host: "192.0.2.2")
        mesh.run(for: .seconds(3))
        #expect(mesh.heard(by: again) == ["is anybody there"])
    }

    /// a, which has no seeds and so serves at once, was sent b's snapshot, and then c's, which was some events further: it
    /// passed over these, though it could go on from where b's ended.
    @Test func whatCameBetweenTwoSnapshotsIsNotPassedOver() {
        for seed in 1...10 as ClosedRange<UInt64> {
            var mesh = MeshUnderTest(["a", "b", "c"], seed: seed)
            let carol = mesh.user("carol", at: 2)
            mesh.cluster.send("JOIN #den", from: carol)
            mesh.run(for: .seconds(1))
            mesh.cluster.kill(0)
            mesh.run(for: .seconds(1))
            mesh.cluster.restart(0)
            for number in 0..<300 {
                mesh.cluster.send("TOPIC #den :\(number)", from: carol)
                mesh.run(for: .microseconds(300))
            }
            mesh.run(for: .seconds(1))
            #expect(!mesh.notes(of: 0).contains { if case .skipped = $0 { true } else { false } })
            #expect(mesh.rostersAgree)
        }
    }
}
