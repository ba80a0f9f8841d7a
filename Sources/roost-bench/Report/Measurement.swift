// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What a step of a row came to, once or several times, as values. How they look is the table's business.

/// A value with its unit.
struct Figure: Equatable {
    let value: Double
    let unit: String

    init(_ value: Double, _ unit: String) {
        self.value = value
        self.unit = unit
    }
}

/// One measurement of one step. What a step does not have is nil.
struct Measurement {
    /// Work per second of wall time.
    var rate: Figure?
    /// Work per second of the server's processor time, or what one piece of work costs the server.
    var cost: Figure?
    /// Latencies in nanoseconds.
    let p50: Double?
    let p99: Double?
    /// Share of one core, in percent, that the server (all its processes) and the generator used.
    let serverPercent: Double?
    let generatorPercent: Double
    /// Deliveries that were checked, those of the warm-up included.
    let checked: Int
    let faults: DeliveryFaults

    init(_ outcome: LoadOutcome, latencies: Latencies? = nil, ledger: DeliveryLedger? = nil) {
        p50 = latencies?.percentile(50).map { Double($0) }
        p99 = latencies?.percentile(99).map { Double($0) }
        serverPercent = outcome.serverSeconds.map { 100 * $0 / outcome.seconds }
        generatorPercent = 100 * outcome.generatorSeconds / outcome.seconds
        checked = ledger?.delivered ?? 0
        faults = ledger?.faults ?? DeliveryFaults()
    }
}

extension LoadOutcome {
    func rate(of unit: String) -> Figure { Figure(Double(completed) / seconds, unit) }

    var perProcessorSecond: Figure? {
        serverSeconds.flatMap { $0 > 0 ? Figure(Double(completed) / $0, "per CPU s") : nil }
    }

    var microsecondsEach: Figure? {
        guard let serverSeconds, completed > 0 else { return nil }
        return Figure(serverSeconds * 1e6 / Double(completed), "µs CPU each")
    }
}

/// Median, least and greatest of several runs.
struct Spread: Equatable {
    let median: Double
    let min: Double
    let max: Double

    /// Nil for no values at all.
    init?(_ values: [Double]) {
        let sorted = values.sorted()
        guard let first = sorted.first, let last = sorted.last else { return nil }
        let middle = sorted.count / 2
        median = sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
        min = first
        max = last
    }
}

/// All runs of one step.
struct StepReport {
    let row: Row
    let title: String
    let runs: [Measurement]
    /// Why a run could not be carried out; nil if all could.
    let failure: String?

    /// Whether each run was carried out and each message arrived as it should.
    var isSound: Bool { failure == nil && faults.total == 0 }

    /// The faults of all runs together.
    var faults: DeliveryFaults {
        runs.reduce(into: DeliveryFaults()) { sum, run in
            sum.lost += run.faults.lost
            sum.doubled += run.faults.doubled
            sum.reordered += run.faults.reordered
            sum.foreign += run.faults.foreign
        }
    }

    var checked: Int { runs.reduce(0) { $0 + $1.checked } }

    func spread(_ value: (Measurement) -> Double?) -> Spread? { Spread(runs.compactMap(value)) }
}
