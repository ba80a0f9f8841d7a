// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import roost_machine

/// Aim: `cluster/bench-check` fails where a path is not what is recorded of it, and says which. Method: a record and a
/// file of what was measured, compared without measuring.
@Suite struct BenchCheckTests {
    private let home = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    @Test(arguments: [
        ("join,1000", 0, "+0.0 %"), ("join,1050", 0, "+5.0 %"), ("join,950", 0, "-5.0 %"),
        ("join,1051", 1, "Dearer than recorded: join."), ("join,949", 1, "Cheaper than recorded: join."),
        ("leave,1000", 1, "Not recorded: leave."),
    ])
    func aPathIsJudgedByItsRecord(measured: String, status: Int32, said: String) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "bench-check-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }  // What is left there is the system's to tidy.
        let record = folder.appending(path: "record.csv")
        let now = folder.appending(path: "now.csv")
        try Data("# a comment\npath,instructions,tolerance_percent\njoin,1000,5\n".utf8).write(to: record)
        try Data("path,instructions\n\(measured)\n".utf8).write(to: now)

        let process = Process()
        process.executableURL = home.appending(path: "cluster/bench-check")
        process.arguments = ["--recorded", record.path, "--measured", now.path]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let printed = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == status)
        #expect(printed.contains(said))
    }

    @Test func everyPathIsRecorded() throws {
        let record = try String(
            contentsOf: home.appending(path: "docs/performance/instructions.csv"), encoding: .utf8)
        let recorded = record.split(separator: "\n").filter { !$0.hasPrefix("#") }.dropFirst()
            .map { String($0.prefix { $0 != "," }) }
        #expect(Set(recorded) == Set(HotPath.allCases.map(\.rawValue)))
    }
}
