// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The simulator's command line: one seed, a row of them, or as many as a stated time allows on all cores, with the
// command that replays a failure.

import ArgumentParser
import RoostSim

/// Runs simulated clusters.
@main
struct RoostSimCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "roost-sim",
        abstract: "Runs whole clusters in one process, under a virtual clock, and checks what must hold.",
        discussion: "The same seed, nodes, steps and faults give the same run, and the same trace, in every process.")

    @Option(help: "The seed of the first run.")
    var seed: UInt64 = 1

    @Option(help: "How many runs, each with the next seed.")
    var runs: UInt64 = 1

    @Option(help: "How many nodes, 1 to 20; without it 3 to 7, by seed.")
    var nodes: Int?

    @Option(help: "How many things people do in each run.")
    var steps = 300

    @Option(help: "Leave out this kind of faults: \(Self.kinds). May be given more than once, or be \"all\".")
    var without: [String] = []

    @Option(help: "Do not look whether this rule holds: \(Self.rules). May be given more than once.")
    var ignore: [String] = []

    @Option(help: "Run seeds for so many seconds on all cores, and say how many there were.")
    var soak: Int?

    @Option(help: "How many runs at once.")
    var jobs: Int?

    @Flag(help: "Print all that happened in a run that fails, not only the last of it.")
    var verbose = false

    @Flag(help: "Go on after a failure, and print one line for each.")
    var keepGoing = false

    private static let kinds = FaultKind.allCases.map(\.rawValue).joined(separator: ", ")

    private static let rules = Rule.allCases.map(\.rawValue).joined(separator: ", ")

    mutating func validate() throws {
        guard nodes.map({ (1...20).contains($0) }) ?? true else {
            throw ValidationError("--nodes is from 1 to 20, not \(nodes ?? 0).")
        }
        guard runs > 0, steps > 0 else { throw ValidationError("--runs and --steps are 1 or more.") }
        guard jobs ?? 1 > 0, soak ?? 1 > 0 else { throw ValidationError("--jobs and --soak are 1 or more.") }
        for name in without where name != "all" && FaultKind(rawValue: name) == nil {
            throw ValidationError("--without \(name): there is no such kind of faults; there are \(Self.kinds).")
        }
        for name in ignore where Rule(rawValue: name) == nil {
            throw ValidationError("--ignore \(name): there is no such rule; there are \(Self.rules).")
        }
    }

    mutating func run() throws {
        let ignored = Set(ignore.compactMap { Rule(rawValue: $0) })
        let order = Runner(
            nodes: nodes, steps: steps, faults: without.contains("all") ? [] : faults,
            rules: Set(Rule.allCases).subtracting(ignored), options: options,
            happenings: verbose ? 1_000_000 : keepGoing ? 0 : 60, isKeepingGoing: keepGoing)
        let isSound =
            soak.map { order.soak(from: seed, seconds: $0, jobs: jobs) }
            ?? order.row(from: seed, count: runs, jobs: jobs ?? 1)
        if !isSound { throw ExitCode.failure }
    }

    /// What else a replay must be given.
    private var options: String {
        (without.map { " --without \($0)" } + ignore.map { " --ignore \($0)" }).joined()
    }

    private var faults: Set<FaultKind> {
        Set(FaultKind.allCases).subtracting(without.compactMap { FaultKind(rawValue: $0) })
    }
}
