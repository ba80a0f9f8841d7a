// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// A run of events, as it is published and replayed. The events' ids are implied by the first, their times are told by
// how far each is from the one before. What is in each kind of event is in the files beside this one.

import RoostModel
import RoostRoster

/// Writes events of one life.
struct RunWriter {
    var ids: IDWriter
    private var bytes: [UInt8] = []

    /// The bytes of a run of those events of a life, in a frame with that header. Their ids must count up by one.
    static func run(of events: [Event], of own: Life, in header: FrameHeader) -> [UInt8] {
        var head = WireRun()
        if own != header.life { head.origin = own.wire }
        var bytes: [UInt8] = []
        guard let start = events.first?.id else {
            bytes.append(delimited: head.bytes)
            return bytes
        }
        var writer = RunWriter(ids: IDWriter(own: own))
        writer.bytes.reserveCapacity(events.count * 128)
        var time = header.time.rawValue
        var sequence = start.sequence
        for event in events {
            precondition(
                event.id == EventID(node: own.node, epoch: own.epoch, sequence: sequence),
                "event \(event.id) where \(sequence) of a run from \(start) must be")
            writer.append(event.body, Int64(bitPattern: event.time.rawValue &- time))
            time = event.time.rawValue
            sequence &+= 1
        }
        head.lives = writer.ids.lives.map(\.wire)
        head.first = start.sequence
        bytes.append(delimited: head.bytes)
        bytes += writer.bytes
        return bytes
    }

    private mutating func append(_ body: EventBody, _ time: Int64) {
        let (kind, content) = body.encoded(&ids)
        bytes.append(varint: UInt64(kind))
        bytes.append(zigzag: time)
        bytes.append(delimited: content)
    }
}

/// The events of the run that starts at the cursor and fills the rest of the bytes, in a frame with that header, and the
/// life that they are of.
///
/// - Parameter quarantine: whether an event whose content cannot be read is set aside, and does not spoil the run.
func readRun(
    _ bytes: RawSpan, from start: Cursor, in header: FrameHeader, quarantine: Bool = true
) throws(WireError) -> (life: Life, events: [Event]) {
    var cursor = start
    let head = try WireRun(bytes: bytes.extracting(try cursor.part(of: bytes, "run")))
    let own = head.hasOrigin ? try Life(head.origin, "run.origin") : header.life
    let ids = try IDReader(own: own, lives: head.lives)
    var events: [Event] = []
    var time = header.time.rawValue
    while !cursor.isAtEnd(of: bytes) {
        try checkCount(events.count + 1, WireLimits.eventsMax, "run")
        let (sequence, isTooHigh) = head.first.addingReportingOverflow(UInt64(events.count))
        guard sequence > 0, !isTooHigh else {
            throw WireError(.outOfRange, "run.first: \(head.first), for event \(events.count)")
        }
        let kind = try cursor.varint(in: bytes, "event.kind")
        time &+= UInt64(bitPattern: try cursor.zigzag(in: bytes, "event.time"))
        let content = bytes.extracting(try cursor.part(of: bytes, "event.body"))
        let body: EventBody
        do {
            body = try EventBody(kind, content, ids: ids)
        } catch {
            guard quarantine else { throw error }
            body = .quarantined(reason: error.text)
        }
        events.append(
            Event(
                id: EventID(node: own.node, epoch: own.epoch, sequence: sequence), time: HybridTime(rawValue: time),
                body: body))
    }
    return (own, events)
}
