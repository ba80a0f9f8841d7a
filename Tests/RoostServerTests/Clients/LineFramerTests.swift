// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The framer gives the same lines however the reads cut the bytes: every text is cut at every place, and into single
// bytes.

import RoostIRC
import Testing

@testable import RoostServer

@Suite struct LineFramerTests {
    private static let longest = "PING " + String(repeating: "x", count: 505)
    private static let longestTags = "@" + String(repeating: "t", count: 4_094) + " " + longest

    static let texts: [String] = [
        "NICK a\r\nUSER a 0 * :A b\r\n", "NICK a\nNICK b\n", "\r\n\r\n\nNICK a\r\n\n", "   \r\nNICK a\r\n",
        "NICK a\rb\r\nNICK c\r\n", "NICK a\r\r\nNICK b\r\n", "NICK a\0\r\nNICK b\r\n", "NICK unfinished",
        "@a=b;c :x PRIVMSG #c :h\u{e4}llo \u{1F600}\r\n", ":only-source\r\nPING\r\n",
        longest + "\r\nPING 1\r\n", longest + "\nPING 1\n", longest + "x\r\nPING 1\r\n", longest + "\r\r\nPING 1\r\n",
        longest + "xx\nPING 1\n", longest + String(repeating: "y", count: 5_000) + "\nPING 1\n",
        longestTags + "\r\nPING 1\r\n", longestTags + "x\r\nPING 1\r\n",
        "@t" + longestTags.dropFirst() + "\r\nPING 1\r\n",
        "@" + String(repeating: "t", count: 9_000) + " PING\r\nPING 1\r\n",
    ]

    @Test(arguments: texts) func everySplitGivesTheSameLines(text: String) {
        let bytes = Array(text.utf8)
        let whole = lines(of: [bytes])
        // In the middle of a long run of one letter, every place is like the next.
        for cut in 1..<bytes.count where cut < 20 || bytes.count - cut < 1_200 || cut % 97 == 0 {
            let halves = lines(of: [Array(bytes[..<cut]), Array(bytes[cut...])])
            guard halves == whole else {
                Issue.record("cut at \(cut): \(halves), not \(whole)")
                return
            }
        }
        #expect(lines(of: bytes.map { [$0] }) == whole)
    }

    @Test func theLongestLineFitsAndOneByteMoreDoesNot() {
        #expect(lines(of: [Array((Self.longest + "\r\n").utf8)]).map(\.isLine) == [true])
        #expect(lines(of: [Array((Self.longest + "x\r\n").utf8)]) == [.refused(.tooLong(.body))])
        #expect(lines(of: [Array((Self.longestTags + "\r\n").utf8)]).map(\.isLine) == [true])
        let tooLong = "@t" + Self.longestTags.dropFirst() + "\r\n"
        #expect(lines(of: [Array(tooLong.utf8)]) == [.refused(.tooLong(.tags))])
    }

    @Test func anEndlessLineIsRefusedOnceAndNotKept() {
        var framer = LineFramer()
        var seen: [Seen] = []
        for _ in 0..<1_000 {
            framer.read([UInt8](repeating: 0x78, count: 2_048).span) { result, _ in seen.append(Seen(result)) }
        }
        framer.read(Array("\nPING 1\n".utf8).span) { result, _ in seen.append(Seen(result)) }
        #expect(seen == [.refused(.tooLong(.body)), .line(IRCLine(command: "PING", parameters: ["1"]))])
    }

    @Test func bytesThatAreNotUTF8AreRefused() {
        let bytes = Array("PRIVMSG a :".utf8) + [0xC3, 0x28] + Array("\r\nPING 1\r\n".utf8)
        #expect(
            lines(of: [bytes]) == [.refused(.notUTF8), .line(IRCLine(command: "PING", parameters: ["1"]))])
    }

    private enum Seen: Equatable {
        case line(IRCLine)
        case refused(IRCLineError)

        init(_ result: Result<IRCLine, IRCLineError>) {
            switch result {
            case .success(let line): self = .line(line)
            case .failure(let error): self = .refused(error)
            }
        }

        var isLine: Bool { if case .line = self { true } else { false } }
    }

    private func lines(of reads: [[UInt8]]) -> [Seen] {
        var framer = LineFramer()
        var seen: [Seen] = []
        for read in reads { framer.read(read.span) { result, _ in seen.append(Seen(result)) } }
        return seen
    }
}
