// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// One direction of a connection that passes through the proxy: bytes that came in and when they are due to go out. It
// has no socket and no clock, so that its rules can be tested by themselves.

import RoostModel

/// Bytes on their way.
struct ByteLane {
    /// Beyond so many bytes under way no more are taken in: the sender's own buffers fill then, as on a slow network.
    static let bytesMax = 1 << 20

    private struct Piece {
        var due: Duration
        var bytes: ArraySlice<UInt8>
    }

    private var pieces: [Piece] = []
    private var bytesUnderWay = 0
    /// When the sender's end arrives; nil while it sends.
    private var endDue: Duration?
    private var lastDue = Duration.zero

    /// Whether more may be read from the sender.
    func takesMore(_ condition: LinkCondition) -> Bool {
        !condition.isCut && endDue == nil && bytesUnderWay < Self.bytesMax
    }

    /// The sender sent something.
    mutating func take(
        _ bytes: [UInt8], _ condition: LinkCondition, at now: Duration, random: inout SeededRandom
    ) {
        pieces.append(Piece(due: due(condition, at: now, &random), bytes: bytes[...]))
        bytesUnderWay += bytes.count
    }

    /// The sender closed.
    mutating func end(_ condition: LinkCondition, at now: Duration, random: inout SeededRandom) {
        endDue = endDue ?? due(condition, at: now, &random)
    }

    /// What may be handed to the receiver now.
    func ready(_ condition: LinkCondition, at now: Duration) -> ArraySlice<UInt8>? {
        guard !condition.isCut, let first = pieces.first, first.due <= now else { return nil }
        return first.bytes
    }

    /// The receiver took so many bytes of what was ready.
    mutating func sent(_ count: Int) {
        guard !pieces.isEmpty else { return }
        pieces[0].bytes.removeFirst(count)
        bytesUnderWay -= count
        if pieces[0].bytes.isEmpty { pieces.removeFirst() }
    }

    /// Whether the receiver may be told that the sender closed: all else has arrived.
    func isOver(_ condition: LinkCondition, at now: Duration) -> Bool {
        guard !condition.isCut, pieces.isEmpty, let endDue else { return false }
        return endDue <= now
    }

    /// When something is due next that is not yet; nil for nothing.
    func nextDue(after now: Duration) -> Duration? {
        let due = pieces.first?.due ?? endDue
        return due.flatMap { $0 > now ? $0 : nil }
    }

    private mutating func due(
        _ condition: LinkCondition, at now: Duration, _ random: inout SeededRandom
    ) -> Duration {
        var due = now + condition.delay
        if condition.lossPercent > 0, Double.random(in: 0..<100, using: &random) < condition.lossPercent {
            due += LinkCondition.retransmission
        }
        // A stream keeps its order: nothing overtakes.
        lastDue = max(lastDue, due)
        return lastDue
    }
}
