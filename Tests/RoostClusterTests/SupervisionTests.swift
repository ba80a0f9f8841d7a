// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Real processes under a supervisor: served, crashed, killed, restarted and stopped, and none of them left over.

import Foundation
import Glibc
import Testing

@testable import RoostCluster

@Suite struct SupervisionTests {
    /// Aim: up serves, status tells the truth, down leaves nothing. Method: look at the processes themselves.
    @Test func downLeavesNoProcessBehind() throws {
        let cluster = try RunningCluster(nodes: 3)
        try cluster.startAndServe()
        let state = try cluster.remote.status()
        #expect(state.ready && state.supervisor == getpid())
        #expect(state.nodes.map(\.name) == ["node1", "node2", "node3"])
        #expect(state.nodes.allSatisfy { $0.state == .serving })
        let pids = state.nodes.compactMap(\.pid)
        #expect(pids.count == 3 && pids.allSatisfy(isAlive))
        for node in state.nodes { #expect(LogTail.lastLine(of: node.log) == "\(node.name) serves") }

        #expect(try cluster.remote.down() == "stopped")
        #expect(!pids.contains(where: isAlive))
        #expect(try cluster.ending() == nil)
        #expect(throws: ClusterFailure.self) { try cluster.remote.status() }
        try cluster.stop()
    }

    /// Aim: a crash is told and mended. Method: crash one; it serves again with another process, the other untouched.
    @Test func aNodeThatCrashesIsStartedAgain() throws {
        let cluster = try RunningCluster()
        try cluster.startAndServe()
        let first = try #require(try cluster.node("node1").pid)
        let second = try #require(try cluster.node("node2").pid)
        kill(second, SIGUSR1)
        try cluster.until("node2 serves again") { cluster.said("node2 serves again") }
        #expect(cluster.said("node2 (pid \(second)) ended by itself: killed by signal 6 (Aborted)"))
        #expect(cluster.said("starting it again in 0.25 seconds"))
        #expect(try cluster.node("node2").pid != second)
        #expect(try cluster.node("node1").pid == first)
        try cluster.stop()
    }

    /// Aim: kill means down until restart. Method: kill, look for longer than the back-off, restart.
    @Test func aKilledNodeStaysDownUntilItIsRestarted() throws {
        let cluster = try RunningCluster()
        try cluster.startAndServe()
        let pid = try #require(try cluster.node("node2").pid)
        #expect(try cluster.remote.kill("node2") == "node2 (pid \(pid)) killed; it stays down until restarted")
        try cluster.until("its end is seen") { try cluster.node("node2").pid == nil }
        // Two back-offs of a first crash: a supervisor that took the kill for a crash would have started it by then.
        let over = ContinuousClock.now + SupervisedNode.backOff(after: 1) * 2
        while ContinuousClock.now < over {
            #expect(try cluster.node("node2").state == .down)
            usleep(20_000)
        }
        #expect(try cluster.remote.kill("node2") == "node2 was down and stays so")
        let line = try cluster.remote.restart("node2")
        let back = try cluster.node("node2")
        #expect(back.state == .serving)
        #expect(line == "node2 serves again as pid \(back.pid ?? 0)")
        #expect(throws: ClusterFailure(.refused, "there is no node \"node9\"; there are node1, node2")) {
            try cluster.remote.kill("node9")
        }
        try cluster.stop()
    }

    /// Aim: restart replaces a running process. Method: compare process ids when the answer comes.
    @Test func aRunningNodeIsStoppedAndStartedByRestart() throws {
        let cluster = try RunningCluster()
        try cluster.startAndServe()
        let pid = try #require(try cluster.node("node1").pid)
        _ = try cluster.remote.restart("node1")
        let node = try cluster.node("node1")
        #expect(node.state == .serving && node.pid != pid && !isAlive(pid))
        try cluster.stop()
    }

    /// Aim: a deaf node does not hold up the end. Method: one ignores SIGTERM; the limit is short.
    @Test func aNodeThatDoesNotStopIsKilled() throws {
        let cluster = try RunningCluster(environment: ["FAKE_DEAF": "node1"], stopLimit: .milliseconds(300))
        try cluster.startAndServe()
        let pids = try cluster.remote.status().nodes.compactMap(\.pid)
        #expect(try cluster.remote.down() == "stopped")
        #expect(!pids.contains(where: isAlive))
        try cluster.stop()
    }

    /// Aim: a start that cannot succeed ends, with the reason and no process. Method: one of two nodes fails.
    @Test func aNodeThatFailsAtTheStartEndsTheStart() throws {
        let cluster = try RunningCluster(environment: ["FAKE_FAIL": "node2"])
        cluster.start()
        let failure = try #require(try cluster.ending())
        #expect(failure.code == .nodeFailed)
        #expect(failure.description.hasSuffix("ended by itself: exit code 3, after saying: no disk left"))
        let pids = ClusterState.read(in: cluster.options.directory)?.nodes.compactMap(\.pid)
        #expect(pids == [])
        try cluster.stop()
    }

    /// Aim: SIGHUP reaches every node. Method: their logs tell of it.
    @Test func aHangUpIsForwardedToTheNodes() throws {
        let cluster = try RunningCluster()
        try cluster.startAndServe()
        cluster.mailbox.put(.signal(SIGHUP))
        let logs = try cluster.remote.status().nodes.map(\.log)
        try cluster.until("all logs tell") { logs.allSatisfy { LogTail.lastLine(of: $0) == "reloaded" } }
        try cluster.stop()
    }

    /// Aim: two supervisors never share a directory. Method: start a second one beside the first.
    @Test func aDirectoryHoldsOneClusterOnly() throws {
        let cluster = try RunningCluster()
        try cluster.startAndServe()
        var options = cluster.options
        options.basePort = try FreePorts.next(nodes: 2)
        let failure = #expect(throws: ClusterFailure.self) {
            try ClusterLauncher.run(options, mailbox: Mailbox()) { _ in }
        }
        #expect(failure?.code == .alreadyRunning)
        #expect(try cluster.remote.status().nodes.allSatisfy { $0.state == .serving })
        try cluster.stop()
    }

    /// Aim: busy ports are told before anything starts, with who holds them. Method: this process holds one.
    @Test func busyPortsAreNamedWithWhoHoldsThem() throws {
        let holder = try RunningCluster()
        try holder.startAndServe()
        let pid = try #require(try holder.node("node2").pid)
        let cluster = try RunningCluster()
        var options = cluster.options
        options.basePort = holder.options.basePort + 1
        let failure = #expect(throws: ClusterFailure.self) {
            try ClusterLauncher.run(options, mailbox: Mailbox()) { _ in }
        }
        #expect(failure?.code == .portsBusy)
        let port = holder.options.basePort + 1
        let text = failure?.description ?? ""
        #expect(text.contains("127.0.0.1:\(port) (clients of node1; held by "), "\(text)")
        #expect(text.contains("pid \(pid))"), "\(text)")
        #expect(!FileManager.default.fileExists(atPath: ClusterState.file(in: options.directory)))
        try cluster.removeFolder()
        try holder.stop()
    }

    /// Aim: a child ends when whoever holds its lifeline ends. Method: close the pipe as the system would.
    @Test func aChildEndsWithItsLifeline() throws {
        let log = "/tmp/roost-test-\(getpid())-\(UUID().uuidString.prefix(8)).log"
        defer { unlink(log) }
        let mailbox = Mailbox()
        // `cat` ends at the end of its input, as a node with --exit-with-parent does.
        let child = try Child(["cat"], environment: ProcessInfo.processInfo.environment, log: log) { pid in
            mailbox.put(.ended(pid))
        }
        #expect(isAlive(child.pid))
        // Waiting closes the lifeline first.
        #expect(child.reap() == Child.Ending(status: 0))
        #expect(!isAlive(child.pid))
    }
}
