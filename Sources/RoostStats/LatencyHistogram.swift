// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Gathers latencies between two reports. A plain value: each thread that measures owns one, and whoever writes the
// report merges copies of them.

/// A histogram of times in microseconds, with a fixed size and a stated error.
///
/// Buckets are log-linear: below 64 µs each value has its own; above, every doubling is cut into 32 equal parts, so a
/// quantile is at most 1/32 (3.2 %) above the true value and never below it. Longer times than ``limit`` count in the
/// last bucket. 736 buckets, 5.9 KB; recording is a shift and an addition and never allocates (unless a copy of the
/// value is alive: take copies, use them, and let go).
public struct LatencyHistogram: Sendable, Equatable {
    /// The longest time that has a bucket: 134 s.
    public static let limit = (1 << 27) - 1

    /// How many times were recorded.
    public private(set) var count = 0
    /// The longest recorded, exact, in microseconds; 0 when there is none.
    public private(set) var max = 0
    private var buckets: [Int]

    private static let linearBits = 6
    private static let partsPerDoubling = 32

    /// An empty histogram.
    public init() {
        buckets = Array(repeating: 0, count: Self.bucket(of: Self.limit) + 1)
    }

    /// Counts one time. A negative one, which clocks that were set can give, counts as 0.
    public mutating func record(microseconds: Int) {
        let value = Swift.max(microseconds, 0)
        count += 1
        max = Swift.max(max, value)
        buckets[Self.bucket(of: Swift.min(value, Self.limit))] += 1
    }

    /// Counts one time.
    public mutating func record(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let whole = Int(clamping: seconds).multipliedReportingOverflow(by: 1_000_000)
        let micros = whole.partialValue.addingReportingOverflow(Int(attoseconds / 1_000_000_000_000))
        record(microseconds: whole.overflow || micros.overflow ? (seconds < 0 ? 0 : Int.max) : micros.partialValue)
    }

    /// Adds what another histogram holds.
    public mutating func merge(_ other: LatencyHistogram) {
        count += other.count
        max = Swift.max(max, other.max)
        for index in buckets.indices { buckets[index] += other.buckets[index] }
    }

    /// Empties the histogram, keeping its memory.
    public mutating func reset() {
        count = 0
        max = 0
        for index in buckets.indices { buckets[index] = 0 }
    }

    /// The shortest time that `fraction` (0...1) of the recorded ones do not exceed, within the stated error, in
    /// microseconds; 0 when nothing was recorded.
    public func quantile(_ fraction: Double) -> Int {
        guard count > 0 else { return 0 }
        let wanted = Swift.max(1, Int((Double(count) * Swift.min(Swift.max(fraction, 0), 1)).rounded(.up)))
        var seen = 0
        for (index, inBucket) in buckets.enumerated() {
            seen += inBucket
            if seen >= wanted { return Swift.min(Self.highestValue(in: index), max) }
        }
        return max
    }

    /// The distribution as a report has it.
    public var quantiles: NodeStats.Quantiles {
        NodeStats.Quantiles(
            count: count, p50Us: quantile(0.5), p90Us: quantile(0.9), p99Us: quantile(0.99), maxUs: max)
    }

    /// `value` is in 0...limit. Above the linear part the top six bits choose the bucket: which doubling, which part.
    private static func bucket(of value: Int) -> Int {
        let bits = Int.bitWidth - value.leadingZeroBitCount
        guard bits > linearBits else { return value }
        let shift = bits - linearBits
        return shift * partsPerDoubling + (value >> shift)
    }

    private static func highestValue(in bucket: Int) -> Int {
        guard bucket >= 1 << linearBits else { return bucket }
        let shift = bucket / partsPerDoubling - 1
        let top = bucket - shift * partsPerDoubling
        return ((top + 1) << shift) - 1
    }
}
