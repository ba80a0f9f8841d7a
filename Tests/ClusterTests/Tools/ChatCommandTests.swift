// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// `roost chat` with real nodes: in a pipe, in a terminal, and when its node dies.

import Foundation
import Glibc
import Testing

extension ClusterTests {
    @ProcessThread
    struct ChatCommandTests {
        /// In a pipe, lines go to the channel, and what others say is printed.
        @Test func aPipeSendsAndPrints() throws {
            try TestCluster.run(nodes: 2) { cluster in
                let alice = try cluster[1].client("alice")
                let folder = try TemporaryFolder()
                let output = folder.path + "/output"
                let chat = try chat(["--nick", "bob", "--join", "#room"], on: [cluster[2]], .pipeAndFile(output))
                chat.write("first\nsecond\n/msg alice in private\n")
                try alice.expect(":bob!* PRIVMSG alice :in private")
                alice.send("JOIN #room", "PRIVMSG #room :hello bob")
                try eventually("what Alice said is printed") {
                    Roost.text(of: output).contains("#room <alice> hello bob")
                }
                chat.write("third\n")
                try alice.expect(":bob!* PRIVMSG #room :third")
                for said in ["first", "second", "third"] {
                    try eventually("\(said) is printed") { Roost.text(of: output).contains("#room <bob> \(said)") }
                }
                chat.closeInput()
                try require("end", chat.waitForEnd(), is: .exited(0))
                try alice.expect(":bob!* QUIT *")
            }
        }

        /// All that was piped in is sent before it ends.
        @Test func aPipeIsEmptiedBeforeTheEnd() throws {
            try TestCluster.run(nodes: 2) { cluster in
                let alice = try cluster[1].client("alice")
                alice.send("JOIN #room")
                try alice.catchUp()
                let output = try Roost.run(
                    ["chat", "127.0.0.1:\(cluster[2].clientPort)", "--nick", "bob", "--join", "room"],
                    input: (0..<200).map { "line \($0)\n" }.joined())
                try require("end", output.end, is: .exited(0))
                try alice.expectSometime(":bob!* QUIT *")
                try require("lines", alice.texts(":bob!* PRIVMSG #room :*"), is: (0..<200).map { "line \($0)" })
            }
        }

        /// With two addresses it moves on when its node is killed, and says so; nobody else sees anything.
        @Test func itMovesOnWhenItsNodeDies() throws {
            try TestCluster.run(nodes: 3) { cluster in
                let alice = try cluster[1].client("alice")
                alice.send("JOIN #room")
                try alice.catchUp()
                let folder = try TemporaryFolder()
                let output = folder.path + "/output"
                let chat = try chat(
                    ["--nick", "bob", "--join", "#room"], on: [cluster[2], cluster[3]], .pipeAndFile(output))
                try alice.expect(":bob!* JOIN *#room")
                cluster[2].stop()
                try eventually("it is connected to the other node") {
                    Roost.text(of: output).contains("now on 127.0.0.1:\(cluster[3].clientPort)")
                }
                chat.write("here again\n")
                try alice.expect(":bob!* PRIVMSG #room :here again")
                try require("joins of bob", alice.all(":bob*!* JOIN *#room").count, is: 1)
                try require("quits", alice.all("* QUIT *"), is: [])
                chat.closeInput()
                try require("end", chat.waitForEnd(), is: .exited(0))
            }
        }

        /// In a terminal, what is typed is sent, what comes is shown, and `/quit` ends it.
        @Test func aPersonChatsInATerminal() throws {
            try TestCluster.run(nodes: 2) { cluster in
                let alice = try cluster[1].client("alice")
                let terminal = try Terminal(rows: 24, columns: 80)
                let chat = try chat(["--nick", "bob", "--join", "#room"], on: [cluster[2]], .terminal(terminal.path))
                try terminal.expect("#room")
                alice.send("JOIN #room")
                try alice.expect("* 366 alice #room *")
                try eventually("the terminal's user is in #room") { try alice.names("#room") == ["alice", "bob"] }
                terminal.type("typed by a person\r")
                try alice.expect(":bob!* PRIVMSG #room :typed by a person")
                alice.send("PRIVMSG #room :shown-to-a-person")
                try terminal.expect("shown-to-a-person")
                terminal.type("/quit\r")
                try eventually(
                    "the client ends",
                    {
                        terminal.read(); return chat.end != nil
                    })
                try require("end", chat.waitForEnd(), is: .exited(0))
                try alice.expect(":bob!* QUIT *")
            }
        }

        /// No node at all is one line at the end, and exit code 1.
        @Test func noNodeIsAFailure() throws {
            let output = try Roost.run(["chat", "127.0.0.1:\(try FreePorts.row(of: 1))"])
            try require("end", output.end, is: .exited(1))
            try require(output.lines.last?.hasPrefix("no node answers") == true, output.text)
        }

        private func chat(
            _ arguments: [String], on nodes: [TestNode], _ streams: ChildProcess.Streams
        ) throws -> ChildProcess {
            let addresses = nodes.map { "127.0.0.1:\($0.clientPort)" }
            return try ChildProcess(
                [Roost.binary, "chat"] + addresses + arguments, streams: streams,
                environment: ["TERM": "xterm-256color"])
        }
    }
}
