// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// How long things take in a simulated cluster, and in which order they arrive: each path keeps its order. What is lost
// stands in `SimulatedCluster+Links.swift`.

import RoostModel

/// How long things take, at least and at most.
public struct Delays: Sendable {
    /// From node to node.
    public var mesh: ClosedRange<Duration>
    /// From the machine to the kernel, on the way to clients; nil where clients are told at once.
    public var handOver: ClosedRange<Duration>?
    /// From the kernel to the client.
    public var client: ClosedRange<Duration>

    /// Delays between nodes; clients are told at once.
    public init(mesh: ClosedRange<Duration>) {
        self.mesh = mesh
        client = .zero ... .zero
    }
}

/// What is on its way, soonest first.
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
    private var slowest: [Path: UInt64] = [:]
    private var random: SeededRandom
    let delays: Delays

    init(seed: UInt64, delays: Delays) {
        random = SeededRandom(seed: seed)
        self.delays = delays
    }

    /// When the next thing arrives.
    var next: Instant? { heap.first?.at }

    /// When what was last sent on a path arrives; in the past where nothing is on its way.
    func lastArrival(on path: Path) -> Instant { lastArrival[path] ?? Instant(nanoseconds: 0) }

    /// Sends something on its way.
    mutating func send(_ delivery: Delivery, over path: Path, at now: Instant) {
        let range = range(of: path.kind)
        let slowest = slowest[path] ?? UInt64.random(in: range, using: &random)
        self.slowest[path] = slowest
        let delay = UInt64.random(in: range.lowerBound...slowest, using: &random)
        let earliest = Instant(nanoseconds: now.nanoseconds + delay)
        let at = max(earliest, lastArrival[path] ?? earliest)
        lastArrival[path] = at
        put(delivery, at: at)
    }

    /// Has something happen at that moment, in no order with anything else.
    mutating func put(_ delivery: Delivery, at instant: Instant) {
        serial += 1
        push(Entry(at: instant, serial: serial, delivery: delivery))
    }

    /// Takes out what arrives next.
    mutating func take() -> Delivery? {
        guard let first = heap.first else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        return first.delivery
    }

    private func range(of kind: Path.Kind) -> ClosedRange<UInt64> {
        let range =
            switch kind {
            case .stream, .control: delays.mesh
            case .local: Duration.microseconds(1) ... .microseconds(200)
            case .kernel: delays.handOver ?? .zero ... .zero
            case .client: delays.client
            }
        return range.lowerBound.nanoseconds...range.upperBound.nanoseconds
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
