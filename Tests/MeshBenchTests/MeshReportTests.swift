// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Aim: only rounds in which every event was applied give figures, and figures are medians beside the goal.

import Testing

@testable import roost_mesh

struct MeshReportTests {
    private let whole = MeshRound(
        published: 900_000, applied: 900_000, repaired: 0, wallSeconds: 3, processorSeconds: 4.5)

    @Test func aWholeRoundGivesItsFigures() {
        var report = MeshReport(title: "plain")
        report.add(whole)
        #expect(report.isSound)
        #expect(report.line.split(separator: " ").map(String.init) == ["plain", "300,000", "200,000", "50", "%"])
    }

    @Test func theFigureIsTheMedianAndItsSpread() {
        var report = MeshReport(title: "plain")
        for processorSeconds in [4.5, 2.25, 9] {
            var round = whole
            round.processorSeconds = processorSeconds
            report.add(round)
        }
        #expect(report.line.contains("200,000 (100,000–400,000)"))
        #expect(report.line.hasSuffix(" 50 %"))
    }

    @Test(arguments: [
        (UInt64(899_999), UInt64(0), "899999 of 900000 events were applied"),
        (900_001, 0, "900001 of 900000 events were applied"),
        (900_000, 7, "7 events were lost on the way and repaired"),
    ])
    func aRoundThatIsNotWholeFailsItsReport(applied: UInt64, repaired: UInt64, fault: String) {
        var round = whole
        (round.applied, round.repaired) = (applied, repaired)
        var report = MeshReport(title: "encrypted")
        report.add(whole)
        report.add(round)
        #expect(!report.isSound)
        #expect(report.faults == [fault])
        #expect(report.line.contains("FAILED"))
        #expect(!report.line.contains("200,000"))
    }

    @Test func noRoundsAreNoFigure() {
        #expect(!MeshReport(title: "plain").isSound)
    }

    @Test(arguments: [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567.6, "1,234,568")])
    func thousandsAreGrouped(value: Double, text: String) {
        #expect(MeshReport.grouped(value) == text)
    }
}
