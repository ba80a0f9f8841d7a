// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Aim: command, parameters and text are found behind tags and source, and no bytes can trap.

import Testing

@testable import roost_bench

struct ServerLineTests {
    private func parse(_ text: String) -> (verb: Verb, text: String)? {
        let bytes = Array(text.utf8)
        guard let line = ServerLine(bytes.span) else { return nil }
        return (line.verb, String(decoding: bytes[line.text(in: bytes.span)], as: UTF8.self))
    }

    @Test(
        arguments: [
            (":n!u@h PRIVMSG #c :the text", "the text"), ("@time=1;a=b :n!u@h PRIVMSG #c :the text", "the text"),
            (":n!u@h PRIVMSG #c word", "word"), ("PRIVMSG #c ::)", ":)"), (":n PRIVMSG #c :", ""),
            (":n PRIVMSG", ""),
        ])
    func theTextOfAMessageIsItsLastParameter(line: String, text: String) throws {
        let parsed = try #require(parse(line))
        #expect(parsed.verb == .privmsg)
        #expect(parsed.text == text)
    }

    @Test func aPingIsAnsweredWithItsToken() throws {
        #expect(try #require(parse("PING :token")).text == "token")
        #expect(try #require(parse("PING token")).text == "token")
        #expect(try #require(parse(":server PING token")).verb == .ping)
    }

    @Test func numericsAreThreeDigits() {
        #expect(parse(":s 001 n :hi")?.verb.numeric == 1)
        #expect(parse(":s 376 n :end")?.verb.numeric == 376)
        for word in ["PING", "1", "0001", "12x", "AB"] { #expect(parse(word)?.verb.numeric == nil, "\(word)") }
    }

    @Test(arguments: ["", ":", ":only.a.source", "@only-tags", "@tags :source", "  ", "AVERYLONGCOMMAND x"])
    func whatIsNoLineIsNil(text: String) {
        #expect(parse(text) == nil)
    }

    @Test func anyBytesAreSurvived() {
        var random = SeededRandom(seed: 1)
        let alphabet = Array("@: PRIVMSG#\r0376\u{fe}".utf8)
        for _ in 0..<20_000 {
            let count = Int(random.next() % 24)
            let bytes = (0..<count).map { _ in alphabet[Int(random.next() % UInt64(alphabet.count))] }
            guard let line = ServerLine(bytes.span) else { continue }
            let text = line.text(in: bytes.span)
            #expect(text.lowerBound >= line.parameters && text.upperBound == bytes.count)
        }
    }
}
