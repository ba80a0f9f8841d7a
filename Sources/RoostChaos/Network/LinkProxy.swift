// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The TCP proxy between the nodes. Every node tells the others the address of the proxy as its own; the proxy passes
// each connection on, and knows from the dialler's process which two nodes it joins. What it does to the bytes is
// `ByteLane`'s business. One thread serves all connections.

import Foundation
import RoostConfiguration
import RoostModel
import Synchronization

/// Stands between the nodes of a cluster on this machine.
final class LinkProxy: Sendable {
    private struct State {
        var conditions: LinkConditions
        var isOver = false
        var isRunning = false
    }

    /// The processes of the nodes; nil for those that do not run.
    typealias Processes = @Sendable () -> [pid_t?]

    private let nodes: Int
    private let processes: Processes
    private let state: Mutex<State>
    private let finished = DispatchSemaphore(value: 0)

    /// A proxy between so many nodes.
    init(nodes: Int, processes: @escaping Processes) {
        self.nodes = nodes
        self.processes = processes
        state = Mutex(State(conditions: LinkConditions(nodes: nodes)))
    }

    /// Begins to serve the nodes of a cluster with that base port; one that it served before is left.
    func start(basePort: Int) {
        stop()
        let thread = Thread { [self] in
            var loop = ProxyLoop(nodes: nodes, basePort: basePort, processes)
            while true {
                let (conditions, isOver) = state.withLock { ($0.conditions, $0.isOver) }
                if isOver { break }
                loop.turn(conditions)
            }
            finished.signal()
        }
        thread.name = "link-proxy"
        state.withLock { state in
            state.isOver = false
            state.isRunning = true
        }
        thread.start()
    }

    /// Does what an action orders of links.
    func apply(_ action: FaultAction) { state.withLock { $0.conditions.apply(action) } }

    /// Closes everything.
    func stop() {
        let wasRunning = state.withLock { state in
            defer { state.isRunning = false }
            state.isOver = true
            return state.isRunning
        }
        if wasRunning { finished.wait() }
    }
}

/// The work of the proxy's thread.
private struct ProxyLoop {
    /// The longest that a turn waits, which is how late a change of conditions is seen.
    private static let turnMax = Duration.milliseconds(5)
    /// How often it is looked which nodes listen.
    private static let lookInterval = Duration.milliseconds(10)

    /// A port of the proxy: of a node, its control port or the one above.
    private struct Gate {
        let node: Int
        let front: Endpoint
        let target: Endpoint
        /// nil while the node does not listen, so that whoever dials is refused as the node would refuse.
        var listener: StreamSocket?
    }

    private let processes: LinkProxy.Processes
    private var gates: [Gate]
    private var connections: [ProxiedConnection] = []
    private var random = SeededRandom(seed: 1)
    private let origin = ContinuousClock.now
    private var lookedAt: Duration?
    private var identifiedAt: Duration?

    init(nodes: Int, basePort: Int, _ processes: @escaping LinkProxy.Processes) {
        self.processes = processes
        gates = (0..<nodes).flatMap { node in
            let front = NodeNetwork.front(ofNode: node, basePort: basePort)
            let port = NodeNetwork.controlPort(ofNode: node, basePort: basePort)
            let target = Endpoint(host: "127.0.0.1", port: port)
            return (0...1).map { distance in
                Gate(node: node, front: front.above(by: distance), target: target.above(by: distance), listener: nil)
            }
        }
    }

    mutating func turn(_ conditions: LinkConditions) {
        var now = ContinuousClock.now - origin
        if lookedAt.map({ now - $0 >= Self.lookInterval }) ?? true { look(at: now) }
        if identifiedAt.map({ now - $0 >= Self.lookInterval }) ?? true { identify(at: now) }
        for connection in connections { connection.advance(conditions, at: now) }

        let open = gates.indices.filter { gates[$0].listener != nil }
        var wants = open.compactMap { gates[$0].listener.map { ($0.descriptor, reads: true, writes: false) } }
        var ends: [(ProxiedConnection, ProxiedConnection.End)] = []
        for connection in connections {
            for (end, want) in connection.wants(conditions, at: now) {
                ends.append((connection, end))
                wants.append(want)
            }
        }
        let due = connections.compactMap { $0.nextDue(after: now) }.min()
        let ready = Polling.wait(wants, for: min(Self.turnMax, due.map { $0 - now } ?? Self.turnMax))
        now = ContinuousClock.now - origin
        for (gate, ready) in zip(open, ready) where ready.reads { accept(at: gate) }
        for ((connection, end), ready) in zip(ends, ready.dropFirst(open.count)) {
            let isEnd = connection.serve(end, ready, conditions, at: now, random: &random)
            // Before the dialler hears of it: it may try at once whether the node still listens.
            if isEnd, end == .far { look(at: now) }
        }
        for connection in connections { connection.advance(conditions, at: now) }
        connections.removeAll(where: \.isOver)
    }

    /// Opens the ports of nodes that listen and closes those of the others.
    private mutating func look(at now: Duration) {
        lookedAt = now
        for index in gates.indices {
            if !StreamSocket.isListening(on: gates[index].target) {
                gates[index].listener = nil
            } else if gates[index].listener == nil {
                gates[index].listener = .listening(on: gates[index].front)
            }
        }
    }

    private mutating func accept(at gate: Int) {
        while let socket = gates[gate].listener?.accept() {
            connections.append(
                ProxiedConnection(
                    socket, at: gates[gate].front.port, to: gates[gate].node, at: gates[gate].target))
        }
    }

    /// Finds out who dials, for connections of which that is not known.
    private mutating func identify(at now: Duration) {
        let unknown = connections.filter { $0.dialler == nil && !$0.isOver }
        guard !unknown.isEmpty else { return }
        identifiedAt = now
        let table = SocketTable()
        let processes = processes()
        for connection in unknown { connection.identify(in: table, among: processes, at: now) }
    }
}
