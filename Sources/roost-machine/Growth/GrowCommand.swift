// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// `roost-machine grow`: one cluster, and what each operation costs in it, as lines of a table.

import ArgumentParser

/// Measures one shape.
struct GrowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grow", abstract: "Prints what each operation costs in a cluster of one shape, as CSV.",
        discussion: """
            Nanoseconds of processor time of one operation, all nodes together: the line is parsed, the machines run, each \
            line for clients is encoded once and noted for each client, and frames are encoded and decoded. The row \
            "second" is one second in which the roster changes before each sign of life. "hiding" is what one node does \
            when another is gone for good, "merging" what it does with the snapshot of another. Fails where anybody was \
            not told what it should have been told.
            """)

    @OptionGroup var shape: ShapeOptions

    @Option(help: "How many samples are taken of each operation.")
    var samples = 7

    @Option(help: "The seed of who does what.")
    var seed: UInt64 = 1

    mutating func validate() throws {
        guard samples > 0 else { throw ValidationError("--samples is 1 or more.") }
    }

    mutating func run() throws {
        var sampler = try Sampler(shape.shape, seed: seed)
        var rows = try sampler.costs(samples: samples).map { ($0.operation.rawValue, $0.cost) }
        rows.append(("second", try sampler.costOfASecond(samples: samples)))
        let shape = shape.shape
        if shape.nodes > 1 {
            let (hiding, merging) = try sampler.costsOfRewriting(samples: samples)
            rows += [("hiding", hiding), ("merging", merging)]
        }
        print("nodes,users,rooms,room_size,operation,told_to,median_ns,least_ns,greatest_ns")
        for (name, cost) in rows {
            let place = "\(shape.nodes),\(shape.users),\(shape.rooms),\(shape.roomSize)"
            let figures = [cost.toldTo, cost.median, cost.least, cost.greatest].map { String(Int($0.rounded())) }
            print("\(place),\(name),\(figures.joined(separator: ","))")
        }
    }
}

/// The flags that say how large a cluster is.
struct ShapeOptions: ParsableArguments {
    @Option(help: "The nodes, 1 to 20.")
    var nodes = 1

    @Option(help: "The users in rooms.")
    var users = 1_000

    @Option(help: "The members of each room.")
    var roomSize = 10

    @Option(help: "The rooms that each user is in.")
    var roomsPerUser = 1

    /// What they say.
    var shape: Shape { Shape(nodes: nodes, users: users, roomSize: roomSize, roomsPerUser: roomsPerUser) }

    mutating func validate() throws {
        if let problem = shape.problem { throw ValidationError("\(problem).") }
    }
}
