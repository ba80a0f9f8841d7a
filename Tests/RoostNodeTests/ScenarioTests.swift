// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Aim: what clients see, command by command, on one node and across nodes. Method: each text in Scenarios is played and
// compared with what it says. After a change that is meant, ROOST_RECORD=1 writes down what is seen now; the difference
// is for review.

import Foundation
import Testing

@Suite struct ScenarioTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Scenarios")

    static let names: [String] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix(".txt") }.sorted()
    }()

    @Test func thereAreScenarios() {
        #expect(Self.names.count >= 20)
    }

    @Test(arguments: names)
    func everybodySeesWhatTheScenarioSays(_ name: String) throws {
        let file = Self.folder.appending(path: name)
        let text = try String(contentsOf: file, encoding: .utf8)
        let played = try Scenario.played(text)
        if ProcessInfo.processInfo.environment["ROOST_RECORD"] == "1" {
            try played.write(to: file, atomically: true, encoding: .utf8)
            return
        }
        let expected = text.split(separator: "\n", omittingEmptySubsequences: false)
        let seen = played.split(separator: "\n", omittingEmptySubsequences: false)
        let line = zip(expected, seen).enumerated().first { $0.element.0 != $0.element.1 }?.offset
        let place = line ?? min(expected.count, seen.count)
        #expect(
            expected == seen,
            """
            \(name):\(place + 1) says
                \(place < expected.count ? expected[place] : "(nothing)")
            and seen was
                \(place < seen.count ? seen[place] : "(nothing)")
            """)
    }

    /// A scenario gives the same text however often it is played.
    @Test(arguments: names)
    func aScenarioPlaysTheSameTwice(_ name: String) throws {
        let text = try String(contentsOf: Self.folder.appending(path: name), encoding: .utf8)
        #expect(try Scenario.played(text) == Scenario.played(text))
    }
}
