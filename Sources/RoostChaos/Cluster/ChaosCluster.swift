// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The cluster of one case: real nodes under the supervisor of `roost cluster`, which this process runs on a thread. So
// nodes are started here as users start them, and end with this process even if it is killed.

import Foundation
import Glibc
import RoostCluster
import RoostConfiguration
import Synchronization

/// A running cluster, and what can be done to its nodes.
final class ChaosCluster: Sendable {
    private struct State {
        var said: [String] = []
        var failure: ClusterFailure?
        var hasEnded = false
    }

    let options: ClusterOptions
    private let remote: RemoteCluster
    private let state = Mutex(State())

    private init(_ options: ClusterOptions) {
        self.options = options
        remote = RemoteCluster(directory: options.directory)
    }

    /// Starts a cluster on the first base port from which all ports are free; `prepare` may change the options that
    /// depend on it.
    static func start(
        _ options: ClusterOptions, prepare: (inout ClusterOptions) -> Void
    ) throws(ChaosFailure) -> ChaosCluster {
        var failure = ""
        for attempt in 0..<40 {
            var options = options
            options.basePort += 100 * attempt
            prepare(&options)
            let cluster = ChaosCluster(options)
            guard let reason = cluster.run() else { return cluster }
            guard reason.code == .portsBusy else { throw ChaosFailure(.broken, reason.description) }
            failure = reason.description
        }
        throw ChaosFailure(.broken, failure)
    }

    /// Starts the nodes and waits until they serve; why they do not, if so.
    private func run() -> ClusterFailure? {
        let thread = Thread { [self] in
            var failure: ClusterFailure?
            do throws(ClusterFailure) {
                try ClusterLauncher.up(options) { [self] line in state.withLock { $0.said.append(line) } }
            } catch {
                failure = error
            }
            state.withLock { state in
                state.failure = failure
                state.hasEnded = true
            }
        }
        thread.name = "cluster"
        thread.start()
        while true {
            let (failure, hasEnded) = state.withLock { ($0.failure, $0.hasEnded) }
            if hasEnded { return failure ?? ClusterFailure(.nodeFailed, "the cluster was stopped while it started") }
            // There is none yet while it starts.
            if let status = try? remote.status(), status.ready { return nil }
            usleep(10_000)
        }
    }

    /// Whether its supervisor has ended, which only a signal to this process makes it do before `down`.
    var hasEnded: Bool { state.withLock { $0.hasEnded } }

    /// What the supervisor said so far.
    var said: [String] { state.withLock { $0.said } }

    /// The processes of the nodes; nil for those that do not run.
    var processes: [pid_t?] { (try? remote.status())?.nodes.map(\.pid) ?? [] }

    /// Where the nodes serve clients.
    func clientEndpoints() throws(ChaosFailure) -> [Endpoint] {
        try status().nodes.compactMap { Endpoint($0.client) }
    }

    /// Where the nodes publish statistics, and the file with the secret that opens them, if there is one.
    func stats() throws(ChaosFailure) -> (addresses: [String], secretFile: String?) {
        let status = try status()
        return (status.nodes.map(\.stats), status.secretFile)
    }

    /// Does what an action orders of processes; other actions change nothing.
    func apply(_ action: FaultAction) throws(ChaosFailure) {
        do {
            switch action {
            case .kill(let node): _ = try remote.kill(name(node))
            case .restart(let node): _ = try remote.restart(name(node))
            case .stop(let node): try signal(SIGSTOP, to: node)
            case .resume(let node): try signal(SIGCONT, to: node)
            case .cut, .isolate, .heal, .delay, .lose, .fillDisk, .freeDisk, .say: break
            }
        } catch let error as ClusterFailure {
            throw ChaosFailure(.broken, error.description)
        } catch let error as ChaosFailure {
            throw error
        } catch {
            throw ChaosFailure(.broken, "\(error)")
        }
    }

    /// Ends all nodes, stopped ones too, and waits for that.
    func down() {
        for process in processes.compactMap(\.self) { kill(process, SIGCONT) }
        // Where the supervisor has ended by a signal there is nothing to ask.
        _ = try? remote.down()
        while !hasEnded { usleep(10_000) }
    }

    private func status() throws(ChaosFailure) -> ClusterState {
        do { return try remote.status() } catch { throw ChaosFailure(.broken, error.description) }
    }

    private func name(_ node: Int) -> String { "node\(node + 1)" }

    private func signal(_ number: Int32, to node: Int) throws(ChaosFailure) {
        guard let process = try status().nodes[node].pid else {
            throw ChaosFailure(.broken, "\(name(node)) does not run and cannot be sent signal \(number)")
        }
        kill(process, number)
    }
}
