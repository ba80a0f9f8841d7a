// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Keeps what can be caused from outside from filling the log and the stats: of notes alike, one a second is told, and
// then how many were left out.

import RoostModel

/// Lets through one note a second for each key. Belongs to whoever tells the notes.
struct NoteLimiter<Note: Sendable>: Sendable {
    /// What notes alike have in common.
    struct Key: Hashable, Sendable {
        /// What kind of thing happened.
        var kind: String
        /// To whom.
        var source: String
    }

    private struct Entry: Sendable {
        var until: Instant
        var last: Note?
        var leftOut = 0
    }

    /// From one note to the next of its key.
    static var interval: Duration { .seconds(1) }
    /// Sources kept apart; beyond so many, all others of one kind count as one.
    static var sourcesMax: Int { 256 }

    private var entries: [Key: Entry] = [:]

    /// Whether a note is to be told now. If not, it is kept, or counted.
    mutating func admits(_ note: Note, _ key: Key, at now: Instant) -> Bool {
        var key = key
        if entries[key] == nil && entries.count >= Self.sourcesMax { key.source = "" }
        // One that is held back and due is told first, by `takeDue`.
        guard var entry = entries[key], now < entry.until || entry.last != nil else {
            entries[key] = Entry(until: now + Self.interval)
            return true
        }
        entry.leftOut += 1
        entry.last = note
        entries[key] = entry
        return false
    }

    /// The last of the notes that were held back, for each key whose second is over, and how many more there were.
    mutating func takeDue(at now: Instant) -> [(note: Note, more: Int)] {
        var due: [(note: Note, more: Int)] = []
        for (key, entry) in entries where now >= entry.until {
            guard let last = entry.last else {
                entries[key] = nil
                continue
            }
            due.append((last, entry.leftOut - 1))
            entries[key] = Entry(until: now + Self.interval)
        }
        return due
    }
}
