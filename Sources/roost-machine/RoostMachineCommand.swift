// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The command line of the benchmarks of the machine: what a node costs without sockets, threads and a kernel. They are
// run by `make bench-growth` and `make bench-check`.

import ArgumentParser

/// Measures the machine alone.
@main
struct RoostMachineCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "roost-machine",
        abstract: "Measures the node's machine alone: no sockets, no threads, frames that cross in memory.",
        subcommands: [GrowCommand.self, MemoryCommand.self, CountCommand.self])
}
