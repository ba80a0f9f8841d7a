// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// A fixed set of seeds of the simulator: whole clusters at work, with everything checked that must hold; and that a run
// is its seed's and nothing else's.

import Foundation
import RoostSim
import Testing

struct SimulationTests {
    @Test(arguments: [(1, 1), (2, 2), (3, 3), (4, 3), (5, 4), (6, 5), (7, 7)])
    func everythingHoldsAtEachStep(seed: UInt64, nodes: Int) throws {
        var simulation = Simulation(seed: seed, nodes: nodes, faults: [.trickle, .overflow, .skew])
        try simulation.run(steps: 300)
        #expect(simulation.steps == 300)
        #expect(simulation.counts.people > 0)
    }

    /// Runs with all faults that once found a bug for which no short story was found. They guard what they found only as
    /// long as they take the same way.
    @Test(arguments: [
        (30_922, 5, "what a peer had said that died before it answered was waited for without end"),
        (20_677, 5, "a node was woken for a moment at which nothing was due"),
        (21_715, 3, "who had how much of a life that is over was forgotten when its node went on to the next"),
        (304_407, 5, "mail that had been opened before a node's last reports came was not told of them"),
        (2_000_194, 7, "what a snapshot brought was forgotten before mail was opened for the users whom it was for"),
        (2_002_466, 4, "a snapshot did not bring what a node that had taken a user over was still to hand to it"),
        (3_001_554, 7, "who was kicked while another node took it over was handed nothing that was said before"),
    ])
    func whatASeedFoundOnceIsNotFoundAgain(seed: UInt64, nodes: Int, story: String) throws {
        var simulation = Simulation(seed: seed, nodes: nodes)
        try simulation.run(steps: 300)
    }

    /// A USER without sense, sent before the welcome, made somebody known by another name than the one it is told by.
    @Test func whoeverBabblesBeforeItsWelcomeIsStillKnown() throws {
        var simulation = Simulation(seed: 72, nodes: 3, faults: [.kill])
        try simulation.run(steps: 130)
    }

    @Test func theSameSeedGivesTheSameRun() throws {
        var first = Simulation(seed: 11, nodes: 3, faults: [.trickle, .skew])
        var second = Simulation(seed: 11, nodes: 3, faults: [.trickle, .skew])
        try first.run(steps: 200)
        try second.run(steps: 200)
        #expect(first.trace.value == second.trace.value)
        #expect(first.trace.count == second.trace.count)
        #expect(first.trace.count > 1_000)
    }

    /// What depends on the order of a dictionary differs between processes, and only there.
    @Test func theSameSeedGivesTheSameRunInAnotherProcess() throws {
        let first = try report(ofSeed: 21)
        #expect(first.hasPrefix("seed 21: 4 nodes, 400 steps, "))
        #expect(try report(ofSeed: 21) == first)
    }

    /// What `roost-sim`, which is built beside the tests, prints.
    private func report(ofSeed seed: Int) throws -> String {
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let process = Process()
        process.executableURL = URL(filePath: tests).deletingLastPathComponent().appending(path: "roost-sim")
        process.arguments = [
            "--seed", "\(seed)", "--nodes", "4", "--steps", "400", "--without", "all",
        ]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func anotherSeedGivesAnotherRun() throws {
        var first = Simulation(seed: 12, nodes: 3, faults: [.trickle, .skew])
        var second = Simulation(seed: 13, nodes: 3, faults: [.trickle, .skew])
        try first.run(steps: 50)
        try second.run(steps: 50)
        #expect(first.trace.value != second.trace.value)
    }
}
