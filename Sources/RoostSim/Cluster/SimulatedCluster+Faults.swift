// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What can go wrong in a simulated cluster. Nothing does unless it is asked for.

import RoostModel
import RoostNode

extension SimulatedCluster {
    // MARK: The network

    /// Loses what a node publishes on its way to another, or no longer; requests and answers still pass.
    public mutating func loseStream(from: Int, to: Int, _ isLost: Bool) {
        lose(Path(from: from, to: to, kind: .stream), isLost)
    }

    /// Loses everything between a node and all others, both ways, or no longer. No connection breaks.
    public mutating func isolate(_ node: Int, _ isIsolated: Bool) {
        for other in machines.indices where other != node {
            for kind in [Path.Kind.stream, .control] {
                lose(Path(from: node, to: other, kind: kind), isIsolated)
                lose(Path(from: other, to: node, kind: kind), isIsolated)
            }
        }
    }

    private mutating func lose(_ path: Path, _ isLost: Bool) {
        if isLost { losses.insert(path) } else { losses.remove(path) }
    }

    /// Loses the frames that a node publishes for another, for so long: its queue is full.
    public mutating func overflow(from: Int, to: Int, for duration: Duration) {
        overflows[Path(from: from, to: to, kind: .stream)] = now.instant + duration
    }

    /// Lets nothing pass from one node to another. What was sent waits; after some seconds the kernels give the
    /// connections up, and no new ones can be made.
    public mutating func cut(from: Int, to: Int) {
        for kind in [Path.Kind.stream, .control] {
            let path = Path(from: from, to: to, kind: kind)
            if blocks[path] == nil { blocks[path] = [] }
        }
        for wire in wires(between: from, and: to) { watch(wire) }
    }

    /// Lets everything pass again, beginning with what waited.
    public mutating func heal(from: Int, to: Int) {
        guard sabotage?.kind != .keepsCuts else { return }
        for kind in [Path.Kind.stream, .control] {
            let path = Path(from: from, to: to, kind: kind)
            for delivery in blocks.removeValue(forKey: path) ?? [] {
                network.send(delivery, over: path, at: now.instant)
            }
        }
    }

    /// Whether something passes from one node to another.
    public func isCut(from: Int, to: Int) -> Bool {
        let path = Path(from: from, to: to, kind: .stream)
        return blocks[path] != nil || losses.contains(path)
    }

    // MARK: The nodes

    /// Sets a node's time of day: so many milliseconds off the virtual clock, and so many more for each million.
    public mutating func setClock(of node: Int, offset: Int64, drift: Int64 = 0) {
        processes[node].clockOffset = offset
        processes[node].clockDrift = drift
    }

    /// Stops a node as SIGSTOP does. Its kernel goes on taking in what arrives, and keeps its connections.
    public mutating func pause(_ node: Int) {
        guard isRunning(node) else { return }
        processes[node].state = .paused
        processes[node].deadline = nil
    }

    /// Lets a node go on, with all that has arrived meanwhile, and its deadline long past.
    public mutating func resume(_ node: Int) {
        guard processes[node].state == .paused else { return }
        processes[node].state = .running
        processes[node].framesWaiting = 0
        let backlog = processes[node].backlog
        processes[node].backlog = []
        if Bool.random(using: &random) { step(node, .deadlineReached) }
        let life = processes[node].life
        for delivery in backlog where delivery.life == processes[node].life && isAlive(node) { take(delivery) }
        guard isAlive(node), processes[node].life == life else { return }
        step(node, .deadlineReached)
    }

    /// Ends a node's process as SIGKILL does: its state is gone, its connections are reset, and of what it published
    /// last each peer gets more or less.
    public mutating func kill(_ node: Int) {
        guard isAlive(node) else { return }
        for other in machines.indices where other != node {
            let path = Path(from: node, to: other, kind: .stream)
            let last = network.lastArrival(on: path)
            guard last > now.instant else { continue }
            let cutoff = UInt64.random(in: now.instant.nanoseconds...last.nanoseconds, using: &random)
            for (link, open) in processes[other].links where open.peer == node {
                processes[other].links[link]?.hearsUntil = Instant(nanoseconds: cutoff)
            }
        }
        end(node)
    }

    /// A node's process has ended: whatever way it was, its kernel closes its sockets.
    mutating func end(_ node: Int) {
        processes[node].outgoing = []
        processes[node].batches = []
        processes[node].state = .dead
        deaths += 1
        processes[node].deadline = nil
        for link in processes[node].links.keys.sorted() { close(link, of: node) }
        processes[node].subscribers = []
        processes[node].backlog = []
        processes[node].framesWaiting = 0
        for other in machines.indices where other != node {
            for (_, open) in processes[other].links.sorted(by: { $0.key < $1.key }) where open.peer == node {
                guard let wire = open.wire else { continue }
                if isCut(from: node, to: other) {
                    keepAlive(wire)
                } else {
                    send(.reset(wire), from: node, to: other, .stream)
                }
            }
        }
        closeClients(of: node)
        processes[node].life += 1
    }

    /// Starts a node that has none of what it knew, in a new epoch.
    public mutating func restart(_ node: Int) {
        guard !isAlive(node) else { return }
        var settings = machines[node].settings
        let wall = processes[node].wall(at: now.instant)
        settings.epoch = Epoch(max(settings.epoch.rawValue + 1, wall.milliseconds))
        settings.started = wall
        machines[node] = Node(settings: settings)
        processes[node].state = .running
        processes[node].forget()
        heartbeats[node] = nil
        deliveryReports[node] = nil
        step(node, .started)
    }

    /// Asks a node to end.
    public mutating func shutDown(_ node: Int, reason: String) {
        guard isRunning(node) else { return }
        step(node, .shutdownRequested(reason: reason))
    }
}
