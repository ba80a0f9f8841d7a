// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The last events of each stream, ours and our peers', kept for whoever missed some: a dead node's last words that
// reached one peer reach all.

import RoostModel
import RoostRoster

/// The last events of one life's stream, within limits of size and age.
struct EventLog: Sendable {
    private struct Entry: Sendable {
        let event: Event
        let bytes: Int
        let at: Instant
    }

    private var entries: [Entry] = []
    /// Where the oldest entry stands; those before it have been dropped and wait to be cut off in one go.
    private var head = 0
    /// About the bytes of what is kept.
    private(set) var bytes = 0

    /// The number of the oldest event kept; nil where there is none.
    var oldest: UInt64? { head < entries.count ? entries[head].event.id.sequence : nil }

    /// When the newest event was added; nil where there is none.
    var newestAt: Instant? { entries.last?.at }

    /// How many events are kept.
    var count: Int { entries.count - head }

    /// Adds the next event, and drops what is over the limits. One that does not follow the last begins anew.
    mutating func append(_ event: Event, at now: Instant, limits: NodeLimits) {
        if let last = entries.last, event.id.sequence != last.event.id.sequence &+ 1 {
            self = EventLog()
        }
        let size = event.approximateBytes
        entries.append(Entry(event: event, bytes: size, at: now))
        bytes += size
        while head < entries.count - 1,
            bytes > limits.replayLogBytes || now - entries[head].at > limits.replayLogAge
        {
            bytes -= entries[head].bytes
            head += 1
        }
        if head > 1_024, head > entries.count / 2 {
            entries.removeFirst(head)
            head = 0
        }
    }

    /// The events from `first` to `last`, at most so many bytes of them but one at least; nil where the first is not
    /// kept any more, or is not there yet.
    func events(from first: UInt64, to last: UInt64, bytesMax: Int) -> (events: [Event], bytes: Int)? {
        guard let oldest, first >= oldest, first <= last, first - oldest < UInt64(count) else { return nil }
        var taken: [Event] = []
        var bytes = 0
        for entry in entries[(head + Int(first - oldest))...] {
            guard entry.event.id.sequence <= last, taken.isEmpty || bytes + entry.bytes <= bytesMax else { break }
            taken.append(entry.event)
            bytes += entry.bytes
        }
        return (taken, bytes)
    }

    /// Gives each event after that number to `body`, oldest first.
    func forEach(after sequence: UInt64, _ body: (Event) -> Void) {
        guard let oldest else { return }
        let skipped = sequence >= oldest ? min(sequence - oldest &+ 1, UInt64(count)) : 0
        for entry in entries[(head + Int(skipped))...] { body(entry.event) }
    }
}
