// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// How nodes get to know each other, and what becomes of what is lost between them. Several machines under a virtual
// clock; what a test asks for is lost on the way, and nothing else.

import RoostIRC
import RoostModel
import RoostNode
import RoostRoster
import RoostSim
import RoostWire
import Testing

struct MeshTests {
    // MARK: Joining

    @Test func oneSeedAddressIsEnoughToFindAllNodes() {
        var mesh = MeshUnderTest(["a", "b", "c", "d"])
        mesh.run(for: .seconds(2))
        for node in 0..<4 {
            let peers = mesh.cluster.machines[node].statistics.peers
            #expect(peers.map(\.node.name) == ["a", "b", "c", "d"].filter { $0 != mesh.names[node] })
            #expect(peers.allSatisfy({ $0.state == .up }))
        }
    }

    @Test func aNewcomerServesOnceItIsInStepAndKnowsTheRoster() throws {
        var mesh = MeshUnderTest(["a", "b"])
        mesh.run(for: .seconds(2))
        #expect(mesh.notes(of: 0).contains(.serving(peers: 0)), "the first has nobody to wait for")
        #expect(mesh.notes(of: 1).contains(.serving(peers: 1)))
        #expect(mesh.cluster.machines.filter(\.isServing).count == 2)
    }

    @Test func aNodeWhosePeersDoNotAnswerServesAlone() {
        var settings = SimulatedCluster.settings(of: ["a", "b"])
        settings.removeFirst()
        var mesh = MeshUnderTest(settings)
        mesh.run(for: .milliseconds(900))
        #expect(!mesh.cluster.machines[0].isServing)
        mesh.run(for: .milliseconds(200))
        #expect(mesh.cluster.machines[0].isServing)
        #expect(mesh.notes(of: 0) == [.serving(peers: 0)])
    }

    // MARK: Repair

    @Test func aGapIsFilledFromTheOriginsLog() {
        var mesh = MeshUnderTest(["a", "b"])
        let (alice, bob) = (mesh.user("alice", at: 0), mesh.user("bob", at: 1))
        mesh.say("one", from: alice, to: "bob")
        mesh.cluster.loseStream(from: 0, to: 1, true)
        mesh.say("two", from: alice, to: "bob")
        mesh.say("three", from: alice, to: "bob")
        mesh.cluster.loseStream(from: 0, to: 1, false)
        mesh.say("four", from: alice, to: "bob")
        mesh.run(for: .milliseconds(100))
        #expect(mesh.heard(by: bob) == ["one", "two", "three", "four"])
        #expect(mesh.cluster.machines[1].statistics.peers.map(\.counters.gaps) == [1])
        #expect(mesh.notes(of: 1).contains { if case .repaired(_, _, let count, _) = $0 { count >= 2 } else { false } })
    }

    @Test func theLastWordsBeforeASilenceAreFoundByTheHeartbeat() {
        var mesh = MeshUnderTest(["a", "b"])
        let (alice, bob) = (mesh.user("alice", at: 0), mesh.user("bob", at: 1))
        mesh.cluster.loseStream(from: 0, to: 1, true)
        mesh.say("lost?", from: alice, to: "bob")
        mesh.cluster.loseStream(from: 0, to: 1, false)
        mesh.run(for: .milliseconds(500))
        #expect(mesh.heard(by: bob) == ["lost?"])
    }

    @Test func aLongGapIsReplayedInSeveralAnswers() {
        var settings = SimulatedCluster.settings(of: ["a", "b"])
        for index in settings.indices { settings[index].limits.replayBytes = 1_000 }
        var mesh = MeshUnderTest(settings)
        let (alice, bob) = (mesh.user("alice", at: 0), mesh.user("bob", at: 1))
        mesh.cluster.loseStream(from: 0, to: 1, true)
        let texts = (0..<50).map { "line \($0)" }
        for text in texts { mesh.say(text, from: alice, to: "bob") }
        mesh.cluster.loseStream(from: 0, to: 1, false)
        mesh.run(for: .seconds(2))
        #expect(mesh.heard(by: bob) == texts)
    }

    @Test func whatNoLogHoldsAnyMoreIsReplacedByASnapshot() {
        var settings = SimulatedCluster.settings(of: ["a", "b"])
        for index in settings.indices { settings[index].limits.replayLogBytes = 1_000 }
        var mesh = MeshUnderTest(settings)
        let (alice, bob) = (mesh.user("alice", at: 0), mesh.user("bob", at: 1))
        mesh.cluster.loseStream(from: 0, to: 1, true)
        for index in 0..<30 { mesh.cluster.send("JOIN #c\(index)", from: alice) }
        mesh.cluster.loseStream(from: 0, to: 1, false)
        mesh.say("here again", from: alice, to: "bob")
        mesh.run(for: .seconds(2))
        #expect(mesh.heard(by: bob) == ["here again"] || mesh.heard(by: bob).isEmpty)
        #expect(mesh.notes(of: 1).contains { if case .repairUnavailable = $0 { true } else { false } })
        #expect(mesh.rostersAgree)
        mesh.say("and now", from: alice, to: "bob")
        mesh.run(for: .milliseconds(100))
        #expect(mesh.heard(by: bob).last == "and now")
    }

    // MARK: Silence and return

    @Test func aShortSilenceMakesNobodyQuitAndLosesNothing() {
        var mesh = MeshUnderTest(["a", "b", "c"])
        let (alice, bob) = (mesh.user("alice", at: 0), mesh.user("bob", at: 1))
        for client in [alice, bob] { mesh.cluster.send("JOIN #den", from: client) }
        mesh.run(for: .seconds(1))
        mesh.cluster.isolate(1, true)
        mesh.say("are you there?", from: alice, to: "#den")
        mesh.run(for: .seconds(3))
        mesh.cluster.isolate(1, false)
        mesh.run(for: .seconds(2))
        #expect(mesh.heard(by: bob) == ["are you there?"])
        #expect(!mesh.lines(of: alice).contains { $0.command == "QUIT" })
        #expect(mesh.rostersAgree)
    }

    @Test func halvesThatBothMadeAChannelAndANickAgreeWhenTheyMeet() throws {
        var mesh = MeshUnderTest(["a", "b"])
        mesh.run(for: .seconds(2))
        mesh.cluster.isolate(1, true)
        mesh.run(for: .seconds(6))
        let (first, second) = (mesh.user("twin", at: 0), mesh.user("twin", at: 1))
        mesh.cluster.send("JOIN #den", from: first)
        mesh.run(for: .milliseconds(10))
        mesh.cluster.send("JOIN #den", from: second)
        mesh.cluster.send("TOPIC #den :of the younger birth", from: second)
        mesh.cluster.isolate(1, false)
        mesh.run(for: .seconds(2))
        #expect(mesh.rostersAgree)
        let renamed = mesh.lines(of: second).filter { $0.command == "NICK" }
        #expect(renamed.count == 1)
        let name = try #require(renamed.first?.parameters.first)
        #expect(isValidNick(name, bytesMax: 30) && name.hasPrefix("twin|"))
        #expect(!mesh.lines(of: first).contains { $0.command == "NICK" && $0.source?.hasPrefix("twin!") == true })
        // The younger birth fell, with its topic and its operator.
        let channel = try #require(mesh.cluster.machines[1].roster.visibleChannel(ChannelName("#den")))
        #expect(channel.state.topic == nil)
        let modes = mesh.lines(of: second).filter { $0.command == "MODE" }.map(\.parameters)
        #expect(
            modes == [["#den", "+nt"], ["#den", "-nto", name], ["#den", "+o", "twin"], ["#den", "+nt"]])
    }

    // MARK: Strangers

    @Test func aNodeOfAnotherClusterIsRefusedInWordsThatHelp() {
        var settings = SimulatedCluster.settings(of: ["a", "b"])
        settings[1].cluster = "other"
        var mesh = MeshUnderTest(settings)
        mesh.run(for: .seconds(2))
        let refusals = mesh.notes(of: 1).compactMap { note -> String? in
            if case .peerRefused(_, let reason) = note { reason } else { nil }
        }
        #expect(refusals.contains { $0.contains("mesh.cluster") })
        #expect(mesh.cluster.machines.allSatisfy({ $0.statistics.peers.isEmpty }))
        #expect(mesh.cluster.machines.filter(\.isServing).count == 2)
    }

    @Test func aSeedThatWasRefusedIsTriedAgain() {
        var settings = SimulatedCluster.settings(of: ["a", "b"])
        settings[1].cluster = "other"
        var mesh = MeshUnderTest(settings)
        mesh.run(for: .seconds(35))
        let refusals = mesh.notes(of: 1).count { if case .peerRefused = $0 { true } else { false } }
        #expect((3...5).contains(refusals))
    }

    @Test func twoNodesOfOneNameRefuseEachOther() {
        var settings = SimulatedCluster.settings(of: ["a", "b"])
        let address = settings[1].address
        let seeds = settings[1].seeds
        settings[1] = NodeSettings(node: settings[0].node, epoch: Epoch(settings[0].epoch.rawValue + 1))
        settings[1].address = address
        settings[1].seeds = seeds
        var mesh = MeshUnderTest(settings)
        mesh.run(for: .seconds(2))
        #expect(
            mesh.notes(of: 1).contains {
                if case .peerRefused(_, let reason) = $0 { reason.contains("node.name") } else { false }
            })
        #expect(mesh.cluster.machines.allSatisfy({ $0.statistics.peers.isEmpty }))
    }
}
