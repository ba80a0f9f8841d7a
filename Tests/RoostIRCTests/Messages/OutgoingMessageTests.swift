// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The bytes of messages for each set of capabilities, their limit, and the law of variants.

import RoostIRC
import Testing

@Suite struct OutgoingMessageTests {
    private static let tagged = tagged(["#c", "hello"])

    private static func tagged(_ parameters: [String]) -> OutgoingMessage {
        OutgoingMessage(
            time: 1_000_000_000_123, messageID: "a-1;2", clientTags: [Tag("+typing", "active"), Tag("+x")],
            source: "n!u@h", command: "PRIVMSG", parameters: parameters)
    }

    @Test(
        arguments: [
            ([], ":n!u@h PRIVMSG #c :hello\r\n"),
            ([.multiPrefix, .echoMessage], ":n!u@h PRIVMSG #c :hello\r\n"),
            (.serverTime, "@time=2001-09-09T01:46:40.123Z :n!u@h PRIVMSG #c :hello\r\n"),
            (.messageTags, "@msgid=a-1\\:2;+typing=active;+x :n!u@h PRIVMSG #c :hello\r\n"),
            (
                [.serverTime, .messageTags],
                "@time=2001-09-09T01:46:40.123Z;msgid=a-1\\:2;+typing=active;+x :n!u@h PRIVMSG #c :hello\r\n"
            ),
        ] as [(CapabilitySet, String)])
    func tagsGoToThoseWhoNegotiatedThem(capabilities: CapabilitySet, text: String) {
        #expect(Self.tagged.text(for: capabilities) == text)
    }

    @Test func joinIsLongerForExtendedJoin() {
        let join = OutgoingMessage(
            source: "n!u@h", command: "JOIN", parameters: ["#c"], extended: ["account", "Real Name"])
        #expect(join.text(for: []) == ":n!u@h JOIN #c\r\n")
        #expect(join.text(for: .extendedJoin) == ":n!u@h JOIN #c account :Real Name\r\n")
    }

    @Test func whoLacksWhatIsRequiredGetsNothing() {
        let message = OutgoingMessage(
            source: "n!u@h", command: "AWAY", parameters: ["gone"], requires: [.awayNotify, .messageTags])
        #expect(message.text(for: .awayNotify) == "")
        #expect(message.text(for: [.awayNotify, .messageTags]) == ":n!u@h AWAY :gone\r\n")
    }

    @Test(arguments: [
        ("PRIVMSG", ["#c", "x"], "PRIVMSG #c :x"), ("QUIT", ["x"], "QUIT :x"), ("PART", ["#c"], "PART #c"),
        ("PART", ["#c", "x"], "PART #c :x"), ("KICK", ["#c", "n"], "KICK #c n"),
        ("KICK", ["#c", "n", "x"], "KICK #c n :x"),
        ("MODE", ["#c", "+o", "n"], "MODE #c +o n"), ("NICK", ["n"], "NICK n"), ("TAGMSG", ["#c"], "TAGMSG #c"),
        ("353", ["n", "=", "#c", "n"], "353 n = #c :n"), ("324", ["n", "#c", "+n"], "324 n #c +n"),
        ("AWAY", [], "AWAY"),
    ])
    func freeTextAlwaysHasItsColonAndWordsHaveNone(command: String, parameters: [String], text: String) {
        let message = OutgoingMessage(source: nil, command: command, parameters: parameters)
        #expect(message.text(for: []) == text + "\r\n")
    }

    @Test func aReplyNamesServerAndTarget() {
        let message = OutgoingMessage(.noSuchNick("bob"), source: "irc.example", target: "alice", time: 0)
        #expect(message.text(for: []) == ":irc.example 401 alice bob :No such nick/channel\r\n")
        #expect(
            message.text(for: .serverTime)
                == "@time=1970-01-01T00:00:00.000Z :irc.example 401 alice bob :No such nick/channel\r\n")
    }

    @Test(arguments: ["x", "é", "日", "👋"], 0...4)
    func aLongLineIsCutBetweenCharacters(character: String, shift: Int) throws {
        let text = String(repeating: "y", count: shift) + String(repeating: character, count: 600)
        let message = Self.tagged(["#c", text])
        let bytes = message.encoded(for: [.serverTime, .messageTags])
        let space = try #require(bytes.firstIndex(of: 0x20))
        let body = bytes[(space + 1)...]
        #expect(body.count <= 512 && body.count > 512 - character.utf8.count)
        #expect(body.suffix(2) == [0x0D, 0x0A])
        let line = try IRCLine(parsing: bytes)
        #expect(line.parameters[1].drop(while: { $0 == "y" }).allSatisfy { String($0) == character })
    }

    @Test func aMiddleParameterKeepsItsPlaceWhateverItIs() throws {
        let message = OutgoingMessage(
            source: "s", command: "311", parameters: ["n", "u", "::1", "", "a b", "c\r\nQUIT"])
        #expect(message.text(for: []) == ":s 311 n u 0::1 * a_b :c  QUIT\r\n")
    }

    @Test func encodingAppends() {
        var out: [UInt8] = [1, 2]
        OutgoingMessage(source: nil, command: "PING", parameters: ["t"]).encode(for: [], into: &out)
        #expect(out == [1, 2] + Array("PING t\r\n".utf8))
    }

    @Test(arguments: 1...500 as ClosedRange<UInt64>)
    func recipientsOfOneVariantGetTheSameBytesAndNoBitOfAVariantIsIdle(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let message = OutgoingMessage(
            time: random.chance(oneIn: 2) ? random.next() : nil,
            messageID: random.chance(oneIn: 2) ? "id" : nil,
            clientTags: random.chance(oneIn: 2) ? [Tag("+a", "b")] : [],
            source: "s", command: "JOIN", parameters: ["#c"],
            extended: random.chance(oneIn: 2) ? ["a", "b"] : [],
            requires: random.chance(oneIn: 3) ? CapabilitySet(random.element(of: Capability.allCases)) : [])
        let capabilities = CapabilitySet(rawValue: UInt32(random.number(0...1_023)))
        let variant = message.variant(for: capabilities)
        #expect(message.encoded(for: capabilities) == message.encoded(for: variant))

        // With all that it depends on, each one of these changes the bytes when it goes.
        let full = message.encoded(for: message.variantMask)
        for capability in message.variantMask.capabilities {
            #expect(message.encoded(for: message.variantMask.subtracting(CapabilitySet(capability))) != full)
        }
    }
}

extension OutgoingMessage {
    fileprivate func text(for capabilities: CapabilitySet) -> String {
        String(decoding: encoded(for: capabilities), as: UTF8.self)
    }
}
