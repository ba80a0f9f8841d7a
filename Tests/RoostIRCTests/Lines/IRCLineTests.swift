// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The grammar of lines by tables, and what holds of every line and of any bytes by properties over seeds.
// https://modern.ircdocs.horse/#message-format, https://ircv3.net/specs/extensions/message-tags

import RoostIRC
import Testing

@Suite struct IRCLineTests {
    @Test(arguments: [
        ("PING", IRCLine(command: "PING")),
        ("ping token\r\n", IRCLine(command: "PING", parameters: ["token"])),
        ("PING token\n", IRCLine(command: "PING", parameters: ["token"])),
        ("PING token\r", IRCLine(command: "PING", parameters: ["token"])),
        ("PRIVMSG #c :hello there", IRCLine(command: "PRIVMSG", parameters: ["#c", "hello there"])),
        ("PRIVMSG #c :", IRCLine(command: "PRIVMSG", parameters: ["#c", ""])),
        ("PRIVMSG #c ::)", IRCLine(command: "PRIVMSG", parameters: ["#c", ":)"])),
        ("PRIVMSG #c :  two  spaces  ", IRCLine(command: "PRIVMSG", parameters: ["#c", "  two  spaces  "])),
        ("MODE #c a:b", IRCLine(command: "MODE", parameters: ["#c", "a:b"])),
        ("  JOIN   #a   key  ", IRCLine(command: "JOIN", parameters: ["#a", "key"])),
        (":irc.example 001 bob :Hi", IRCLine(source: "irc.example", command: "001", parameters: ["bob", "Hi"])),
        (": PING x", IRCLine(command: "PING", parameters: ["x"])),
        ("/join #a", IRCLine(command: "/JOIN", parameters: ["#a"])),
        ("prıvmsg", IRCLine(command: "PRıVMSG")),
        ("TOPIC #c :größe 日本 👋", IRCLine(command: "TOPIC", parameters: ["#c", "größe 日本 👋"])),
        (
            "@time=now;+draft/reply=id;bare :n!u@h TAGMSG #c",
            IRCLine(
                tags: [Tag("time", "now"), Tag("+draft/reply", "id"), Tag("bare")], source: "n!u@h", command: "TAGMSG",
                parameters: ["#c"])
        ),
        ("@a=1;;b=2;  PING", IRCLine(tags: [Tag("a", "1"), Tag("b", "2")], command: "PING")),
        ("@=x;a=b=c PING", IRCLine(tags: [Tag("a", "b=c")], command: "PING")),
        ("@ PING", IRCLine(command: "PING")),
        (
            "@a=1;a=2;é=ü PING",
            IRCLine(tags: [Tag("a", "1"), Tag("a", "2"), Tag("é", "ü")], command: "PING")
        ),
    ])
    func aLineIsCutIntoItsParts(text: String, line: IRCLine) throws {
        #expect(try IRCLine(parsing: text) == line)
    }

    @Test(arguments: [
        ("", IRCLineError.empty),
        ("\r\n", .empty),
        ("   ", .empty),
        (":source", .malformed(.noCommand)),
        ("@tag=1", .malformed(.noCommand)),
        ("@tag=1 :source  ", .malformed(.noCommand)),
        (":source :text", .malformed(.badCommand)),
        (":source @text", .malformed(.badCommand)),
        ("@a=1 @b=2 PING", .malformed(.badCommand)),
        ("PRIVMSG #c :one\rQUIT", .malformed(.forbiddenByte)),
        ("PRIVMSG #c :one\nQUIT\n", .malformed(.forbiddenByte)),
        ("PING \u{0}", .malformed(.forbiddenByte)),
        ("@a=\r1 PING", .malformed(.forbiddenByte)),
    ])
    func whatIsNoLineSaysWhy(text: String, error: IRCLineError) {
        #expect(throws: error) { try IRCLine(parsing: text) }
    }

    @Test(arguments: [
        "PRIVMSG #c :caf\u{FF}", "\u{FF} x", ":\u{FF} PING", "PING \u{FF} x", "@\u{FF}=1 PING", "@a=\u{FF} PING",
        "@a=\\s\u{FF} PING",
    ])
    func bytesThatAreNotUTF8AreRefusedWhereverTheyAre(template: String) {
        let bytes = template.unicodeScalars.map { UInt8($0.value) }
        #expect(throws: IRCLineError.notUTF8) { try IRCLine(parsing: bytes) }
    }

    @Test func aLineOf512BytesWithItsEndIsTakenAndOneMoreIsNot() throws {
        let head = "PRIVMSG #c :"
        let fits = head + String(repeating: "x", count: 510 - head.utf8.count)
        let line = try IRCLine(parsing: fits + "\r\n")
        #expect(line.parameters.last?.utf8.count == 510 - head.utf8.count)
        #expect(throws: IRCLineError.tooLong(.body)) { try IRCLine(parsing: fits + "x\r\n") }
        #expect(throws: IRCLineError.tooLong(.body)) { try IRCLine(parsing: "@a=1 " + fits + "x") }
        #expect(try IRCLine(parsing: "@a=1 " + fits).tags == [Tag("a", "1")])
    }

    @Test func clientsHave4094BytesOfTagsAndServers8189() throws {
        func line(_ dataBytes: Int) -> String { "@+a=" + String(repeating: "x", count: dataBytes - 3) + " PING" }
        #expect(try IRCLine(parsing: line(4_094)).tag("+a")?.utf8.count == 4_091)
        #expect(throws: IRCLineError.tooLong(.tags)) { try IRCLine(parsing: line(4_095)) }
        #expect(try IRCLine(parsing: line(8_189), limits: .fromServer).tag("+a")?.utf8.count == 8_186)
        #expect(throws: IRCLineError.tooLong(.tags)) { try IRCLine(parsing: line(8_190), limits: .fromServer) }
    }

    /// "If a tag key appears more than once in a single message, the last value is used."
    @Test func ofTwoTagsWithOneKeyTheLastCounts() throws {
        let line = try IRCLine(parsing: "@a=1;b;a=2 PING")
        #expect(line.tag("a") == "2")
        #expect(line.tag("b") == "")
        #expect(line.tag("c") == nil)
    }

    @Test func aSliceIsParsedAtItsPlace() throws {
        let buffer = Array("PING a\r\nPONG b\r\n".utf8)
        #expect(try IRCLine(parsing: buffer[8...]) == IRCLine(command: "PONG", parameters: ["b"]))
    }

    @Test(arguments: [
        (IRCLine(command: "JOIN", parameters: ["#a"]), "JOIN #a\r\n"),
        (IRCLine(command: "PRIVMSG", parameters: ["#a", "b c"]), "PRIVMSG #a :b c\r\n"),
        (IRCLine(command: "PRIVMSG", parameters: ["#a", ""]), "PRIVMSG #a :\r\n"),
        (IRCLine(command: "PRIVMSG", parameters: ["#a", ":)"]), "PRIVMSG #a ::)\r\n"),
        (
            IRCLine(tags: [Tag("a"), Tag("b", "x; y")], source: "s", command: "X", parameters: []),
            "@a;b=x\\:\\sy :s X\r\n"
        ),
    ])
    func aLineIsPrintedWithAColonOnlyWhereItIsNeeded(line: IRCLine, text: String) {
        #expect(String(decoding: line.bytes, as: UTF8.self) == text)
    }

    @Test func noTextCanSmuggleASecondLineOrParameter() throws {
        let line = IRCLine(
            tags: [Tag("a b;c=\r\n", "x\r\ny\u{0}")], source: "s\r\nQUIT", command: "MODE\nX",
            parameters: ["a b", "", ":c", "d\r\nQUIT :\u{0}"])
        let printed = try IRCLine(parsing: line.bytes)
        #expect(
            printed
                == IRCLine(
                    tags: [Tag("abc", "x\r\ny")], source: "s__QUIT", command: "MODE_X",
                    parameters: ["a_b", "*", "0:c", "d  QUIT : "]))
    }

    @Test(arguments: 1...300 as ClosedRange<UInt64>)
    func parsingWhatWasPrintedGivesTheSameLine(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<20 {
            let line = random.line()
            #expect(try IRCLine(parsing: line.bytes, limits: .fromServer) == line)
        }
    }

    @Test(arguments: 1...300 as ClosedRange<UInt64>)
    func anyBytesEndInALineThatPrintsAndParsesOrInAnError(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<20 {
            guard let line = try? IRCLine(parsing: random.bytes()) else { continue }  // An error is an answer.
            #expect(!line.command.isEmpty)
            #expect(try IRCLine(parsing: line.bytes, limits: .fromServer) == line)
        }
    }
}

extension SeededRandom {
    private static let wordLetters: [Character] = Array("abcXYZ019#&@!~*+-.:;=,\\/é日👋")
    private static let keyLetters: [Character] = Array("abcXYZ019+-./")

    fileprivate mutating func line() -> IRCLine {
        IRCLine(
            tags: (0..<number(0...3)).map { _ in
                Tag(text(of: Self.keyLetters, 1...8), text(of: Self.wordLetters + [" ", "\r", "\n"], 0...10))
            },
            source: chance(oneIn: 2) ? word() : nil,
            command: chance(oneIn: 3) ? text(of: Array("0123456789"), 3...3) : text(of: Array("ABCXYZ"), 1...9),
            parameters: (0..<number(0...4)).map { _ in word() }
                + (chance(oneIn: 2) ? [text(of: Self.wordLetters + [" ", " "], 0...30)] : []))
    }

    private mutating func word() -> String {
        let word = text(of: Self.wordLetters, 1...12)
        return word.hasPrefix(":") ? "x" + word : word
    }

    /// Half of them a good line with some bytes changed, half of them made of bytes that mean something, or anything.
    fileprivate mutating func bytes() -> [UInt8] {
        if chance(oneIn: 2) {
            var bytes = line().bytes
            for _ in 0..<number(1...3) { bytes[number(0...(bytes.count - 1))] = UInt8(number(0...255)) }
            return bytes
        }
        let meaning = Array("@:;= \\+abc\r\n\0é".utf8)
        return (0..<number(0...60)).map { _ in
            chance(oneIn: 20) ? UInt8(number(0...255)) : element(of: meaning)
        }
    }
}
