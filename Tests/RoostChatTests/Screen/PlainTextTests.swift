// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What strangers write must not steer the terminal; and how wide what remains is.

import Testing

@testable import RoostChat

@Suite struct PlainTextTests {
    @Test func formattingCodesAreTakenOut() {
        #expect(
            PlainText.oneLine("\u{02}bold\u{02} \u{1D}it\u{0F} \u{1F}u\u{1F} \u{16}r\u{16} \u{11}m\u{1E}s")
                == "bold it u r ms")
        #expect(PlainText.oneLine("\u{03}4red\u{03} \u{03}04,12both\u{03}99,x \u{03}1234") == "red both,x 34")
        #expect(PlainText.oneLine("\u{04}FF0000red\u{04}00ff00,0000FFx\u{04}12") == "redx12")
    }

    @Test func controlCharactersAreDropped() {
        #expect(PlainText.oneLine("a\u{1B}]0;title\u{07}b\u{9B}31mc\u{00}\u{7F}\u{85}d") == "a]0;titleb31mc d")
        #expect(PlainText.oneLine("x\u{202E}gpj.exe\u{2066}\u{FEFF}") == "xgpj.exe")
        #expect(PlainText.oneLine("a\tb\r\nc\rd\ne\u{2028}f") == "a b c d e f")
        #expect(PlainText.manyLines("a\tb\r\nc\rd\ne") == "a b\nc\nd\ne")
    }

    @Test func ordinaryTextStaysAsItIs() {
        for text in ["hello", "Grüße", "日本語", "👩‍👩‍👧 e\u{301} שלום"] { #expect(PlainText.oneLine(text) == text) }
    }

    @Test func everyScalarBelowTheFirstLetterAndInC1IsHarmless() {
        for value in Array(UInt32(0)...0x1F) + Array(0x7F...0x9F) {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let clean = PlainText.oneLine("a\(Character(scalar))b")
            #expect(clean == "ab" || clean == "a b", "scalar \(value)")
        }
    }

    @Test func widthsAreThoseThatTerminalsGive() {
        #expect(DisplayWidth.of("abc") == 3)
        #expect(DisplayWidth.of("äe\u{301}") == 2)
        #expect(DisplayWidth.of("日本語") == 6)
        #expect(DisplayWidth.of("한글") == 4)
        #expect(DisplayWidth.of("👍🏽👨‍👩‍👧‍👦") == 4)
        #expect(DisplayWidth.of("❤\u{FE0F}") == 2)
        #expect(DisplayWidth.of("─…│·") == 4)
    }
}
