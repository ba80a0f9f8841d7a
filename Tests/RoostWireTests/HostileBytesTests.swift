// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// No bytes stop a node: whatever is done to a frame, decoding throws or gives a value that can be encoded again.

import RoostModel
import RoostRoster
import Testing

@testable import RoostWire

/// The kinds of frames, each with what encodes random ones, and what decodes it.
private enum Kind: CaseIterable {
    case events, acknowledgement, heartbeat, control, snapshot

    func samples(_ random: inout RandomValues) -> [[UInt8]] {
        switch self {
        case .events: (0..<RandomValues.kindsOfEvents).map { random.eventFrame(kinds: [$0]).encoded() }
        case .acknowledgement: [random.acknowledgement().encoded()]
        case .heartbeat: [random.heartbeat().encoded()]
        case .control: (0..<RandomValues.kindsOfControl).map { random.controlFrame(kind: $0).encoded() }
        case .snapshot: [random.snapshot().encoded()]
        }
    }

    /// Whether the bytes are a frame of this kind. What was decoded must come back when it is encoded again.
    @discardableResult
    func accepts(_ bytes: [UInt8]) -> Bool {
        switch self {
        case .events:
            check(bytes, EventFrame.init(decoding:)) { $0.encoded() }
        case .acknowledgement: check(bytes, Acknowledgement.init(decoding:)) { $0.encoded() }
        case .heartbeat: check(bytes, Heartbeat.init(decoding:)) { $0.encoded() }
        case .control: check(bytes, ControlFrame.init(decoding:)) { $0.encoded() }
        case .snapshot: check(bytes, Snapshot.init(decoding:)) { $0.encoded() }
        }
    }

    private func check<Frame: Equatable>(
        _ bytes: [UInt8], _ decode: (RawSpan) throws(WireError) -> Frame, _ encode: (Frame) -> [UInt8]
    ) -> Bool {
        guard let frame = try? decode(bytes.span.bytes) else { return false }
        if (try? decode(encode(frame).span.bytes)) != frame {
            Issue.record("decoded, but not the same when encoded again: \(bytes)")
        }
        return true
    }
}

@Suite struct HostileBytesTests {
    @Test(arguments: Kind.allCases)
    private func randomBytesAreSurvived(as kind: Kind) {
        for seed in 0..<3_000 {
            var random = RandomValues(seed: UInt64(seed))
            kind.accepts(random.list(0...60) { UInt8($0.number(0...255)) })
        }
    }

    @Test(arguments: Kind.allCases)
    private func framesOfOtherKindsAreSurvived(as kind: Kind) {
        for seed in 0..<50 {
            for other in Kind.allCases {
                var random = RandomValues(seed: UInt64(seed))
                for sample in other.samples(&random) { kind.accepts(sample) }
            }
        }
    }

    @Test(arguments: Kind.allCases)
    private func everyTruncationIsSurvived(of kind: Kind) {
        var random = RandomValues(seed: 1)
        for frame in kind.samples(&random) {
            #expect(kind.accepts(frame))
            for count in 0..<frame.count { kind.accepts(Array(frame[..<count])) }
        }
    }

    @Test(arguments: Kind.allCases)
    private func aFlippedBitInAnyByteIsSurvived(of kind: Kind) {
        for seed in 2..<5 {
            var random = RandomValues(seed: UInt64(seed))
            for frame in kind.samples(&random) {
                // Of a long frame, one byte in eight: reading it whole for each of them takes long.
                for offset in stride(from: 0, to: frame.count, by: frame.count > 2_000 ? 8 : 1) {
                    var flipped = frame
                    flipped[offset] ^= 1 << UInt8(random.number(0...7))
                    kind.accepts(flipped)
                }
            }
        }
    }

    @Test(arguments: Kind.allCases)
    private func bytesChangedAtRandomAreSurvived(in kind: Kind) {
        for seed in 10..<100 {
            var random = RandomValues(seed: UInt64(seed))
            for frame in kind.samples(&random) where !frame.isEmpty {
                var changed = frame
                for _ in 0..<random.number(1...5) {
                    changed[random.number(0...changed.count - 1)] = UInt8(random.number(0...255))
                }
                kind.accepts(changed)
            }
        }
    }

    @Test func aCutEventFrameNeverGivesOtherEvents() throws {
        var random = RandomValues(seed: 3)
        let whole = random.eventFrame(kinds: [0, 1, 4, 7, 10])
        let bytes = whole.encoded()
        for count in 0..<bytes.count {
            guard let cut = try? EventFrame(decoding: Array(bytes[..<count]).span.bytes) else { continue }
            #expect(cut.events == Array(whole.events.prefix(cut.events.count)), "cut at \(count)")
        }
    }
}
