// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// `roost-machine memory`: what users take in memory, at the node that they are connected to and at others.

import ArgumentParser
import RoostNode

/// Measures the memory of one cluster.
struct MemoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "memory", abstract: "Prints what users take in memory, all nodes together, as CSV.",
        discussion: """
            All users connect to the first node. What one more node costs is the difference between a cluster with it and \
            one without. Logs for replay, which have a limit of their own, are kept empty.
            """)

    @OptionGroup var shape: ShapeOptions

    mutating func run() throws {
        let shape = shape.shape
        let start = Footprint()
        let cluster = MachineCluster(nodes: shape.nodes) { $0.limits.replayLogBytes = 0 }
        let population = Population(Shape(nodes: 1, users: shape.users, roomSize: shape.roomSize))
        print("nodes,users,stage,heap_bytes,resident_bytes")
        func tell(_ stage: String, since before: Footprint) {
            let now = Footprint()
            print(
                "\(shape.nodes),\(population.visitors.upperBound),\(stage),\(now.heap - before.heap),"
                    + "\(now.resident - before.resident)")
        }
        tell("started", since: start)
        let (arrivals, joins) = (population.arrivals(), population.joins())
        // Plans take memory too, which is not to be given back in between.
        try withExtendedLifetime((arrivals, joins)) {
            let before = Footprint()
            cluster.carryOut(arrivals, interval: .microseconds(10))
            try cluster.check(arrivals)
            tell("registered", since: before)
            cluster.carryOut(joins, interval: .microseconds(10))
            try cluster.check(joins)
            tell("in-rooms", since: before)
        }
        try cluster.checkRosters(population)
    }
}

/// The memory of this process at a moment.
private struct Footprint {
    let heap = ProcessCost.heapBytes
    let resident = ProcessCost.residentBytes
}
