// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What all loads have in common, and the loop that runs one: warm up, measure, stop, wait for what is still on its way,
// judge. A load decides who sends what and when; it sends from `start`, from `message` and from `act`.

import Histogram

/// Messages, times and their check.
protocol Load: MessageHandler {
    /// The account of deliveries.
    var ledger: DeliveryLedger { get }
    /// Units of work done: deliveries or round trips, as the row counts them.
    var completed: Int { get }
    /// Messages of which at least one receiver still waits.
    var outstanding: Int { get }
    var latencies: Latencies { get set }

    /// Sends the first messages.
    mutating func start(fleet: inout Fleet, at now: Moment) throws(BenchFailure)
    /// Sends what has become due, and says when it wants to be called again at the latest.
    mutating func act(fleet: inout Fleet, at now: Moment) throws(BenchFailure) -> Moment?
    /// From now on, nothing new is sent.
    mutating func stop()
    /// Books what never arrived.
    mutating func closeLedger()
}

extension Load {
    mutating func act(fleet: inout Fleet, at now: Moment) throws(BenchFailure) -> Moment? { nil }
}

/// Latencies in nanoseconds, at three significant digits (an error of 0.1 % at most), up to two minutes.
struct Latencies {
    private var histogram = Histogram<UInt64>(
        highestTrackableValue: 120_000_000_000, numberOfSignificantValueDigits: .three)

    mutating func record(_ nanoseconds: UInt64) {
        histogram.record(min(nanoseconds, 120_000_000_000))
    }

    mutating func reset() { histogram.reset() }

    /// Nil as long as nothing was recorded.
    func percentile(_ percentile: Double) -> UInt64? {
        histogram.totalCount > 0 ? histogram.valueAtPercentile(percentile) : nil
    }
}

/// What a stretch of load came to.
struct LoadOutcome {
    let seconds: Double
    let completed: Int
    /// Processor seconds of the server, nil if its processes are not known.
    let serverSeconds: Double?
    let generatorSeconds: Double
}

extension Fleet {
    /// Runs a load and measures the stretch between its warm-up and its end.
    mutating func run<Work: Load>(_ load: inout Work, of server: ServerProcesses) throws(BenchFailure) -> LoadOutcome {
        let start = Moment.now()
        try load.start(fleet: &self, at: start)
        try serve(&load, until: start.advanced(by: settings.warmUp))
        load.latencies.reset()
        let meter = try Meter(server)
        let before = load.completed
        try serve(&load, until: meter.startedAt.advanced(by: settings.measured))
        let completed = load.completed - before
        let outcome = try meter.stop(completed: completed)
        load.stop()
        try drain(&load)
        load.closeLedger()
        return outcome
    }

    private mutating func serve<Work: Load>(_ load: inout Work, until end: Moment) throws(BenchFailure) {
        var now = Moment.now()
        var progress = load.completed
        var progressedAt = now
        while now < end {
            let due = try load.act(fleet: &self, at: now)
            try turn(until: min(end, due ?? end), &load)
            now = Moment.now()
            if load.completed != progress {
                progress = load.completed
                progressedAt = now
            } else if progressedAt.advanced(by: settings.patience) < now {
                return
            }
        }
    }

    /// Waits for what is still on its way. What does not come within the patience counts as lost.
    private mutating func drain<Work: Load>(_ load: inout Work) throws(BenchFailure) {
        var now = Moment.now()
        var delivered = load.ledger.delivered
        var deadline = now.advanced(by: settings.patience)
        while load.outstanding > 0, now < deadline {
            try turn(until: min(deadline, now.advanced(by: .milliseconds(100))), &load)
            now = Moment.now()
            if load.ledger.delivered > delivered {
                delivered = load.ledger.delivered
                deadline = now.advanced(by: settings.patience)
            }
        }
        // Whatever a server sends a second time comes before its answer to PING.
        try settle(&load)
    }
}
