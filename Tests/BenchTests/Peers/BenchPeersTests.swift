// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Aim: `cluster/bench-peers` and `cluster/bench-pressure` make of a campaign's samples the tables they stand for: medians
// and their spread, the better of a peer's two kinds of receivers, failures in their cells, and verdicts that follow from
// the goals. A scenario is a campaign as `--json` writes it and what is printed of it; run with ROOST_RECORD=1 to write
// that anew, and read the diff.

import Foundation
import Testing

struct BenchPeersTests {
    /// Something failed in both: a row of Roost's, a round of a case.
    @Test(arguments: [
        ("bench-peers", "campaign.json", "tables.md"), ("bench-pressure", "pressure.json", "pressure.md"),
    ])
    func aCampaignGivesItsTables(program: String, campaign: String, tables: String) throws {
        let folder = URL(filePath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Scenarios")
        let process = Process()
        process.executableURL = folder.deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "cluster/\(program)")
        process.arguments = ["--from", folder.appending(path: campaign).path]
        process.environment = ProcessInfo.processInfo.environment.merging(["PYTHONDONTWRITEBYTECODE": "1"]) { $1 }
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let printed = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(process.terminationStatus == 1)

        let expected = folder.appending(path: tables)
        if ProcessInfo.processInfo.environment["ROOST_RECORD"] != nil { try printed.write(to: expected) }
        #expect(String(decoding: printed, as: UTF8.self) == (try String(contentsOf: expected, encoding: .utf8)))
    }
}
