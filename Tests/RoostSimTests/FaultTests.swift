// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The faults of the simulated cluster do what those of the world do: to the links, to the processes, and to clients.

import RoostModel
import RoostNode
import RoostSim
import Testing

struct FaultTests {
    /// Two nodes or more that have found each other, with delays as in the world.
    private func cluster(of names: [String]) -> SimulatedCluster {
        var delays = Delays(mesh: .microseconds(100) ... .microseconds(900))
        delays.handOver = .microseconds(100) ... .microseconds(500)
        delays.client = .microseconds(50) ... .microseconds(400)
        var cluster = SimulatedCluster(SimulatedCluster.settings(of: names), seed: 1, delays: delays)
        cluster.run(for: .seconds(2))
        return cluster
    }

    private func register(_ nick: String, at node: Int, in cluster: inout SimulatedCluster)
        -> SimulatedCluster.ClientID
    {
        let client = cluster.connect(to: node, host: "192.0.2.1")
        cluster.send("NICK \(nick)", from: client)
        cluster.send("USER \(nick) 0 * :\(nick)", from: client)
        cluster.run(for: .milliseconds(400))
        return client
    }

    private func lines(_ cluster: inout SimulatedCluster, of client: SimulatedCluster.ClientID) -> [String] {
        cluster.takeSights().compactMap { _, sight in
            if case .line(client, let text) = sight { text } else { nil }
        }
    }

    private func states(of node: Int, in cluster: SimulatedCluster) -> [NodeStatistics.Peer.State] {
        cluster.machines[node].statistics.peers.map(\.state)
    }

    @Test func aKilledNodeClosesItsClientsAndComesBackInANewEpoch() {
        var cluster = cluster(of: ["a", "b"])
        let alice = register("alice", at: 1, in: &cluster)
        let epoch = cluster.machines[1].settings.epoch
        cluster.kill(1)
        #expect(!cluster.isAlive(1))
        cluster.run(for: .milliseconds(10))
        #expect(!cluster.isOpen(alice))
        let early = cluster.connect(to: 1, host: "192.0.2.2")
        #expect(!cluster.isOpen(early), "the port refuses")
        cluster.restart(1)
        cluster.run(for: .seconds(3))
        #expect(cluster.machines[1].settings.epoch > epoch)
        #expect(states(of: 0, in: cluster) == [.up] && states(of: 1, in: cluster) == [.up])
    }

    @Test func whatTheKernelHadFromAKilledNodeStillReachesItsClientAndNothingElse() {
        var cluster = cluster(of: ["a"])
        let alice = register("alice", at: 0, in: &cluster)
        _ = lines(&cluster, of: alice)
        cluster.send("PING early", from: alice)
        cluster.run(for: .milliseconds(2))
        cluster.send("PING late", from: alice)
        cluster.kill(0)
        cluster.run(for: .seconds(1))
        #expect(lines(&cluster, of: alice) == [":roost.local PONG roost.local :early"])
    }

    @Test func aPausedNodeDoesNothingAndThenEverything() {
        var cluster = cluster(of: ["a", "b"])
        let (alice, bob) = (register("alice", at: 0, in: &cluster), register("bob", at: 1, in: &cluster))
        _ = cluster.takeSights()
        cluster.pause(1)
        cluster.send("PRIVMSG bob :wake up", from: alice)
        cluster.send("PING x", from: bob)
        cluster.run(for: .milliseconds(600))
        #expect(cluster.takeSights().isEmpty)
        cluster.resume(1)
        cluster.run(for: .milliseconds(10))
        #expect(lines(&cluster, of: bob).count == 2)
        #expect(states(of: 0, in: cluster) == [.up])
    }

    @Test func whatIsCutWaitsAndArrivesInOrderWhenItHealsSoon() {
        var cluster = cluster(of: ["a", "b"])
        let (alice, bob) = (register("alice", at: 0, in: &cluster), register("bob", at: 1, in: &cluster))
        _ = cluster.takeSights()
        cluster.cut(from: 0, to: 1)
        #expect(cluster.isCut(from: 0, to: 1) && !cluster.isCut(from: 1, to: 0))
        cluster.send("PRIVMSG bob :one", from: alice)
        cluster.send("PRIVMSG bob :two", from: alice)
        cluster.run(for: .milliseconds(500))
        #expect(lines(&cluster, of: bob).isEmpty)
        cluster.heal(from: 0, to: 1)
        cluster.run(for: .milliseconds(10))
        #expect(lines(&cluster, of: bob).map { $0.suffix(4) } == [":one", ":two"])
    }

    @Test func aConnectionThatNothingPassesOnIsGivenUpAndMadeAnew() {
        var cluster = cluster(of: ["a", "b"])
        _ = register("alice", at: 0, in: &cluster)
        cluster.cut(from: 0, to: 1)
        cluster.cut(from: 1, to: 0)
        cluster.run(for: .seconds(12))
        #expect(states(of: 1, in: cluster) == [.down])
        cluster.heal(from: 0, to: 1)
        cluster.heal(from: 1, to: 0)
        cluster.run(for: .seconds(3))
        #expect(states(of: 0, in: cluster) == [.up] && states(of: 1, in: cluster) == [.up])
        #expect(cluster.machines[0].statistics.digest == cluster.machines[1].statistics.digest)
    }

    @Test func aFullQueueLosesARunOfFramesWhichAreRepaired() {
        var cluster = cluster(of: ["a", "b"])
        let (alice, bob) = (register("alice", at: 0, in: &cluster), register("bob", at: 1, in: &cluster))
        _ = cluster.takeSights()
        cluster.overflow(from: 0, to: 1, for: .milliseconds(100))
        cluster.send("PRIVMSG bob :one", from: alice)
        cluster.run(for: .milliseconds(90))
        #expect(cluster.takeSights().isEmpty)
        cluster.run(for: .milliseconds(600))
        #expect(lines(&cluster, of: bob).count == 1)
    }

    @Test func aClockThatIsAheadShowsInWhatItsNodeSays() {
        var cluster = cluster(of: ["a", "b"])
        cluster.setClock(of: 1, offset: 3_000)
        let alice = register("alice", at: 1, in: &cluster)
        _ = cluster.takeSights()
        cluster.send("TIME", from: alice)
        cluster.run(for: .milliseconds(10))
        #expect(lines(&cluster, of: alice).contains { $0.contains("2026-01-01T00:00:06") })
    }

    @Test func aNodeThatIsAskedToEndTellsItsClientsAndIsGone() {
        var cluster = cluster(of: ["a", "b"])
        let alice = register("alice", at: 1, in: &cluster)
        _ = cluster.takeSights()
        cluster.shutDown(1, reason: "Going home")
        cluster.run(for: .seconds(1))
        #expect(lines(&cluster, of: alice).contains { $0.hasPrefix("ERROR ") })
        #expect(!cluster.isOpen(alice) && !cluster.isAlive(1))
    }
}
