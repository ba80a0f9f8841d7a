// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The last events of each stream, ours and our peers', kept for whoever missed some: a dead node's last words that
// reached one peer reach all. All but the newest are packed, so that the limit of a log is what it takes.

import RoostModel
import RoostRoster
import RoostWire

/// The last events of one life's stream, within limits of size and age.
struct EventLog: Sendable {
    /// So many events, or about so many bytes of them, are packed together.
    private static let packed = (count: 64, bytes: 16 << 10)

    private struct Pack: Sendable {
        let first: UInt64
        let events: PackedEvents
        let newestAt: Instant
    }

    private struct Entry: Sendable {
        let event: Event
        let at: Instant
    }

    private var packs: [Pack] = []
    /// Where the oldest pack stands; those before it have been dropped and wait to be cut off in one go.
    private var head = 0
    /// The newest events, which follow those that are packed.
    private var tail: [Entry] = []
    private var tailBytes = 0
    /// About the bytes of what is kept.
    private(set) var bytes = 0

    /// The number of the oldest event kept; nil where there is none.
    var oldest: UInt64? { head < packs.count ? packs[head].first : tail.first?.event.id.sequence }

    /// When the newest event was added; nil where there is none.
    var newestAt: Instant? { tail.last?.at ?? packs.last?.newestAt }

    /// How many events are kept.
    var count: Int { oldest.map { Int(newest - $0) + 1 } ?? 0 }

    /// The number of the newest event that was added; 0 before the first.
    private var newest: UInt64 = 0

    /// Adds the next event, and drops what is over the limits. One that does not follow the last begins anew.
    mutating func append(_ event: Event, at now: Instant, limits: NodeLimits) {
        if event.id.sequence != newest &+ 1 { self = EventLog() }
        newest = event.id.sequence
        let size = event.approximateBytes
        tail.append(Entry(event: event, at: now))
        tailBytes += size
        bytes += size
        drop(at: now, limits: limits)
        if tail.count >= Self.packed.count || tailBytes >= Self.packed.bytes { pack(at: now) }
    }

    /// The events from `first` to `last`, at most so many bytes of them but one at least; nil where the first is not
    /// kept any more, or is not there yet.
    func events(from first: UInt64, to last: UInt64, bytesMax: Int) -> (events: [Event], bytes: Int)? {
        guard let oldest, first >= oldest, first <= last, first <= newest else { return nil }
        var taken: [Event] = []
        var bytes = 0
        visit(from: first) { event in
            let size = event.approximateBytes
            guard event.id.sequence <= last, taken.isEmpty || bytes + size <= bytesMax else { return false }
            taken.append(event)
            bytes += size
            return true
        }
        return (taken, bytes)
    }

    /// Gives each event after that number to `body`, oldest first.
    func forEach(after sequence: UInt64, _ body: (Event) -> Void) {
        guard sequence < newest else { return }
        visit(from: sequence + 1) { event in
            body(event)
            return true
        }
    }

    /// Gives the events of that number and after it to `body`, oldest first, until it says that it has enough.
    private func visit(from first: UInt64, _ body: (Event) -> Bool) {
        let start = packs[head...].lastIndex { $0.first <= first } ?? head
        for pack in packs[start...] {
            for event in pack.events.events where event.id.sequence >= first {
                guard body(event) else { return }
            }
        }
        for entry in tail where entry.event.id.sequence >= first {
            guard body(entry.event) else { return }
        }
    }

    /// Drops the oldest while there is too much, or it is too old; the newest event stays.
    private mutating func drop(at now: Instant, limits: NodeLimits) {
        func mustGo(_ bytes: Int, _ at: Instant) -> Bool {
            bytes > limits.replayLogBytes || now - at > limits.replayLogAge
        }
        while head < packs.count, mustGo(bytes, packs[head].newestAt) {
            bytes -= packs[head].events.byteCount
            head += 1
        }
        if head > 64, head > packs.count / 2 {
            packs.removeFirst(head)
            head = 0
        }
        guard head == packs.count else { return }
        while tail.count > 1, mustGo(bytes, tail[0].at) {
            let size = tail.removeFirst().event.approximateBytes
            tailBytes -= size
            bytes -= size
        }
    }

    private mutating func pack(at now: Instant) {
        let events = PackedEvents(tail.map(\.event))
        packs.append(Pack(first: tail[0].event.id.sequence, events: events, newestAt: now))
        bytes += events.byteCount - tailBytes
        tail.removeAll(keepingCapacity: true)
        tailBytes = 0
    }
}
