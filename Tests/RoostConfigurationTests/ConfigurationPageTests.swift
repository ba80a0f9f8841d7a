// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The page of keys is what the table of keys says.

import Foundation
import Testing

@testable import RoostConfiguration

@Suite struct ConfigurationPageTests {
    /// Aim: the page cannot lag behind the table. Method: compare; with RECORD=1 in the environment, write it anew.
    @Test func thePageOfKeysIsTrue() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        let file = root.appending(path: "docs/configuration.md")
        if ProcessInfo.processInfo.environment["RECORD"] == "1" {
            try ConfigurationPage.text.write(to: file, atomically: true, encoding: .utf8)
        }
        let page = try String(contentsOf: file, encoding: .utf8)
        #expect(page == ConfigurationPage.text, "run the test with RECORD=1 and commit docs/configuration.md")
    }

    /// Aim: the page tells of every key. Method: look for each path in the first column.
    @Test func everyKeyHasARow() {
        for key in Key<Configuration>.all where key.shape != .records {
            #expect(ConfigurationPage.text.contains("\n| `\(key.path)` | "), "\(key.path)")
        }
    }

    /// Aim: the example is no lie. Method: load it, with a real hash for the shortened one.
    @Test func theExampleOfThePageIsAllowed() throws {
        let parts = ConfigurationPage.text.components(separatedBy: "```")
        let example = try #require(parts.count > 1 ? parts[1] : nil)
        let hash = "$6$abc$K4v3HcZ8yAmpRfxML6S46NCcqy9r4/KdbQpFvqSWsBf4dgySOEOo1DHJTrmn2BsJK2aNmPN8Tfb826D2o9.z51"
        let yaml = example.dropFirst("yaml\n".count).replacing("$6$…", with: hash)
        let loaded = try Configuration.load(yaml: String(yaml), named: "example")
        #expect(loaded.node.name == "node1" && loaded.operators.map(\.password) == [hash])
    }
}
