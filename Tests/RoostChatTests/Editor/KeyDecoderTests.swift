// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Bytes of a terminal to keys. What is decoded whole must be decoded the same when cut anywhere.

import Testing

@testable import RoostChat

private func keys(_ text: String) -> [Key] {
    var whole = KeyDecoder()
    let keys = whole.decode(text.utf8)
    var bytewise = KeyDecoder()
    #expect(text.utf8.flatMap { bytewise.decode([$0]) } == keys)
    return keys
}

@Suite struct KeyDecoderTests {
    @Test func textComesCharacterByCharacter() {
        #expect(keys("aé語👍") == [.text("a"), .text("é"), .text("語"), .text("👍")])
    }

    @Test func theSequencesOfXtermVTAndRxvtAreKnown() {
        #expect(keys("\u{1B}[A\u{1B}[B\u{1B}[C\u{1B}[D") == [.up, .down, .right, .left])
        #expect(keys("\u{1B}OA\u{1B}OH\u{1B}OF") == [.up, .home, .end])
        #expect(
            keys("\u{1B}[H\u{1B}[F\u{1B}[1~\u{1B}[4~\u{1B}[7~\u{1B}[8~") == [.home, .end, .home, .end, .home, .end])
        #expect(keys("\u{1B}[3~\u{1B}[5~\u{1B}[6~") == [.delete, .pageUp, .pageDown])
        #expect(keys("\u{1B}[1;5D\u{1B}[1;3C\u{1B}b\u{1B}f") == [.wordLeft, .wordRight, .wordLeft, .wordRight])
    }

    @Test func controlAndAltKeysAreNamedByTheirCharacter() {
        #expect(keys("\u{01}\u{0B}\u{1A}") == [.control("a"), .control("k"), .control("z")])
        #expect(keys("\u{1B}1\u{1B}a") == [.alt("1"), .alt("a")])
        #expect(keys("\r\n\t\u{7F}\u{08}") == [.enter, .enter, .tab, .backspace, .backspace])
        #expect(keys("\u{1B}\u{7F}") == [.control("w")])
    }

    @Test func unknownSequencesAreSwallowedWhole() {
        #expect(keys("a\u{1B}[15;2~\u{1B}[<0;3;4M\u{1B}[?1;2cb") == [.text("a"), .text("b")])
        #expect(keys("\u{1B}[1;5A\u{00}\u{1C}x") == [.text("x")])
    }

    @Test func aLoneEscapeIsForgotten() {
        var decoder = KeyDecoder()
        #expect(decoder.decode([0x1B]) == [])
        #expect(decoder.isInsideEscape)
        decoder.giveUp()
        #expect(decoder.decode("1".utf8) == [.text("1")])
    }

    @Test func aPasteIsOneKeyWhateverItHolds() {
        let pasted = "/quit\r\nrm -rf\u{1B}[31m\u{07}\tä"
        #expect(keys("\u{1B}[200~\(pasted)\u{1B}[201~x") == [.paste("/quit\nrm -rf[31m ä"), .text("x")])
        #expect(keys("\u{1B}[200~\u{1B}[201~") == [])
    }

    @Test func aPasteIsCutAtItsLimitAndStillEnds() {
        var decoder = KeyDecoder()
        let long = String(repeating: "x", count: KeyDecoder.pasteBytesMax + 1_000)
        let keys = decoder.decode("\u{1B}[200~\(long)\u{1B}[201~y".utf8)
        #expect(keys.count == 2)
        guard case .paste(let text) = keys.first else {
            Issue.record("no paste: \(keys.prefix(3))")
            return
        }
        #expect((KeyDecoder.pasteBytesMax...KeyDecoder.pasteBytesMax + 6).contains(text.utf8.count))
        #expect(keys.last == .text("y"))
    }

    @Test func brokenUTF8IsMarkedAndLosesNothingElse() {
        var decoder = KeyDecoder()
        #expect(
            decoder.decode([0xC3, 0x61, 0xFF, 0x62]) == [.text("\u{FFFD}"), .text("a"), .text("\u{FFFD}"), .text("b")])
    }

    @Test func noBytesMakeAControlCharacterIntoText() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<300 {
            var decoder = KeyDecoder()
            let bytes = (0..<200).map { _ in UInt8.random(in: 0...255, using: &random) }
            for case .text(let text) in decoder.decode(bytes) {
                #expect(text == PlainText.oneLine(text), "from \(bytes)")
            }
        }
    }
}
