// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Measures what each operation costs in a cluster of one shape.

import RoostModel
import RoostNode
import RoostRoster
import RoostWire

/// What an operation has cost, sample by sample.
struct Cost: Sendable {
    /// The nanoseconds of processor time of one operation, in each sample.
    var samples: [Double] = []
    /// How many clients one operation was told to.
    var toldTo = 0.0

    /// The middle sample.
    var median: Double { samples.sorted()[samples.count / 2] }
    /// The lowest.
    var least: Double { samples.min() ?? 0 }
    /// The highest.
    var greatest: Double { samples.max() ?? 0 }
}

/// Takes samples of all operations on one cluster.
struct Sampler {
    /// A sample has so many operations, unless they take too long.
    private static let operationsMin = 1_000
    private static let nanosecondsMax = 500_000_000
    /// As many as come between two signs of life.
    private static let roundMax = 1_000

    let cluster: MachineCluster
    let population: Population
    private var planner: Planner

    /// Builds the cluster; throws where not everybody got to where they should be.
    init(_ shape: Shape, seed: UInt64) throws {
        population = Population(shape)
        cluster = try MachineCluster(population)
        planner = Planner(population, seed: seed)
    }

    /// What each operation costs, all nodes together, without the signs of life: those cost by time and not by event.
    mutating func costs(samples: Int) throws -> [(operation: Operation, cost: Cost)] {
        var costs: [Operation: Cost] = [:]
        for exercise in Exercise.allCases {
            // What a first time allocates is not what the next ones cost.
            _ = try sample(exercise, operations: 1)
            for _ in 0..<samples {
                for (operation, tally) in try sample(exercise, operations: Self.operationsMin) {
                    let count = Double(max(1, tally.operations))
                    costs[operation, default: Cost()].samples.append(Double(tally.nanoseconds) / count)
                    costs[operation]?.toldTo = Double(tally.told) / count
                }
            }
        }
        return Operation.allCases.compactMap { operation in costs[operation].map { (operation, $0) } }
    }

    /// What a second costs, all nodes together, in which the roster changes before each sign of life.
    mutating func costOfASecond(samples: Int) throws -> Cost {
        // As long as it takes until rosters and logs are tidied once.
        let seconds = 10
        let beats = Int(Duration.seconds(seconds) / NodeLimits().heartbeatInterval)
        var cost = Cost()
        for _ in 0..<samples {
            var nanoseconds = 0
            for _ in 0..<(beats / 2) {
                for plan in planner.round(of: .nickChanges, operationsMax: 1) {
                    cluster.carryOut(plan)
                    try cluster.check(plan)
                    let before = ProcessCost.processorNanoseconds
                    cluster.passSignsOfLife()
                    nanoseconds += ProcessCost.processorNanoseconds - before
                }
            }
            cost.samples.append(Double(nanoseconds / seconds))
        }
        return cost
    }

    /// What it costs one node to hide all users of the last one, which is gone, and to take in what another node knows.
    /// Neither changes the cluster; there is nothing to measure where there is one node.
    func costsOfRewriting(samples: Int) throws -> (hiding: Cost, merging: Cost) {
        let (first, last) = (cluster.machines[0], cluster.machines[cluster.machines.count - 1])
        let life = Life(node: last.settings.node, epoch: last.settings.epoch)
        var (hiding, merging) = (Cost(), Cost())
        for _ in 0..<samples {
            var changes: [RosterChange] = []
            var roster = first.roster
            hiding.samples.append(Self.cost { roster.hide(life, reason: "gone", into: &changes) })
            let hidden = (0..<population.visitors.upperBound).count {
                population.node(of: $0) == cluster.machines.count - 1
            }
            guard changes.count >= hidden else {
                throw Mistold(description: "hiding \(life) hid \(changes.count) users, not \(hidden)")
            }
            let bytes = last.roster.snapshot.encoded()
            var fresh = Roster()
            let cost = try Self.cost {
                fresh.merge(try Snapshot(decoding: bytes.span.bytes), into: &changes)
            }
            merging.samples.append(cost)
            guard fresh.recountedDigest == first.roster.digest else {
                throw Mistold(description: "what was merged is not what \(last.settings.node) knows")
            }
        }
        return (hiding, merging)
    }

    private static func cost(of body: () throws -> Void) rethrows -> Double {
        let before = ProcessCost.processorNanoseconds
        try body()
        return Double(ProcessCost.processorNanoseconds - before)
    }

    private struct Tally {
        var operations = 0
        var nanoseconds = 0
        var told = 0
    }

    private mutating func sample(_ exercise: Exercise, operations: Int) throws -> [Operation: Tally] {
        var tallies: [Operation: Tally] = [:]
        repeat {
            for plan in planner.round(of: exercise, operationsMax: min(operations, Self.roundMax)) {
                cluster.passSignsOfLife()
                let before = ProcessCost.processorNanoseconds
                cluster.carryOut(plan)
                tallies[plan.operation, default: Tally()].nanoseconds += ProcessCost.processorNanoseconds - before
                tallies[plan.operation]?.operations += plan.actions.count
                tallies[plan.operation]?.told += plan.expectedCount
                try cluster.check(plan)
            }
        } while tallies.values.contains { $0.operations < operations }
            && tallies.values.allSatisfy { $0.nanoseconds < Self.nanosecondsMax }
        return tallies
    }
}
