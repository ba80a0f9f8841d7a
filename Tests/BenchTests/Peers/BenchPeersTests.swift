// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Aim: `cluster/bench-peers` makes of a campaign's samples the tables they stand for: medians and their spread, the better
// of a peer's two kinds of receivers, failures in their cells, and verdicts that follow from the goals. The scenario is a
// campaign as `--json` writes it and the tables that it gives; run with ROOST_RECORD=1 to write them anew, and read the diff.

import Foundation
import Testing

struct BenchPeersTests {
    @Test func aCampaignGivesItsTables() throws {
        let folder = URL(filePath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Scenarios")
        let program = folder.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "cluster/bench-peers")
        let process = Process()
        process.executableURL = program
        process.arguments = ["--from", folder.appending(path: "campaign.json").path]
        process.environment = ProcessInfo.processInfo.environment.merging(["PYTHONDONTWRITEBYTECODE": "1"]) { $1 }
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let printed = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        // Roost failed a row of it.
        #expect(process.terminationStatus == 1)

        let expected = folder.appending(path: "tables.md")
        if ProcessInfo.processInfo.environment["ROOST_RECORD"] != nil { try printed.write(to: expected) }
        #expect(String(decoding: printed, as: UTF8.self) == (try String(contentsOf: expected, encoding: .utf8)))
    }
}
