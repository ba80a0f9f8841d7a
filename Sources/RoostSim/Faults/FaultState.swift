// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What is wrong at the moment, and since when nodes can rely on each other again. It does what the plan draws to the
// cluster, and undoes it.

import RoostModel

/// The faults at work.
struct FaultState: Sendable {
    private struct Active: Sendable {
        let fault: Fault
        let until: Instant
    }

    private var active: [Active] = []
    /// When something last was wrong with each node, or between two; never for as long as it is.
    private var unsettled: [Set<Int>: Instant] = [:]

    /// When the next of them ends.
    var next: Instant? { active.map(\.until).min() }

    /// Since when nothing has been wrong with either of two nodes, nor between them; nil while something is.
    func calmSince(_ one: Int, _ other: Int) -> Instant? {
        let troubles = [[one], [other], [one, other]].compactMap { unsettled[Set($0)] }
        guard let latest = troubles.max() else { return Instant(nanoseconds: 0) }
        return latest == .never ? nil : latest
    }

    // MARK: Doing

    /// Does something wrong. Gives in words what it did; nil where it could not.
    mutating func begin(_ fault: Fault, for duration: Duration, in cluster: inout SimulatedCluster) -> String? {
        guard isPossible(fault, in: cluster) else { return nil }
        switch fault {
        case .overflow(let from, let to): cluster.overflow(from: from, to: to, for: duration)
        case .cut(let from, let to): cluster.cut(from: from, to: to)
        case .split(let half):
            for (one, other) in pairs(across: half, in: cluster) { cluster.cut(from: one, to: other) }
        case .pause(let node): cluster.pause(node)
        case .kill(let node): cluster.kill(node)
        case .stop(let node): cluster.shutDown(node, reason: "Maintenance")
        }
        var until = cluster.now.instant + duration
        // It takes its time to end.
        if case .stop = fault { until = max(until, cluster.now.instant + .seconds(1)) }
        active.append(Active(fault: fault, until: until))
        mark(fault, as: .never, in: cluster)
        return "\(fault) for \(duration)"
    }

    /// Undoes what is over. Gives in words what it undid.
    mutating func end(in cluster: inout SimulatedCluster) -> [String] {
        let over = active.filter { $0.until <= cluster.now.instant }
        active.removeAll { $0.until <= cluster.now.instant }
        for entry in over { undo(entry.fault, in: &cluster) }
        return over.map { "\($0.fault) is over" }
    }

    /// Undoes everything; the dead may stay so.
    mutating func endAll(in cluster: inout SimulatedCluster, reviving isReviving: Bool) {
        let all = active
        active = []
        for entry in all where isReviving || !entry.fault.isDeath { undo(entry.fault, in: &cluster) }
    }

    private mutating func undo(_ fault: Fault, in cluster: inout SimulatedCluster) {
        switch fault {
        case .overflow: break
        case .cut(let from, let to): heal(from, to, in: &cluster)
        case .split(let half):
            for (one, other) in pairs(across: half, in: cluster) { heal(one, other, in: &cluster) }
        case .pause(let node): cluster.resume(node)
        case .kill(let node), .stop(let node): cluster.restart(node)
        }
        mark(fault, as: cluster.now.instant, in: cluster)
        for entry in active { mark(entry.fault, as: .never, in: cluster) }
    }

    /// Lets everything pass on a way that no other fault keeps shut.
    private func heal(_ from: Int, _ to: Int, in cluster: inout SimulatedCluster) {
        let isHeld = active.contains { entry in
            switch entry.fault {
            case .cut(let one, let other): one == from && other == to
            case .split(let half): half.contains(from) != half.contains(to)
            default: false
            }
        }
        if !isHeld { cluster.heal(from: from, to: to) }
    }

    private func isPossible(_ fault: Fault, in cluster: SimulatedCluster) -> Bool {
        switch fault {
        case .overflow, .cut, .split: true
        case .pause(let node), .kill(let node), .stop(let node):
            // Somebody must be left, and a node that is asked to end is left alone until it has.
            cluster.isRunning(node) && !isEnding(node)
                && cluster.machines.indices.contains { $0 != node && cluster.isRunning($0) && !isEnding($0) }
        }
    }

    private func isEnding(_ node: Int) -> Bool {
        active.contains { if case .stop(node) = $0.fault { true } else { false } }
    }

    // MARK: Who is concerned

    private mutating func mark(_ fault: Fault, as instant: Instant, in cluster: SimulatedCluster) {
        switch fault {
        case .overflow(let from, let to), .cut(let from, let to): unsettled[[from, to]] = instant
        case .split(let half):
            for (one, other) in pairs(across: half, in: cluster) { unsettled[[one, other]] = instant }
        case .pause(let node), .kill(let node), .stop(let node): unsettled[[node]] = instant
        }
    }

    private func pairs(across half: Set<Int>, in cluster: SimulatedCluster) -> [(Int, Int)] {
        cluster.machines.indices.flatMap { one in
            cluster.machines.indices.filter { half.contains(one) != half.contains($0) }.map { (one, $0) }
        }
    }
}

extension Fault {
    /// Whether it ends a process.
    var isDeath: Bool {
        switch self {
        case .kill, .stop: true
        case .overflow, .cut, .split, .pause: false
        }
    }
}
