// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// `make chaos` in small: the program that breaks clusters runs to its end here, on plans of a few seconds, and takes
// away all that it started. What the full plans must show is judged there.

import Foundation
import Glibc
import Testing

extension ClusterTests {
    @ProcessThread
    struct ChaosTests {
        /// A node is killed, or stands still for two seconds, under load: nobody is seen to leave, nothing is lost,
        /// and who came back talks again before a silent node would be given up (3 s): a dead one is known at once.
        @Test(arguments: ["kill node2", "stop node2\nat 4s continue node2"])
        func nothingIsLost(fault: String) throws {
            let outcome = try run(
                """
                name short
                show a short case
                clients 12
                rate 60
                run 7s
                at 2s \(fault)
                expect quits 0
                expect lost 0
                expect out-of-order 0
                expect twice-others 0
                expect twice-anew 0
                expect talk-again <= 2500ms
                """)
            try require("why it failed", outcome.failures ?? [outcome.broken ?? "?"], is: [])
            let figures = try #require(outcome.figures)
            try require(figures.delivered > figures.accepted && figures.accepted > 300, "too little was said")
        }

        /// What cannot hold fails, and the exit code says so.
        @Test func aFailureIsTold() throws {
            let outcome = try run("name short\nclients 6\nrun 2s\nat 1s kill node1\nexpect talk-again <= 1ms", code: 1)
            try require(outcome.failures?.first?.hasPrefix("talk-again") == true, "\(outcome)")
        }

        private struct Outcome: Decodable {
            struct Figures: Decodable {
                let accepted: Int
                let delivered: Int
            }

            let failures: [String]?
            let broken: String?
            let figures: Figures?
        }

        private func run(
            _ plan: String, code: Int32 = 0, at location: SourceLocation = #_sourceLocation
        ) throws -> Outcome {
            let folder = try TemporaryFolder()
            try plan.write(toFile: "\(folder.path)/short.plan", atomically: true, encoding: .utf8)
            let settings = Roost.sources.appending(path: "cluster/faults/cluster.yaml").path
            try FileManager.default.copyItem(atPath: settings, toPath: "\(folder.path)/cluster.yaml")
            let program = URL(filePath: Roost.binary).deletingLastPathComponent().appending(path: "roost-chaos").path
            let output = "\(folder.path)/output"
            let child = try ChildProcess(
                [
                    program, "--json", "--plans", folder.path, "--dir", "\(folder.path)/run", "--roost", Roost.binary,
                    "--base-port", "\(try FreePorts.base(nodes: 3))",
                ], streams: .pipeAndFile(output))
            let end = try child.waitForEnd(within: .seconds(60), at: location)
            let text = Roost.text(of: output)
            try require("its end after \(text)", end, is: .exited(code), at: location)
            return try JSONDecoder().decode(Outcome.self, from: Data(text.utf8))
        }
    }
}
