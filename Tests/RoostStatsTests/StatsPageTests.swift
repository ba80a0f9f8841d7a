// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The page that other people's programs are written from, docs/protocol/stats.md, says what is true.

import FoundationEssentials
import RoostStats
import Testing

struct StatsPageTests {
    private static let root = #filePath.split(separator: "/Tests/").first.map(String.init) ?? ""
    private let page: String
    private let script: String

    init() throws {
        page = try String(contentsOfFile: Self.root + "/docs/protocol/stats.md", encoding: .utf8)
        script = try String(contentsOfFile: Self.root + "/docs/examples/stats_subscriber.py", encoding: .utf8)
    }

    @Test func itNamesEveryFieldAndNoOther() throws {
        var fields = Set(try keys(of: .stats(.sample)) + keys(of: .event(.sample)))
        fields.remove("lastSeq_seen")
        // In the tables' first column, or as a part of an object that such a row describes.
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("| `") }
        let named = Set(rows.flatMap(codeWords)).union(distributionWords)
        #expect(fields.subtracting(named) == [])
        let firstColumn = rows.flatMap { codeWords($0.split(separator: "|")[0]) }
        let others = firstColumn.filter { !fields.contains($0) && !kinds.contains($0) && !$0.contains("<") }
        #expect(others == [])
    }

    @Test func itNamesEveryKindAndState() {
        for kind in kinds { #expect(page.contains("| `\(kind)` |"), "\(kind)") }
        let states: [NodeStats.State] = [.joining, .serving, .draining]
        let peerStates: [NodeStats.PeerState] = [.connecting, .up, .suspect, .unreachable, .down, .gone]
        for word in states.map(\.rawValue) + peerStates.map(\.rawValue) {
            #expect(page.contains("`\(word)`"), "\(word)")
        }
    }

    @Test func itShowsTheSubscriberAsItIs() {
        let code = script.split(separator: "\n").filter { !$0.hasPrefix("#") }.joined(separator: "\n")
        let shown = page.split(separator: "```").first { $0.hasPrefix("python\n") }?.dropFirst("python\n".count)
        #expect(shown?.split(separator: "\n").joined(separator: "\n") == code)
        #expect(code.split(separator: "\n").count == 15)
    }

    private let kinds = [
        StatsEvent.Kind.peerUp, .peerSuspect, .peerUnreachable, .takeOver, .peerDown, .peerGone, .peerRefused,
        .collision, .repair, .malformed,
        .clientRefused, .nodeState,
    ].map(\.rawValue)

    /// Named in the sentence about distributions.
    private var distributionWords: [String] {
        page.split(separator: "\n").filter { $0.hasPrefix("A **distribution**") }.flatMap(codeWords)
    }

    private func codeWords(_ text: Substring) -> [String] {
        text.split(separator: "`", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }
            .map { String($0.element) }
    }

    /// Every key at every depth: what stands before `":`. Nothing in the samples' texts looks like one.
    private func keys(of message: StatsMessage) throws -> [String] {
        String(decoding: try message.json(), as: UTF8.self).split(separator: "\":").dropLast().compactMap { piece in
            piece.split(separator: "\"").last.map(String.init)
        }
    }
}
