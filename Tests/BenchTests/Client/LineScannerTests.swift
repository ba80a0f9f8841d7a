// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Aim: lines are found whole, whatever the reads cut them into.

import Testing

@testable import roost_bench

struct LineScannerTests {
    /// The lines of `bytes`, and what remains after the last.
    private func scan(_ bytes: [UInt8]) -> (lines: [String], rest: [UInt8]) {
        var scanner = LineScanner()
        var lines: [String] = []
        while let range = scanner.next(in: bytes.span) {
            lines.append(String(decoding: bytes[range], as: UTF8.self))
        }
        return (lines, Array(bytes[scanner.offset...]))
    }

    @Test func bothLineEndsCount() {
        let result = scan(Array("a b\r\nc\n\r\n\nrest\r".utf8))
        #expect(result.lines == ["a b", "c", "", ""])
        #expect(result.rest == Array("rest\r".utf8))
    }

    @Test func aReturnWithinALineStays() {
        #expect(scan(Array("a\rb\r\n".utf8)).lines == ["a\rb"])
    }

    @Test func nothingHasNoLines() {
        #expect(scan([]).lines == [])
    }

    @Test func anyCutGivesTheSameLines() {
        let whole = Array(":x!y@z PRIVMSG #c :one\r\nPING :two\r\n:s 376 n :three\n".utf8)
        let expected = scan(whole).lines
        for cut in whole.indices {
            let first = scan(Array(whole[..<cut]))
            let second = scan(first.rest + whole[cut...])
            #expect(first.lines + second.lines == expected, "cut at \(cut)")
        }
    }
}
