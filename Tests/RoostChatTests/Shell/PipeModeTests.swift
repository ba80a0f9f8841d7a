// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The whole client on pipes, against a node of which the test writes every line.

import Foundation
import Testing

@testable import RoostChat

@Suite struct PipeModeTests {
    /// A client that reads from one pipe and writes to another.
    private struct Piped {
        let client: RunningClient
        let input: Int32
        let output: Int32

        init(_ nodes: [ScriptedNode], channels: [String] = []) throws {
            var inputEnds: [Int32] = [-1, -1]
            var outputEnds: [Int32] = [-1, -1]
            try #require(pipe(&inputEnds) == 0 && pipe(&outputEnds) == 0)
            input = inputEnds[1]
            output = outputEnds[0]
            let options = try ChatOptions(
                addresses: nodes.map(\.address), nick: "bot", channels: channels, loginName: "al")
            client = RunningClient(
                options, mode: .pipe, input: inputEnds[0], output: outputEnds[1],
                closing: [inputEnds[0], outputEnds[1]])
        }

        func write(_ text: String) {
            let bytes = Array(text.utf8)
            #expect(Foundation.write(input, bytes, bytes.count) == bytes.count)
        }

        func endInput() {
            close(input)
        }

        /// All output, to its end, with times of day made regular.
        func allOutput() throws -> String {
            var bytes: [UInt8] = []
            while true {
                try waitUntilReadable(output, "output")
                var buffer = [UInt8](repeating: 0, count: 4_096)
                let count = read(output, &buffer, buffer.count)
                guard count > 0 else { break }
                bytes += buffer.prefix(count)
            }
            close(output)
            return String(decoding: bytes, as: UTF8.self).replacing(/\[\d\d:\d\d\]/, with: "[TIME]")
        }
    }

    @Test func linesAreSentPrintedAndTheEndWaitsForTheirEcho() throws {
        let node = try ScriptedNode()
        let piped = try Piped([node], channels: ["#dev"])
        piped.write("one\n\n/me waves\n/msg bob psst\nlast without an end")
        piped.endInput()
        try node.welcome("bot", joins: ["#dev"])
        try node.expect("PRIVMSG #dev one")
        try node.expect("PRIVMSG #dev :\u{01}ACTION waves\u{01}")
        try node.expect("PRIVMSG bob psst")
        try node.expect("PRIVMSG #dev :last without an end")
        let barrier = try node.expect(prefix: "PING ").dropFirst("PING ".count)
        node.send(
            ":bob!u@h PRIVMSG #dev :in \u{1B}[2Jbetween", ":bot!u@h PRIVMSG #dev one",
            ":bot!u@h PRIVMSG #dev :\u{01}ACTION waves\u{01}", ":irc PONG irc \(barrier)",
            ":bot!u@h PRIVMSG bob psst", ":bot!u@h PRIVMSG #dev :last without an end")
        try node.expect("QUIT Leaving")
        node.hangUp()
        #expect(try piped.client.result() == .exited(0))
        #expect(
            try piped.allOutput().replacing(":\(node.port)", with: ":PORT") == """
                [TIME] -- connected to 127.0.0.1:PORT as bot
                [TIME] #lobby -- you are in #lobby
                [TIME] #dev -- you are in #dev
                [TIME] #dev <bob> in [2Jbetween
                [TIME] #dev <bot> one
                [TIME] #dev * bot waves
                [TIME] bob <bot> psst
                [TIME] #dev <bot> last without an end

                """)
    }

    @Test func withoutAChannelTheLobbyIsMeant() throws {
        let node = try ScriptedNode()
        let piped = try Piped([node])
        piped.write("hello\n")
        try node.welcome("bot")
        try node.expect("PRIVMSG #lobby hello")
        node.send(":bot!u@h PRIVMSG #lobby hello")
        piped.endInput()
        try node.answerBarrier()
        try node.expect("QUIT Leaving")
        node.hangUp()
        #expect(try piped.client.result() == .exited(0))
        #expect(try piped.allOutput().hasSuffix("[TIME] #lobby <bot> hello\n"))
    }

    @Test func whileItsNodeIsAwayThePipeWaits() throws {
        let first = try ScriptedNode()
        let second = try ScriptedNode()
        let piped = try Piped([first, second], channels: ["#dev"])
        try first.welcome("bot", joins: ["#dev"])
        piped.write("one\n")
        try first.expect("PRIVMSG #dev one")
        first.send(":bot!u@h PRIVMSG #dev one")
        first.die()
        try second.accept()
        piped.write("two\n")
        piped.endInput()
        try second.expect("CAP LS 302")
        try second.expect("NICK bot")
        try second.expect(prefix: "USER ")
        second.send(":irc CAP * LS :echo-message")
        try second.expect("CAP REQ echo-message")
        second.send(":irc CAP * ACK :echo-message")
        try second.expect("CAP END")
        second.send(":irc 001 bot :Welcome")
        try second.expect("JOIN #lobby")
        try second.expect("JOIN #dev")
        second.send(":bot!u@h JOIN #lobby", ":bot!u@h JOIN #dev")
        try second.answerBarrier()
        // The channel that was talked in before is talked in again.
        try second.expect("PRIVMSG #dev two")
        second.send(":bot!u@h PRIVMSG #dev two")
        try second.answerBarrier()
        try second.expect("QUIT Leaving")
        second.hangUp()
        #expect(try piped.client.result() == .exited(0))
        let output = try piped.allOutput()
        #expect(output.contains("\(first.address) is gone"))
        #expect(output.contains("now on \(second.address) as bot"))
    }

    @Test func whereNoNodeAnswersItFailsAndNamesTheAddress() throws {
        let node = try ScriptedNode()
        node.die()
        let piped = try Piped([node])
        piped.endInput()
        guard case .failed(let failure) = try piped.client.result() else {
            Issue.record("it did not fail")
            return
        }
        #expect(failure.code == .unreachable)
        #expect(failure.description.contains("no node answers at \(node.address)"))
        #expect(try piped.allOutput().contains("cannot connect to \(node.address): Connection refused"))
    }

    @Test func linesAreCutWhereverTheBytesAre() {
        var splitter = LineSplitter(bytesMax: 8)
        var lines: [String] = []
        for byte in "one\r\ntwo\n\nlonger than eight\nx\r".utf8 {
            splitter.append([byte])
            while let line = splitter.next() { lines.append(String(decoding: line, as: UTF8.self)) }
        }
        #expect(lines == ["one", "two", "", "longer t", "han eigh", "t"])
        #expect(splitter.takeRest().map { String(decoding: $0, as: UTF8.self) } == "x\r")
        #expect(splitter.takeRest() == nil)
    }
}
