// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The lines of 005. https://modern.ircdocs.horse/#rplisupport-005

import RoostIRC
import Testing

@Suite struct ISupportTests {
    @Test func aLineHasAtMostThirteenTokens() {
        var support = ISupport()
        for number in 1...27 { support.add("T\(number)") }
        let replies = support.replies()
        #expect(replies.map(\.parameters.count) == [14, 14, 2])
        #expect(replies.allSatisfy { $0.numeric == .iSupport && $0.parameters.last == "are supported by this server" })
        #expect(replies.flatMap { $0.parameters.dropLast() } == support.tokens)
    }

    @Test func aLineHasAtMostItsBytes() {
        var support = ISupport()
        for number in 1...4 { support.add("T\(number)", String(repeating: "x", count: 20)) }
        #expect(support.replies(bytesMax: 50).map(\.parameters.count) == [3, 3])
        #expect(support.replies(bytesMax: 10).map(\.parameters.count) == [2, 2, 2, 2])
    }

    @Test func valuesAreEscaped() {
        var support = ISupport()
        support.add("NETWORK", "A \\B=C")
        support.add("EMPTY", "")
        support.add("NICKLEN", 30)
        #expect(support.tokens == ["NETWORK=A\\x20\\x5CB\\x3DC", "EMPTY=", "NICKLEN=30"])
    }

    @Test func aNameIsAdvertisedOnce() {
        var support = ISupport()
        support.add("MODES", 4)
        support.add("MODESX")
        support.add("MODES", 6)
        support.add("MODES")
        #expect(support.tokens == ["MODES", "MODESX"])
    }

    @Test func noTokensMakeNoLine() {
        #expect(ISupport().replies() == [])
    }
}
