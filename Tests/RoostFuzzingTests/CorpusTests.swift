// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The corpora of the fuzz targets, replayed: whatever once broke a rule breaks none now. `make fuzz` finds new inputs.

import Foundation
import RoostIRC
import RoostModel
import RoostNode
import RoostRoster
import Testing

@testable import RoostFuzzing

@Suite struct CorpusTests {
    private static let corpora = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Corpora")

    @Test(arguments: FuzzTarget.allCases)
    func everyRuleHoldsForEveryInput(of target: FuzzTarget) throws {
        let folder = Self.corpora.appending(path: target.rawValue)
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        #expect(files.count >= 5, "\(target.rawValue) has a corpus")
        for file in files {
            let input = Array(try Data(contentsOf: file))
            #expect(input.count <= 16 << 10, "\(file.lastPathComponent) is small")
            do {
                try target.run(on: input)
            } catch {
                Issue.record("\(target.rawValue)/\(file.lastPathComponent): \(error)")
            }
        }
    }

    /// The rules can be broken: without that, a corpus that holds says nothing.
    @Test func whatPeersOrClientsCannotReadBreaksARule() throws {
        let lines = OutgoingMessage(source: "a", command: "QUIT\r\nKILL", parameters: [])
        #expect(throws: BrokenRule.self) { try checkEffects([.send(lines, to: ConnectionID(lane: 0, serial: 1))]) }
        let node = try #require(NodeID("a"))
        let id = EventID(node: node, epoch: Epoch(1), sequence: 1)
        let event = Event(id: id, time: .zero, body: .nodeLeft(reason: "two\nlines"))
        #expect(throws: BrokenRule.self) { try checkEffects([.publish(event)]) }
    }
}
