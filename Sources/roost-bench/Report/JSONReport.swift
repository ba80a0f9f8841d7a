// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The same figures for programs: one JSON object a line, one line a step. Every figure is an object with the median,
// the least and the greatest of the runs; what a step does not have is left out. Times are in microseconds.

import FoundationEssentials

/// One step as it is printed with `--json`.
struct JSONReport: Encodable {
    private let row: String
    private let title: String
    private let targets: [String]
    private let runs: Int
    private let ok: Bool
    private let failure: String?
    private let rate: Value?
    private let rateUnit: String?
    private let cost: Value?
    private let costUnit: String?
    private let p50: Value?
    private let p99: Value?
    private let serverPercent: Value?
    private let benchPercent: Value?
    private let checked: Int
    private let lost: Int
    private let doubled: Int
    private let reordered: Int
    private let foreign: Int

    private struct Value: Encodable {
        let median: Double
        let min: Double
        let max: Double

        init?(_ spread: Spread?, scale: Double = 1) {
            guard let spread else { return nil }
            median = Self.rounded(spread.median * scale)
            min = Self.rounded(spread.min * scale)
            max = Self.rounded(spread.max * scale)
        }

        private static func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
    }

    init(_ report: StepReport, targets: [Endpoint]) {
        row = report.row.rawValue
        title = report.title
        self.targets = targets.map(\.description)
        runs = report.runs.count
        ok = report.isSound
        failure = report.failure
        rate = Value(report.spread { $0.rate?.value })
        rateUnit = report.runs.first?.rate?.unit
        cost = Value(report.spread { $0.cost?.value })
        costUnit = report.runs.first?.cost?.unit
        p50 = Value(report.spread { $0.p50 }, scale: 1e-3)
        p99 = Value(report.spread { $0.p99 }, scale: 1e-3)
        serverPercent = Value(report.spread { $0.serverPercent })
        benchPercent = Value(report.spread { $0.generatorPercent })
        checked = report.checked
        lost = report.faults.lost
        doubled = report.faults.doubled
        reordered = report.faults.reordered
        foreign = report.faults.foreign
    }

    /// The line, without its end.
    func line() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
