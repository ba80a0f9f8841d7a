// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The simulator's command line: one seed, or a row of them, with the command that replays a failure.

import ArgumentParser
import RoostSim

/// Runs simulated clusters.
@main
struct RoostSimCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "roost-sim",
        abstract: "Runs whole clusters in one process, under a virtual clock, and checks what must hold.",
        discussion: "The same seed, nodes and steps give the same run, and the same trace, in every process.")

    @Option(help: "The seed of the first run.")
    var seed: UInt64 = 1

    @Option(help: "How many runs, each with the next seed.")
    var runs = 1

    @Option(help: "How many nodes, 1 to 20.")
    var nodes = 3

    @Option(help: "How many things people do in each run.")
    var steps = 2_000

    mutating func validate() throws {
        guard (1...20).contains(nodes) else { throw ValidationError("--nodes is from 1 to 20, not \(nodes).") }
        guard runs > 0, steps > 0 else { throw ValidationError("--runs and --steps are 1 or more.") }
    }

    mutating func run() throws {
        for seed in seed..<(seed + UInt64(runs)) {
            var simulation = Simulation(seed: seed, nodes: nodes)
            do {
                try simulation.run(steps: steps)
            } catch {
                for happening in simulation.recent.suffix(40) { print("  \(happening)") }
                print("seed \(seed), step \(simulation.steps): \(error)")
                print("replay: roost-sim --seed \(seed) --nodes \(nodes) --steps \(simulation.steps)")
                throw ExitCode.failure
            }
            print(
                "seed \(seed): \(simulation.steps) steps, \(simulation.clientsSeen) clients,"
                    + " \(simulation.trace.count) packets and lines,"
                    + " trace \(String(simulation.trace.value, radix: 16))")
        }
    }
}
