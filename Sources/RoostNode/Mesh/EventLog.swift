// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The events of our own stream, kept for peers that missed some.

import RoostModel
import RoostRoster

/// The last events of a stream, within limits of size and age.
struct EventLog: Sendable {
    private struct Entry: Sendable {
        let event: Event
        let bytes: Int
        let at: Instant
    }

    private var entries: [Entry] = []
    /// Where the oldest entry stands; those before it have been dropped and wait to be cut off in one go.
    private var head = 0
    private var bytes = 0

    /// The number of the oldest event kept; nil where there is none.
    var oldest: UInt64? { head < entries.count ? entries[head].event.id.sequence : nil }

    /// Adds the next event, and drops what is over the limits.
    mutating func append(_ event: Event, at now: Instant, limits: NodeLimits) {
        let size = Self.size(of: event)
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

    /// The events from `first` to `last`, at most `count`; nil where the first is not kept any more.
    func events(from first: UInt64, to last: UInt64, count: Int) -> [Event]? {
        guard let oldest, first >= oldest, first <= last else { return nil }
        guard first - oldest < UInt64(entries.count - head) else { return [] }
        let start = head + Int(first - oldest)
        let most = min(count, entries.count - start)
        // The numbers are a peer's: one more than the distance between them may be too much for an integer.
        let wanted = last - first < UInt64(most) ? Int(last - first) + 1 : most
        return entries[start..<(start + wanted)].map(\.event)
    }

    /// Roughly the bytes of an event on the wire, and enough above them for what it costs here.
    private static func size(of event: Event) -> Int {
        if case .messageSent(let message) = event.body { return 96 + message.text.utf8.count }
        return 128
    }
}
