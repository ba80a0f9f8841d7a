// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The whole client under a pseudo-terminal, against a node of which the test writes every line. One at a time: the
// client catches signals, which belong to the process.

import Glibc
import TestSupport
import Testing

@testable import RoostChat

@Suite(.serialized) struct TerminalTests {
    private let signals = ProcessSignals()

    private func start(_ terminal: PseudoTerminal, _ nodes: [ScriptedNode], channels: [String] = []) throws
        -> RunningClient
    {
        let options = try ChatOptions(
            addresses: nodes.map(\.address), nick: "alice", channels: channels, loginName: "al")
        return RunningClient(options, mode: .terminal, input: terminal.near, output: terminal.near)
    }

    /// The screen with times of day and ports made regular.
    private func picture(_ terminal: PseudoTerminal, _ nodes: ScriptedNode...) -> String {
        var text = terminal.screen.text.replacing(/[0-9][0-9]:[0-9][0-9][ ]/, with: "TIME ")
        for node in nodes { text = text.replacing(":\(node.port)", with: ":PORT") }
        return text
    }

    @Test func aPersonChats() throws {
        let node = try ScriptedNode()
        let terminal = try PseudoTerminal(rows: 12, columns: 64)
        #expect(!terminal.isRaw)
        let client = try start(terminal, [node], channels: ["#dev"])
        try node.welcome("alice", joins: ["#dev"])
        try terminal.waitFor("[3:#dev]")
        #expect(terminal.isRaw)
        #expect(terminal.screen.isOnSecondScreen && terminal.screen.pastesAreBracketed)

        node.send(":irc 332 alice #dev :Work", ":bob!u@h PRIVMSG #dev :h\u{03}04i \u{1B}]0;pwned\u{07}alice 日本")
        // Home, left and so on work on the line; ctrl-k would cut.
        terminal.type("rld\u{1B}[Hwo\u{05}!\u{01}")
        try terminal.waitFor("world!")
        terminal.type("hello \r")
        try node.expect("PRIVMSG #dev :hello world!")
        node.send("@time=2026-11-24T13:18:09.123Z :alice!u@h PRIVMSG #dev :hello world!")
        node.send(":carol!u@h PRIVMSG alice :psst")
        try terminal.waitFor("carol(1!)")
        try terminal.waitFor("<alice> hello world!")
        #expect(
            picture(terminal, node) == """
                 #dev  Work





                TIME -- you are in #dev
                TIME -- topic: Work
                TIME <bob> hi ]0;pwnedalice 日本
                TIME <alice> hello world!
                 alice 127.0.0.1:PORT │ 1:status 2:#lobby [3:#dev] 4:carol(1!)
                [#dev]
                """)

        terminal.type("\u{1B}4")
        try terminal.waitFor("<carol> psst")
        terminal.type("\u{1B}[A")
        try terminal.waitFor("[carol] hello world!")
        terminal.type("\u{03}/quit bye\r")
        try node.expect("QUIT bye")
        node.hangUp()
        #expect(try client.result() == .exited(0))
        try terminal.waitUntil("the first screen") {
            !$0.isOnSecondScreen && !$0.pastesAreBracketed && $0.cursorIsVisible
        }
        #expect(!terminal.isRaw)
    }

    @Test func aPasteSendsNothingUntilItIsEnteredAndRunsNoCommand() throws {
        let node = try ScriptedNode()
        let terminal = try PseudoTerminal(rows: 10, columns: 64)
        let client = try start(terminal, [node])
        try node.welcome("alice")
        try terminal.waitFor("[2:#lobby]")
        terminal.type("\u{1B}[200~/quit\nsecond\n\u{1B}[201~")
        try terminal.waitFor("[#lobby] /quit↵second↵")
        terminal.type("\r")
        try node.expect("PRIVMSG #lobby /quit")
        try node.expect("PRIVMSG #lobby second")
        terminal.type("\u{04}")
        try node.expect("QUIT Leaving")
        node.hangUp()
        #expect(try client.result() == .exited(0))
    }

    @Test func theScreenFollowsTheTerminalsSize() throws {
        let node = try ScriptedNode()
        let terminal = try PseudoTerminal(rows: 10, columns: 64)
        let client = try start(terminal, [node])
        try node.welcome("alice")
        node.send(":bob!u@h PRIVMSG #lobby :one two three four five six seven eight")
        try terminal.waitFor("seven eight")
        try terminal.waitFor("[2:#lobby]")
        terminal.resize(rows: 7, columns: 30)
        #expect(kill(getpid(), SIGWINCH) == 0)
        try terminal.waitUntil("the small picture") {
            $0.text.contains("        five six seven eight") && $0.row == 6 && $0.text.contains("[#lobby]")
        }
        #expect(
            picture(terminal, node) == """
                 #lobby

                TIME -- you are in #lobby
                TIME <bob> one two three four
                        five six seven eight
                 alice 127.0.0.1:PORT │ [2:#…
                [#lobby]
                """)
        terminal.type("/quit\r")
        try node.expect("QUIT Leaving")
        node.hangUp()
        #expect(try client.result() == .exited(0))
    }

    @Test(arguments: [SIGTERM, SIGHUP, SIGINT])
    func aSignalEndsItWithTheTerminalAsItWas(signal: Int32) throws {
        let node = try ScriptedNode()
        let terminal = try PseudoTerminal(rows: 10, columns: 64)
        let client = try start(terminal, [node])
        try node.welcome("alice")
        try terminal.waitFor("[2:#lobby]")
        #expect(terminal.isRaw)
        // The client catches it; a process that did not would die of it, and this test with it.
        #expect(kill(getpid(), signal) == 0)
        try node.expect("QUIT Leaving")
        node.hangUp()
        #expect(try client.result() == .exited(128 + signal))
        try terminal.waitUntil("the first screen") { !$0.isOnSecondScreen && $0.cursorIsVisible }
        #expect(!terminal.isRaw)
    }

    @Test func aFailureGivesTheTerminalBackToo() throws {
        let node = try ScriptedNode()
        let terminal = try PseudoTerminal(rows: 10, columns: 64)
        let client = try start(terminal, [node])
        try node.accept()
        try node.expect("CAP LS 302")
        node.send(":irc 432 * alice :Erroneous nickname")
        try node.expect("NICK alice")
        try node.expect(prefix: "USER ")
        try node.expect("QUIT Leaving")
        node.hangUp()
        #expect(
            try client.result()
                == .failed(
                    ChatFailure(
                        .refused, "'alice' cannot be a nick: Erroneous nickname", hint: "choose another with --nick")))
        try terminal.waitUntil("the first screen") { !$0.isOnSecondScreen }
        #expect(!terminal.isRaw)
    }

    @Test func whenItsNodeDiesItMovesOnJoinsAgainAndSaysSo() throws {
        let first = try ScriptedNode()
        let second = try ScriptedNode()
        let terminal = try PseudoTerminal(rows: 14, columns: 70)
        let client = try start(terminal, [first, second], channels: ["#dev"])
        try first.welcome("alice", joins: ["#dev"])
        try terminal.waitFor("[3:#dev]")
        first.die()
        try second.welcome("alice", joins: ["#lobby", "#dev"])
        try terminal.waitFor("now on \(second.address) as alice")
        try terminal.waitFor("alice \(second.address)")
        terminal.type("here again\r")
        try second.expect("PRIVMSG #dev :here again")
        second.send(":alice!u@h PRIVMSG #dev :here again")
        try terminal.waitFor("<alice> here again")
        #expect(terminal.screen.text.contains("\(first.address) is gone"))
        #expect(terminal.screen.text.contains("[3:#dev]"))
        terminal.type("/quit\r")
        try second.expect("QUIT Leaving")
        second.hangUp()
        #expect(try client.result() == .exited(0))
    }
}
