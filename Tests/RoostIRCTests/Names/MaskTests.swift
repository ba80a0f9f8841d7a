// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Wildcards against a matcher that is plainly right and slow, and the completion of masks.

import RoostIRC
import Testing

@Suite struct MaskTests {
    @Test(arguments: [
        ("", "", true), ("", "a", false), ("*", "", true), ("*", "any", true), ("?", "", false), ("?", "a", true),
        ("?", "日", true), ("??", "日", false), ("a*c", "abbc", true), ("a*c", "abcd", false), ("a?c", "abc", true),
        ("*!*@*.Example", "n!u@a.example", true), ("NICK!*@*", "nick!u@h", true), ("a\\*c", "a*c", true),
        ("a\\*c", "abc", false), ("a\\?c", "abc", false), ("a\\\\c", "a\\c", true), ("a\\", "a\\", true),
        ("\\a", "A", true), ("é", "É", false), ("*?日", "日本日", true), ("[a]", "{a}", false), ("*a", "aaa", true),
    ])
    func aPatternMatchesTheWholeText(pattern: String, text: String, isMatch: Bool) {
        #expect(Glob(pattern).matches(text) == isMatch)
    }

    @Test(arguments: 1...400 as ClosedRange<UInt64>)
    func aPatternMatchesWhatThePlainMatcherSays(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<20 {
            let pattern = random.text(of: Array("abé日*?\\"), 0...7)
            let text = random.text(of: Array("abAé日*"), 0...8)
            #expect(
                Glob(pattern).matches(text) == plainlyMatches(Array(pattern)[...], Array(text)[...]),
                "\(pattern) and \(text)")
        }
    }

    /// A matcher that tries every way for each run would need longer than the universe has.
    @Test(.timeLimit(.minutes(1)))
    func manyRunsCostNoMoreThanTheProductOfTheLengths() {
        let pattern = Glob(String(repeating: "*a", count: 200) + "*b")
        #expect(!pattern.matches(String(repeating: "a", count: 500)))
        #expect(pattern.matches(String(repeating: "a", count: 500) + "b"))
    }

    @Test func patternsAreEqualAsTheyMatch() {
        #expect(Glob("A**") == Glob("a*"))
        #expect(Glob("\\a") == Glob("a"))
        #expect(Glob("\\*") != Glob("*"))
        #expect(Glob("é") != Glob("É"))
    }

    @Test(arguments: [
        ("bob", "bob!*@*"), ("bob!", "bob!*@*"), ("bob!u", "bob!u@*"), ("u@h", "*!u@h"), ("@h", "*!*@h"),
        ("u@", "*!u@*"),
        ("!u@h", "*!u@h"), ("n!u@h", "n!u@h"), ("!@", "*!*@*"), ("*.host", "*!*@*.host"),
        ("2001:db8::*", "*!*@2001:db8::*"),
        ("*", "*!*@*"), ("a@b@c", "*!a@b@c"), ("n!u@h!x", "n!u@h!x"), ("a@b!c", "*!a@b!c"), ("n@x!u@h", "n@x!u@h"),
        ("é", "é!*@*"),
    ])
    func aMaskIsCompleted(argument: String, text: String) throws {
        let mask = try #require(Mask(normalising: argument, bytesMax: 100))
        #expect(mask.text == text)
        #expect(Mask(normalising: text, bytesMax: 100) == mask)
    }

    @Test(arguments: ["", "a b", "a\u{1}", "\u{7F}", ":n!u@h", "0123456789"])
    func whatCouldNotBeListedIsNoMask(argument: String) {
        #expect(Mask(normalising: argument, bytesMax: 12) == nil)
    }

    @Test func masksAreEqualAndMatchWithoutRegardToCase() throws {
        let upper = try #require(Mask(normalising: "BOB", bytesMax: 100))
        let lower = try #require(Mask(normalising: "bob", bytesMax: 100))
        #expect(upper == lower)
        #expect(Set([upper, lower]).count == 1)
        #expect(upper.matches("Bob!u@h") && !upper.matches("bobby!u@h"))
    }
}

/// By definition: a run takes nothing, or one character and then the same again.
private func plainlyMatches(_ pattern: ArraySlice<Character>, _ text: ArraySlice<Character>) -> Bool {
    guard let first = pattern.first else { return text.isEmpty }
    let rest = pattern.dropFirst()
    if first == "*" {
        return plainlyMatches(rest, text) || !text.isEmpty && plainlyMatches(pattern, text.dropFirst())
    }
    if first == "?" { return !text.isEmpty && plainlyMatches(rest, text.dropFirst()) }
    let isEscape = first == "\\" && !rest.isEmpty
    let wanted = isEscape ? rest.first : first
    return text.first.map { asciiFolded(String($0)) } == wanted.map { asciiFolded(String($0)) }
        && plainlyMatches(isEscape ? rest.dropFirst() : rest, text.dropFirst())
}
