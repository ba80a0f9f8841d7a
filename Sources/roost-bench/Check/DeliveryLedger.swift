// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Judges deliveries: each receiver must get each message of each sender once and in order. A stream is one sender's
// messages to one receiver; who forms which stream is the load's business.

/// What went wrong with deliveries, by kind.
struct DeliveryFaults: Equatable {
    /// Sent, and not there when the row ended.
    var lost = 0
    /// Arrived again.
    var doubled = 0
    /// Arrived after a later one of the same sender.
    var reordered = 0
    /// A text that was never sent, was damaged, or reached someone who should not see it.
    var foreign = 0

    var total: Int { lost + doubled + reordered + foreign }

    /// `3 lost, 1 doubled`, naming only what happened.
    var description: String {
        [(lost, "lost"), (doubled, "doubled"), (reordered, "reordered"), (foreign, "foreign or damaged")]
            .filter { $0.0 > 0 }
            .map { "\($0.0) \($0.1)" }
            .joined(separator: ", ")
    }
}

/// The account of all streams of one row.
struct DeliveryLedger {
    /// Messages that arrived for the first time, in order or not.
    private(set) var delivered = 0
    private(set) var faults = DeliveryFaults()

    /// For each stream the sequence that comes next if nothing is wrong.
    private var next: [UInt32]
    /// Sequences that were skipped and may still arrive late, as stream and sequence. Empty while all is well.
    private var skipped: Set<Skip> = []
    /// Beyond this many, skipped messages are no longer told apart: the row has long failed.
    private static let skippedMax = 1_000_000

    private struct Skip: Hashable {
        let stream: Int
        let sequence: UInt32
    }

    init(streams: Int) {
        next = Array(repeating: 0, count: streams)
    }

    /// Books a message of which its sender has sent all below `sent`; true if it arrived for the first time.
    mutating func receive(stream: Int, sequence: UInt32, sent: UInt32) -> Bool {
        let expected = next[stream]
        if sequence == expected, sequence < sent {
            next[stream] = expected + 1
            delivered += 1
            return true
        }
        guard sequence < sent else {
            faults.foreign += 1
            return false
        }
        return receiveOutOfOrder(stream: stream, sequence: sequence, expected: expected)
    }

    /// Books a text that belongs to no stream.
    mutating func receiveForeign() {
        faults.foreign += 1
    }

    /// Books what never came; called once for each stream when nothing more can arrive.
    mutating func close(stream: Int, sent: UInt32) {
        faults.lost += Int(sent) - Int(next[stream])
        next[stream] = sent
    }

    /// Books what was skipped and never came; called once, after all streams are closed.
    mutating func close() {
        faults.lost += skipped.count
        skipped = []
    }

    private mutating func receiveOutOfOrder(stream: Int, sequence: UInt32, expected: UInt32) -> Bool {
        if sequence > expected {
            for missing in expected..<sequence {
                guard skipped.count < Self.skippedMax else {
                    faults.lost += Int(sequence - missing)
                    break
                }
                skipped.insert(Skip(stream: stream, sequence: missing))
            }
            next[stream] = sequence + 1
            delivered += 1
            return true
        }
        guard skipped.remove(Skip(stream: stream, sequence: sequence)) != nil else {
            faults.doubled += 1
            return false
        }
        faults.reordered += 1
        delivered += 1
        return true
    }
}
