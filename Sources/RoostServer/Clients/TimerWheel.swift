// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// One timer for all clients of a loop. A client is looked at when its bucket's time comes, and put where it is to be
// looked at next; activity in between moves nothing.

import RoostModel

/// Buckets of clients by the tick at which each is to be looked at.
struct TimerWheel: Sendable {
    /// A client, by its place in the loop's table, to be looked at in a tick.
    struct Entry: Equatable, Sendable {
        var slot: Int
        var tick: UInt64
    }

    private static let bucketCount = 64

    /// The wheel's grain: nobody is looked at later than this after the time asked for.
    let tickLength: Duration
    private let tickNanoseconds: UInt64
    private var buckets = [[Entry]](repeating: [], count: bucketCount)
    private var entryCount = 0
    /// The first tick not yet taken.
    private var firstTick: UInt64

    init(tickLength: Duration, at now: Instant) {
        self.tickLength = tickLength
        let (seconds, attoseconds) = tickLength.components
        tickNanoseconds = UInt64(max(1, seconds * 1_000_000_000 + attoseconds / 1_000_000_000))
        firstTick = now.nanoseconds / tickNanoseconds
    }

    /// Puts in a client, to be looked at not before an instant and soon after; earlier where that is beyond the wheel.
    ///
    /// - Returns: the tick. Who keeps it can tell this entry from older ones of the same client.
    mutating func insert(_ slot: Int, at instant: Instant) -> UInt64 {
        let wanted = instant.nanoseconds / tickNanoseconds + 1
        let tick = min(max(wanted, firstTick), firstTick + UInt64(Self.bucketCount) - 1)
        buckets[Int(tick % UInt64(Self.bucketCount))].append(Entry(slot: slot, tick: tick))
        entryCount += 1
        return tick
    }

    /// The tick in which an instant falls, when it is asked for with `insert`.
    func tick(at instant: Instant) -> UInt64 { instant.nanoseconds / tickNanoseconds + 1 }

    /// When a tick begins, which is when `due` gives its entries.
    func instant(of tick: UInt64) -> Instant { Instant(nanoseconds: tick * tickNanoseconds) }

    /// The next tick with entries; nil where the wheel is empty.
    var nextTick: UInt64? {
        guard entryCount > 0 else { return nil }
        return (firstTick..<firstTick + UInt64(Self.bucketCount)).first {
            !buckets[Int($0 % UInt64(Self.bucketCount))].isEmpty
        }
    }

    /// Takes out the entries whose time has come.
    mutating func due(at now: Instant) -> [Entry] {
        let current = now.nanoseconds / tickNanoseconds
        guard firstTick <= current else { return [] }
        var due: [Entry] = []
        for tick in firstTick...min(current, firstTick + UInt64(Self.bucketCount) - 1) {
            let bucket = Int(tick % UInt64(Self.bucketCount))
            due.append(contentsOf: buckets[bucket])
            buckets[bucket].removeAll()
        }
        entryCount -= due.count
        firstTick = current + 1
        return due
    }
}
