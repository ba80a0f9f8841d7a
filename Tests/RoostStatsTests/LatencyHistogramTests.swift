// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The histogram's promises, checked against sorting the same values.

import RoostStats
import Testing

struct LatencyHistogramTests {
    @Test(arguments: [1, 2, 3, 4, 5])
    func quantilesAreNeverBelowTheTruthAndAtMostAThirtySecondAbove(seed: UInt64) {
        var random = SplitMix(state: seed)
        var histogram = LatencyHistogram()
        // Wild scales: each value uses a random number of bits, up to the limit.
        let values = (0..<5_000).map { _ in
            Int(random.next() >> (64 - UInt64.random(in: 1...27, using: &random)))
        }
        for value in values { histogram.record(microseconds: value) }
        let sorted = values.sorted()
        for fraction in [0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1] {
            let truth = sorted[Int((fraction * 5_000).rounded(.up)) - 1]
            let answer = histogram.quantile(fraction)
            #expect(answer >= truth && answer <= truth + truth / 32, "fraction \(fraction): \(answer) for \(truth)")
        }
        #expect(histogram.max == sorted.last)
        #expect(histogram.count == 5_000)
    }

    @Test func mergingIsTheSameAsRecordingInOne() {
        var random = SplitMix(state: 9)
        var (left, right, both) = (LatencyHistogram(), LatencyHistogram(), LatencyHistogram())
        for index in 0..<2_000 {
            let value = Int.random(in: 0...1_000_000, using: &random)
            if index % 3 == 0 { left.record(microseconds: value) } else { right.record(microseconds: value) }
            both.record(microseconds: value)
        }
        left.merge(right)
        #expect(left == both)
    }

    @Test func anEmptyOneReportsZeros() {
        var histogram = LatencyHistogram()
        #expect(histogram.quantiles == NodeStats.Quantiles())
        histogram.record(microseconds: 700)
        histogram.reset()
        #expect(histogram == LatencyHistogram())
    }

    @Test func timesBeyondTheEndsAreCountedAtTheEnds() {
        var histogram = LatencyHistogram()
        histogram.record(microseconds: -5)
        #expect(histogram.quantiles == .init(count: 1))
        histogram.record(microseconds: .max)
        histogram.record(.seconds(Int64.max))
        histogram.record(.seconds(Int64.min))
        #expect(histogram.count == 4)
        #expect(histogram.quantile(0.5) == 0)
        #expect(histogram.quantile(1) == LatencyHistogram.limit)
        #expect(histogram.max == .max)
    }

    @Test func durationsAreCountedInMicroseconds() {
        var histogram = LatencyHistogram()
        histogram.record(.nanoseconds(41_900))
        #expect(histogram.quantiles == .init(count: 1, p50Us: 41, p90Us: 41, p99Us: 41, maxUs: 41))
        histogram.record(.milliseconds(1_500))
        #expect(histogram.max == 1_500_000)
    }
}

/// A small seeded generator, so that a failure repeats.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
