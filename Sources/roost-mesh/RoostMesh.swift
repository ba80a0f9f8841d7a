// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The command line of the measurement of the mesh alone: flags, the order of the rounds, what is printed and the exit
// code.

import ArgumentParser
import Glibc
import RoostKeys

/// `roost-mesh`.
@main
struct RoostMesh: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "roost-mesh",
        abstract: "Measures the mesh between two nodes without clients.",
        discussion: """
            Two nodes in this process: machines, drivers, mesh threads and libzmq over loopback, as `roost node` has them, \
            but for clients' sockets. Users of the first say something to users of the second, a batch of lines at a time. \
            Counted are events that the second has applied, and the processor time of the whole process. A round fails, \
            and the exit code is 1, unless every event was applied, once and in order, without a repair.
            """)

    @Option(help: "How long each round measures, in seconds.")
    var seconds = 3.0
    @Option(help: "Rounds of each kind, which take turns.")
    var `repeat` = 3
    @Option(help: "Bytes of text in each message.")
    var length = 120
    @Option(help: "Users of each node.")
    var users = 100
    @Option(help: "Lines that the first node takes in at a time, as those of one turn of a client loop.")
    var batch = 64
    @Option(help: "The most events that the second node may be behind.")
    var window = 16_384
    @Option(help: "The first of the ports that are used, 20 in all.")
    var basePort: UInt16 = 18_700
    @Flag(help: "Leave out the rounds with encrypted links.")
    var plainOnly = false

    func validate() throws {
        guard (0.1...3_600).contains(seconds), (1...1_000).contains(`repeat`), (1...400).contains(length),
            (1...10_000).contains(users), (1...window).contains(batch), window <= 1_000_000, basePort <= 65_000
        else {
            throw ValidationError(
                "--seconds takes 0.1 to 3600, --repeat 1 to 1000, --length 1 to 400, --users 1 to 10000, --batch 1 to"
                    + " --window, --window up to 1000000, --base-port up to 65000.")
        }
    }

    func run() throws {
        print("two nodes, \(users) users at each, \(length) bytes of text a message, \(seconds) s a round\n")
        print(MeshReport.header)
        var encrypted = MeshReport(title: "encrypted")
        var plain = MeshReport(title: "plain")
        for _ in 0..<`repeat` {
            if !plainOnly { encrypted.add(try measure(keys: try ClusterKeys(.random()))) }
            plain.add(try measure(keys: nil))
        }
        let reports = plainOnly ? [plain] : [encrypted, plain]
        for report in reports { print(report.line) }
        print("\nMedians (least–greatest). CPU is that of both nodes and of making the load, in one process.")
        for report in reports { for fault in report.faults { print("\(report.title): FAILED, \(fault)") } }
        guard reports.allSatisfy(\.isSound) else { throw ExitCode(1) }
    }

    private func measure(keys: ClusterKeys?) throws -> MeshRound {
        let pair = try NodePair(basePort: basePort, keys: keys)
        defer { pair.stop() }
        try pair.meet()
        let load = try MeshLoad(pair: pair, users: users, length: length, batch: batch, window: window)
        // What both allocate once, and what the first frames take longer.
        _ = try load.run(seconds: seconds / 4)
        return try load.run(seconds: seconds)
    }
}
