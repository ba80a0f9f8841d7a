// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What names are legal and which are the same.

import RoostIRC
import Testing

@Suite struct NameRulesTests {
    @Test(arguments: ["a", "Bob", "x1-", "[]\\`_^{|}", "alice|k3f", "abcdefghij"])
    func nicksOfTheRightCharactersAreLegal(nick: String) {
        #expect(isValidNick(nick, bytesMax: 10))
    }

    @Test(arguments: [
        "", "1a", "-a", "a b", "a!", "a@b", "#a", "é", "a\u{0}", "a.b", "a:b", "~a", "a~", "a,b", "*", "abcdefghijk",
    ])
    func otherNicksAreNot(nick: String) {
        #expect(!isValidNick(nick, bytesMax: 10))
    }

    @Test(arguments: ["#a", "#日本", "##", "#a:b!@", "#234567890"])
    func channelNamesOfTheRightCharactersAreLegal(name: String) {
        #expect(isValidChannelName(name, bytesMax: 10))
    }

    @Test(arguments: ["", "#", "a", "&a", "#a b", "#a,b", "#a\u{7}", "#a\u{0}", "#a\r", "#a\n", "#2345678901", "#日本日本"])
    func otherChannelNamesAreNot(name: String) {
        #expect(!isValidChannelName(name, bytesMax: 10))
    }

    @Test func aHashMakesAChannel() {
        #expect(isChannelName("#"))
        #expect(!isChannelName("a#") && !isChannelName(""))
    }

    @Test(arguments: [
        ("bob", "bob"), ("~bob!x@y z", "bobxyz"), ("a.b_c-1", "a.b_c-1"), ("0123456789abc", "0123456789"), ("é日", nil),
        ("", nil),
    ])
    func userNamesKeepTheirPlainCharacters(name: String, sanitised: String?) {
        #expect(sanitisedUserName(name, bytesMax: 10) == sanitised)
    }

    @Test(arguments: [
        ("secret", true), ("é:x", true), ("0123456789", true), ("", false), ("a b", false), ("a,b", false),
        (":a", false),
        ("a\u{1}", false), ("a\u{7F}", false), ("0123456789a", false),
    ])
    func keysCanBeSentBackAsTheyAre(key: String, isValid: Bool) {
        #expect(isValidKey(key, bytesMax: 10) == isValid)
    }

    @Test(arguments: [
        ("", ""), ("bob", "bob"), ("BoB", "bob"), ("A[]\\~^Z", "a[]\\~^z"), ("ÉÀ", "ÉÀ"), ("AÉ", "aÉ"),
        ("@`[{", "@`[{"),
        (String(repeating: "Xé", count: 100), String(repeating: "xé", count: 100)),
    ])
    func onlyAsciiLettersAreFolded(name: String, folded: String) {
        #expect(asciiFolded(name) == folded)
        #expect(asciiFolded(folded) == folded)
    }
}
