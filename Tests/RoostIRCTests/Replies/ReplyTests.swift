// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Numbers, and the replies whose parameters are easy to get wrong, against https://modern.ircdocs.horse/#numerics

import RoostIRC
import Testing

@Suite struct ReplyTests {
    @Test(arguments: [(Numeric.welcome, "001"), (.iSupport, "005"), (.names, "353"), (.noSuchNick, "401")])
    func aCodeHasThreeDigits(numeric: Numeric, code: String) {
        #expect(numeric.code == code)
    }

    @Test(arguments: Numeric.allCases)
    func aCodeFindsItsNumeric(numeric: Numeric) {
        #expect(numeric.code.utf8.count == 3)
        #expect(Numeric(code: numeric.code) == numeric)
    }

    @Test(arguments: ["1", "0001", "abc", "999", "", "4é"])
    func otherTextsAreNoCode(code: String) {
        #expect(Numeric(code: code) == nil)
    }

    @Test(
        arguments: [
            (.welcome(network: "Net", nick: "n"), 1, ["Welcome to the Net Network, n"]),
            (.myInfo(server: "s", version: "v"), 4, ["s", "v", "Biow", "Ibehiklmnopstv", "Ibehklov"]),
            (.iSupport(["A", "B=1"]), 5, ["A", "B=1", "are supported by this server"]),
            (.whoisUser("n", user: "u", host: "h", realName: "R N"), 311, ["n", "u", "h", "*", "R N"]),
            (
                .whoisIdle("n", idleSeconds: 5, signOnSeconds: 9), 317,
                ["n", "5", "9", "seconds idle, signon time"]
            ),
            (.channelModeIs("#c", modes: ["+kl", "key", "3"]), 324, ["#c", "+kl", "key", "3"]),
            (.topicWhoTime("#c", setBy: "n!u@h", seconds: 7), 333, ["#c", "n!u@h", "7"]),
            (.inviting("n", to: "#c"), 341, ["n", "#c"]),
            (
                .who(
                    channel: "#c", user: "u", host: "h", server: "s", nick: "n",
                    flags: Reply.whoFlags(isAway: true, isOperator: true, prefixes: "@+", isBot: true),
                    realName: "R N"),
                352, ["#c", "u", "h", "s", "n", "G*@+B", "0 R N"]
            ),
            (.names(.secret, "#c", members: "@a b"), 353, ["@", "#c", "@a b"]),
            (.userOnChannel("n", "#c"), 443, ["n", "#c", "is already on channel"]),
            (.cannotSendToChannel("#c", reason: "+m"), 404, ["#c", "Cannot send to channel (+m)"]),
            (.cannotSendToChannel("#c"), 404, ["#c", "Cannot send to channel"]),
            (.unknownMode("x"), 472, ["x", "is unknown mode char to me"]),
            (
                .invalidModeParameter("#c", mode: "l", parameter: "x", "Not a number"), 696,
                ["#c", "l", "x", "Not a number"]
            ),
            (.monitorListFull(limit: 2, nicks: "a,b"), 734, ["2", "a,b", "Monitor list is full."]),
            (.statsUptime(seconds: 93_784), 242, ["Server Up 1 days 02:03:04"]),
            (.userHost(["a=+u@h", "b*=-u@h"]), 302, ["a=+u@h b*=-u@h"]),
        ] as [(Reply, UInt16, [String])])
    func aReplyHasItsNumberAndParameters(reply: Reply, number: UInt16, parameters: [String]) {
        #expect(reply.numeric.rawValue == number)
        #expect(reply.parameters == parameters)
    }

    @Test func eachListHasItsOwnNumbers() {
        let entries = [ChannelMode.ban, .banException, .invitationException].map {
            Reply.entry(of: $0, in: "#c", mask: "m!*@*", setBy: "n", seconds: 1)
        }
        #expect(entries.map(\.numeric.rawValue) == [367, 348, 346])
        #expect(entries.map(\.parameters) == Array(repeating: ["#c", "m!*@*", "n", "1"], count: 3))
        let ends = [ChannelMode.ban, .banException, .invitationException].map { Reply.endOfList(of: $0, in: "#c") }
        #expect(ends.map(\.numeric.rawValue) == [368, 349, 347])
    }

    @Test func oneInUserHostShowsOperatorAndAway() {
        #expect(Reply.userHostEntry(nick: "n", isOperator: true, isAway: true, user: "u", host: "h") == "n*=-u@h")
        #expect(Reply.userHostEntry(nick: "n", isOperator: false, isAway: false, user: "u", host: "h") == "n=+u@h")
    }

    @Test(arguments: [(["a"], [704, 706]), (["a", "b"], [704, 706]), (["a", "b", "c"], [704, 705, 706]), ([], [])])
    func helpStartsAndEnds(lines: [String], numbers: [UInt16]) {
        let replies = Reply.help("JOIN", lines: lines)
        #expect(replies.map(\.numeric.rawValue) == numbers)
        #expect(replies.prefix(lines.count).map(\.parameters) == lines.map { ["JOIN", $0] })
    }

    @Test(
        arguments: [
            ([], [], 5), (["abc"], ["abc"], 5), (["ab", "cd", "ef"], ["ab cd", "ef"], 5),
            (["ab", "cde"], ["ab", "cde"], 5),
            (["abcdefgh", "i", "j"], ["abcdefgh", "i j"], 5), (["", ""], [" "], 5), (["é", "é"], ["é é"], 5),
            (["é", "éx"], ["é", "éx"], 5),
        ] as [([String], [String], Int)])
    func wordsAreJoinedAsFarAsTheyFit(words: [String], texts: [String], bytesMax: Int) {
        #expect(packed(words, bytesMax: bytesMax) == texts)
    }

    @Test func commasSeparateWhatTheySeparate() {
        #expect(packed(["a", "b", "c"], separator: ",", bytesMax: 3) == ["a,b", "c"])
    }
}
