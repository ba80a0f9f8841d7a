// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What is on its way between the nodes of a simulated cluster. Nothing is lost here: each path keeps its order, and only
// how long a packet takes is drawn from the seed.

import RoostModel
import RoostNode

/// A packet on its way, or something else that is to happen at a node.
struct Delivery: Sendable {
    /// What arrives. Everything that one node says to another crosses as bytes.
    enum Content: Sendable {
        case events(LinkID, [UInt8])
        case acknowledgement(LinkID, [UInt8])
        case heartbeat(LinkID, [UInt8])
        case control(ControlSource, [UInt8])
        case input(NodeInput)
    }

    /// The node, by its place in the cluster.
    let node: Int
    let content: Content
}

/// One way from a node to another: packets on it do not overtake each other.
struct Path: Hashable, Sendable {
    /// Which of the sockets.
    enum Kind: Hashable, Sendable {
        case stream
        case control
        case local
    }

    let from: Int
    let to: Int
    let kind: Kind
}

/// The packets on their way, soonest first.
struct Network: Sendable {
    private struct Entry: Sendable {
        let at: Instant
        let serial: UInt64
        let delivery: Delivery

        func comesBefore(_ other: Self) -> Bool { (at, serial) < (other.at, other.serial) }
    }

    private var heap: [Entry] = []
    private var serial: UInt64 = 0
    private var lastArrival: [Path: Instant] = [:]
    /// The longest that a packet takes on each path: some are slower than others all the time, so that one node hears
    /// the answer before another hears the question.
    private var latencyMax: [Path: UInt64] = [:]
    private var random: SeededRandom
    /// How long a packet takes, in nanoseconds.
    private let latency: ClosedRange<UInt64>

    init(seed: UInt64, latency: ClosedRange<Duration>) {
        random = SeededRandom(seed: seed)
        self.latency = latency.lowerBound.nanoseconds...latency.upperBound.nanoseconds
    }

    /// When the next packet arrives.
    var next: Instant? { heap.first?.at }

    /// Sends a packet on its way.
    mutating func send(_ delivery: Delivery, over path: Path, at now: Instant) {
        let slowest = latencyMax[path] ?? UInt64.random(in: latency, using: &random)
        latencyMax[path] = slowest
        let delay = UInt64.random(in: latency.lowerBound...slowest, using: &random)
        let earliest = Instant(nanoseconds: now.nanoseconds + delay)
        let at = max(earliest, lastArrival[path] ?? earliest)
        lastArrival[path] = at
        serial += 1
        push(Entry(at: at, serial: serial, delivery: delivery))
    }

    /// Takes out the packet that arrives next.
    mutating func take() -> Delivery? {
        guard let first = heap.first else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        return first.delivery
    }

    private mutating func push(_ entry: Entry) {
        heap.append(entry)
        var index = heap.count - 1
        while index > 0, heap[index].comesBefore(heap[(index - 1) / 2]) {
            heap.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    private mutating func sink() {
        var index = 0
        while true {
            var least = index
            for child in [2 * index + 1, 2 * index + 2]
            where child < heap.count && heap[child].comesBefore(heap[least]) {
                least = child
            }
            if least == index { return }
            heap.swapAt(index, least)
            index = least
        }
    }
}

extension Duration {
    /// In whole nanoseconds; 0 for negative ones.
    var nanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        return UInt64(clamping: seconds) * 1_000_000_000 + UInt64(clamping: attoseconds / 1_000_000_000)
    }
}
