// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Aim: percentiles are those of what was recorded.

import Testing

@testable import roost_bench

struct LatenciesTests {
    @Test func percentilesAreExactToAThousandth() {
        var latencies = Latencies()
        #expect(latencies.percentile(50) == nil)
        for value in 1...10_000 { latencies.record(UInt64(value) * 1_000) }
        let p50 = latencies.percentile(50) ?? 0
        let p99 = latencies.percentile(99) ?? 0
        #expect((4_995_000...5_005_000).contains(p50), "\(p50)")
        #expect((9_890_000...9_910_000).contains(p99), "\(p99)")
        latencies.reset()
        #expect(latencies.percentile(50) == nil)
    }
}
