// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Aim: figures read well and medians are medians.

import Testing

@testable import roost_bench

struct TableTests {
    @Test(
        arguments: [
            (460, "0 µs"), (87_400, "87 µs"), (999_499, "999 µs"), (999_500, "1.00 ms"), (1_354_000, "1.35 ms"),
            (9_994_999, "9.99 ms"), (40_060_000, "40.1 ms"), (1_020_000_000, "1.02 s"), (61_000_000_000, "61.00 s"),
        ])
    func timesHaveThreeDigitsAndAUnit(nanoseconds: Double, text: String) {
        #expect(Table.time(nanoseconds) == text)
    }

    @Test(arguments: [(0, "0"), (999, "999"), (1_000, "1,000"), (1_316_000, "1,316,000"), (-12_345, "-12,345")])
    func thousandsAreGrouped(value: Int, text: String) {
        #expect(value.grouped == text)
    }

    @Test func theMedianIsTheMiddleOrBetweenTheMiddles() {
        #expect(Spread([]) == nil)
        #expect(Spread([3, 1, 2])?.median == 2)
        #expect(Spread([4, 1, 3, 2])?.median == 2.5)
        #expect(Spread([4, 1, 3, 2]).map { [$0.min, $0.max] } == [1, 4])
    }

    @Test func aFaultyRowSaysFailedAndGivesNoFigures() {
        var ledger = DeliveryLedger(streams: 1)
        ledger.close(stream: 0, sent: 3)
        let outcome = LoadOutcome(seconds: 1, completed: 5, serverSeconds: 1, generatorSeconds: 1)
        var run = Measurement(outcome, ledger: ledger)
        run.rate = outcome.rate(of: "deliveries/s")
        let report = StepReport(row: .rooms, title: "rooms", runs: [run], failure: nil)
        #expect(!report.isSound)
        let lines = Table.lines(report)
        #expect(lines.count == 1)
        #expect(lines[0].contains("FAILED  3 lost"))
        #expect(!lines[0].contains("deliveries/s"))
    }
}
