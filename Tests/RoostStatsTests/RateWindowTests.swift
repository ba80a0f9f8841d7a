// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Rates between reports, and what the operating system says of this very process.

import RoostStats
import Testing

struct RateWindowTests {
    @Test func aRateCoversTheTimeSinceTheCallBefore() {
        var window = RateWindow(total: 100, at: .seconds(10))
        #expect(window.rate(of: 350, at: .seconds(12)) == 125)
        #expect(window.rate(of: 350, at: .seconds(13)) == 0)
        #expect(window.rate(of: 351, at: .seconds(16)) == 0.3)
    }

    @Test func noTimeOrAFallingTotalIsNoRate() {
        var window = RateWindow(at: .seconds(1))
        #expect(window.rate(of: 5, at: .seconds(1)) == 0)
        #expect(window.rate(of: 5, at: .seconds(2)) == 5)
        #expect(window.rate(of: 4, at: .seconds(3)) == 0)
    }
}

struct ProcessUsageTests {
    @Test func workShowsAsProcessorTimeAndMemoryIsPlausible() {
        let before = ProcessUsage.current()
        var sum: UInt64 = 1
        var rounds = 0
        // The kernel counts in ticks, so work until one has gone by.
        while ProcessUsage.current().cpuSeconds <= before.cpuSeconds, rounds < 10_000 {
            for value in 1..<10_000 as Range<UInt64> { sum = sum &* value &+ 1 }
            rounds += 1
        }
        let after = ProcessUsage.current()
        #expect(after.cpuSeconds > before.cpuSeconds, "after \(rounds) rounds, \(sum)")
        #expect(after.threads >= 1)
        #expect(after.memoryBytes > 1 << 20 && after.memoryBytes < 1 << 34)
    }
}
