// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Runs of the simulator, one after the other or on many threads, and what is printed of them.

import Foundation
import RoostSim
import Synchronization

/// What is run, and how it is told.
struct Runner: Sendable {
    /// How many nodes; nil for 3 to 7, by seed.
    let nodes: Int?
    /// How many things people do.
    let steps: Int
    /// The kinds of faults that there may be.
    let faults: Set<FaultKind>
    /// The rules that are watched.
    let rules: Set<Rule>
    /// What else a replay must be given.
    let options: String
    /// How many of the last happenings are printed of a run that fails.
    let happenings: Int
    /// Whether a failure ends everything.
    let isKeepingGoing: Bool

    /// What has been done so far, by all threads.
    private struct Progress {
        var next: UInt64
        var runs = 0
        var violations = 0
        var events = 0
    }

    // MARK: Many runs

    /// Runs a row of seeds. Says whether all rules held.
    func row(from seed: UInt64, count: UInt64, jobs: Int) -> Bool {
        let end = seed + count
        let progress = run(from: seed, jobs: jobs, isQuiet: jobs > 1) { $0 < end }
        if count > 1 { summarise(progress) }
        return progress.violations == 0
    }

    /// Runs seeds on all cores until the time is over. Says whether all rules held.
    func soak(from seed: UInt64, seconds: Int, jobs: Int?) -> Bool {
        let start = ContinuousClock.now
        let progress = run(from: seed, jobs: jobs ?? ProcessInfo.processInfo.activeProcessorCount, isQuiet: true) { _ in
            ContinuousClock.now - start < .seconds(seconds)
        }
        summarise(progress)
        return progress.violations == 0
    }

    private func run(
        from seed: UInt64, jobs: Int, isQuiet: Bool, while goesOn: @escaping @Sendable (UInt64) -> Bool
    ) -> Progress {
        let shared = Shared(Progress(next: seed))
        let threads = (0..<jobs).map { _ in
            let done = DispatchSemaphore(value: 0)
            let thread = Thread {
                while let seed = shared.draw(goesOn, isKeepingGoing: isKeepingGoing) {
                    let report = run(seed, isQuiet: isQuiet)
                    shared.add(report)
                }
                done.signal()
            }
            thread.stackSize = 8 << 20
            thread.start()
            return done
        }
        for thread in threads { thread.wait() }
        return shared.progress.withLock { $0 }
    }

    private func summarise(_ progress: Progress) {
        say("\(progress.runs) seeds, \(progress.events) packets and lines, \(progress.violations) violations")
    }

    /// What the threads share.
    private final class Shared: Sendable {
        let progress: Mutex<Progress>

        init(_ progress: Progress) { self.progress = Mutex(progress) }

        /// The next seed; nil where it is enough.
        func draw(_ goesOn: (UInt64) -> Bool, isKeepingGoing: Bool) -> UInt64? {
            progress.withLock { progress in
                guard goesOn(progress.next), isKeepingGoing || progress.violations == 0 else { return nil }
                progress.next += 1
                return progress.next - 1
            }
        }

        func add(_ report: (events: Int, isSound: Bool)) {
            progress.withLock { progress in
                progress.runs += 1
                progress.events += report.events
                if !report.isSound { progress.violations += 1 }
            }
        }
    }

    // MARK: One run

    private func run(_ seed: UInt64, isQuiet: Bool) -> (events: Int, isSound: Bool) {
        let nodes = nodes ?? 3 + Int(seed % 5)
        var simulation = Simulation(seed: seed, nodes: nodes, faults: faults)
        simulation.watched = rules
        simulation.recentMin = max(1, happenings)
        do {
            try simulation.run(steps: steps)
        } catch {
            var text = simulation.recent.suffix(happenings).map { "  \($0)" }
            if happenings > 0 { text += simulation.conditions.map { "  \($0)" } }
            text.append("seed \(seed), \(nodes) nodes, step \(simulation.steps) of \(steps)\(commit): \(error)")
            text.append("replay: roost-sim --seed \(seed) --nodes \(nodes) --steps \(steps)\(options)")
            say(text.joined(separator: "\n"))
            return (simulation.trace.count, false)
        }
        if !isQuiet {
            let (people, connections) = simulation.counts
            let (sent, accepted) = simulation.messageCounts
            let kinds = simulation.faultKinds.map(\.rawValue).joined(separator: " ")
            say(
                "seed \(seed): \(nodes) nodes, \(simulation.steps) steps, \(people) people with \(connections) connections,"
                    + " \(sent) messages (\(accepted) accepted), \(simulation.faultCount) faults"
                    + " (\(kinds.isEmpty ? "none" : kinds)), \(simulation.trace.count) packets and lines,"
                    + " trace \(String(simulation.trace.value, radix: 16))")
        }
        return (simulation.trace.count, true)
    }

    /// The commit that was built, where the working tree tells it.
    private var commit: String {
        guard let name = try? String(contentsOfFile: ".git/HEAD", encoding: .utf8) else { return "" }
        let words = name.split(whereSeparator: \.isWhitespace)
        guard words.count == 2 else { return words.first.map { " at \($0.prefix(12))" } ?? "" }
        // No file where the reference is packed: then it is not known.
        let reference = try? String(contentsOfFile: ".git/\(words[1])", encoding: .utf8)
        return reference.map { " at \($0.prefix(12))" } ?? ""
    }

    private func say(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }
}
