// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What nodes send each other: whatever decodes encodes again, as the same value and in no more than twice the bytes.

import RoostModel
import RoostRoster
import RoostWire

func checkEvents(_ bytes: [UInt8]) throws(BrokenRule) {
    guard let frame = try? EventFrame(decoding: bytes.span.bytes) else { return }
    try checkCoding(of: frame, bytes, more: reasonBytes(in: frame.events), EventFrame.init(decoding:)) { $0.encoded() }
    try check(frame.events.count <= bytes.count, "\(frame.events.count) events of \(bytes.count) bytes")
    for (event, next) in zip(frame.events, frame.events.dropFirst()) {
        try check(
            event.id.node == next.id.node && event.id.epoch == next.id.epoch
                && event.id.sequence < next.id.sequence && next.id.sequence - event.id.sequence == 1,
            "the events of a frame are a run: \(event.id), then \(next.id)")
    }
}

func checkReports(_ bytes: [UInt8]) throws(BrokenRule) {
    if let report = try? Acknowledgement(decoding: bytes.span.bytes) {
        try checkCoding(of: report, bytes, Acknowledgement.init(decoding:)) { $0.encoded() }
    }
    if let heartbeat = try? Heartbeat(decoding: bytes.span.bytes) {
        try checkCoding(of: heartbeat, bytes, Heartbeat.init(decoding:)) { $0.encoded() }
    }
}

func checkControl(_ bytes: [UInt8]) throws(BrokenRule) {
    guard let frame = try? ControlFrame(decoding: bytes.span.bytes) else { return }
    var reasons = 0
    if case .replay(_, let events) = frame.message { reasons = reasonBytes(in: events) }
    try checkCoding(of: frame, bytes, more: reasons, ControlFrame.init(decoding:)) { $0.encoded() }
}

func checkSnapshot(_ bytes: [UInt8]) throws(BrokenRule) {
    guard let snapshot = try? Snapshot(decoding: bytes.span.bytes) else { return }
    try checkCoding(of: snapshot, bytes, Snapshot.init(decoding:)) { $0.encoded() }
}

/// Of an event that is set aside the reason stands in its place, however short it was.
private func reasonBytes(in events: [Event]) -> Int {
    events.reduce(0) { count, event in
        if case .quarantined(let reason) = event.body { count + reason.utf8.count } else { count }
    }
}

private func checkCoding<Frame: Equatable>(
    of frame: Frame, _ bytes: [UInt8], more: Int = 0, _ decode: (RawSpan) throws(WireError) -> Frame,
    _ encode: (Frame) -> [UInt8]
) throws(BrokenRule) {
    let encoded = encode(frame)
    try check(
        encoded.count <= 2 * bytes.count + more + 64, "\(bytes.count) bytes are \(encoded.count) when encoded again")
    let again = try read(encoded, decode, "what decodes can be encoded and decoded again")
    try check(again == frame, "what decodes is the same when encoded and decoded again: \(frame) is \(again)")
    try check(encode(again) == encoded, "the same value has the same bytes: \(frame)")
}

/// What those bytes hold, where the rule says that they can be read.
func read<Frame>(
    _ bytes: [UInt8], _ decode: (RawSpan) throws(WireError) -> Frame, _ rule: @autoclosure () -> String
) throws(BrokenRule) -> Frame {
    do throws(WireError) {
        return try decode(bytes.span.bytes)
    } catch {
        throw BrokenRule("\(rule()): \(error)")
    }
}
