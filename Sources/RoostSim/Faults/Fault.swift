// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What goes wrong in a run, and when. Each seed leaves some kinds of faults out and likes others, so that one run is all
// cuts and the next all deaths.

import RoostModel

/// Something that goes wrong for a while.
enum Fault: Sendable {
    /// What a node publishes for another is lost: the queue is full.
    case overflow(from: Int, to: Int)
    /// Nothing passes from one node to another.
    case cut(from: Int, to: Int)
    /// Nothing passes between some nodes and all others.
    case split(Set<Int>)
    /// A node stands still.
    case pause(Int)
    /// A node's process is killed, and started anew afterwards.
    case kill(Int)
    /// A node's process is asked to end, and started anew afterwards.
    case stop(Int)
}

/// The kinds of faults.
public enum FaultKind: String, CaseIterable, Sendable {
    /// Single frames are lost, here and there, all the time.
    case trickle
    /// Queues are full, and runs of frames are lost.
    case overflow
    /// One node does not hear another.
    case cut
    /// The cluster falls apart.
    case split
    /// Nodes stand still.
    case pause
    /// Nodes are killed.
    case kill
    /// Nodes are asked to end.
    case stop
    /// Clocks differ by seconds, and drift.
    case skew
}

/// Draws what goes wrong next.
struct FaultPlan: Sendable {
    /// The kinds of faults that this seed has.
    let kinds: Set<FaultKind>
    /// For each node, how many milliseconds its clock is off, and how many it gains in a million.
    let clocks: [(offset: Int64, drift: Int64)]
    /// Of a million frames, how many are lost.
    let lossPerMillion: Int
    /// How many frames wait where something is blocked.
    let highWaterMark: Int
    /// Of a hundred nodes that go down, how many stay down until the end.
    let stayDown: Int

    private var random: SeededRandom
    private let nodes: Int
    private let weights: [(kind: FaultKind, weight: Int)]
    /// How long the part of the run takes in which faults happen, where there are any; and how many there are, roughly.
    let span: Duration
    private let count: Int
    /// The longest that a fault lasts, in milliseconds.
    private let durationMax: Int

    init(seed: UInt64, nodes: Int, allowed: Set<FaultKind>) {
        random = SeededRandom(seed: seed)
        self.nodes = nodes
        // One run in eight has none at all: what must hold then is more.
        let isSound = Int.random(in: 0..<8, using: &random) == 0 || nodes == 1
        var kinds: Set<FaultKind> = []
        var weights: [(kind: FaultKind, weight: Int)] = []
        for kind in FaultKind.allCases {
            let draw = Int.random(in: 0...6, using: &random) - 2
            guard draw > 0, !isSound, allowed.contains(kind) else { continue }
            kinds.insert(kind)
            if kind != .trickle, kind != .skew { weights.append((kind, draw * draw)) }
        }
        self.kinds = kinds
        self.weights = weights
        span = .milliseconds(Int.random(in: 2_000...40_000, using: &random))
        count = Int.random(in: 2...25, using: &random)
        durationMax = [300, 1_500, 4_000, 9_000].randomElement(using: &random) ?? 1_500
        lossPerMillion = kinds.contains(.trickle) ? Int.random(in: 100...50_000, using: &random) : 0
        highWaterMark = kinds.contains(.overflow) ? Int.random(in: 4...64, using: &random) : 1_024
        stayDown = Int.random(in: 0...40, using: &random)
        var clocks: [(offset: Int64, drift: Int64)] = []
        for _ in 0..<nodes {
            let offset = Int64.random(in: -4_000...4_000, using: &random)
            let drift = Int64.random(in: -200...200, using: &random)
            clocks.append(kinds.contains(.skew) ? (offset, drift) : (0, 0))
        }
        self.clocks = clocks
    }

    /// Whether nodes die, or end.
    var hasDeaths: Bool { kinds.contains(.kill) || kinds.contains(.stop) }

    /// The most that two clocks may differ.
    var clockDifferenceMax: Duration { kinds.contains(.skew) ? .milliseconds(8_500) : .milliseconds(100) }

    /// Whether nothing goes wrong at all.
    var isSound: Bool { kinds.isEmpty || kinds == [.skew] }

    /// How long until the next fault; nil where there are none.
    mutating func pause() -> Duration? {
        weights.isEmpty
            ? nil : .nanoseconds(Int64.random(in: 1...Int64((span * 2 / count).nanoseconds), using: &random))
    }

    /// What goes wrong next, and for how long.
    mutating func next() -> (fault: Fault, duration: Duration)? {
        guard let kind = kind() else { return nil }
        let node = Int.random(in: 0..<nodes, using: &random)
        let other = (node + Int.random(in: 1..<max(nodes, 2), using: &random)) % nodes
        let fault: Fault? =
            switch kind {
            case .overflow: .overflow(from: node, to: other)
            case .cut: .cut(from: node, to: other)
            case .split: .split(half(with: node))
            case .pause: .pause(node)
            case .kill: .kill(node)
            case .stop: .stop(node)
            case .trickle, .skew: nil
            }
        // Short ones are as frequent as long ones.
        let most = Int.random(in: 20...durationMax, using: &random)
        return fault.map { ($0, .milliseconds(Int.random(in: 10...most, using: &random))) }
    }

    /// Whether a node that has gone down stays so until the end.
    mutating func staysDown() -> Bool { Int.random(in: 0..<100, using: &random) < stayDown }

    private mutating func half(with node: Int) -> Set<Int> {
        if Bool.random(using: &random) { return [node] }
        var half: Set<Int> = [node]
        for other in 0..<nodes where Bool.random(using: &random) { half.insert(other) }
        return half.count < nodes ? half : [node]
    }

    private mutating func kind() -> FaultKind? {
        let sum = weights.reduce(0) { $0 + $1.weight }
        guard sum > 0 else { return nil }
        var draw = Int.random(in: 0..<sum, using: &random)
        for (kind, weight) in weights {
            if draw < weight { return kind }
            draw -= weight
        }
        return nil
    }
}
