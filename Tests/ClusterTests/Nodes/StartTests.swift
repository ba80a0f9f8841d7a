// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// How a node starts, or says in one line why it does not, and how it reloads.

import Foundation
import Glibc
import Testing

extension ClusterTests {
    @ProcessThread
    struct StartTests {
        /// What cannot be understood in a configuration is told with its place, one line for each.
        @Test func aWrongConfigurationIsExplained() throws {
            let folder = try TemporaryFolder()
            let file = folder.path + "/wrong.yaml"
            try "node.name: one\nlisten: 3\n".write(toFile: file, atomically: true, encoding: .utf8)
            for command in [["node", "--config", file], ["check", file]] {
                let output = try Roost.run(command)
                try require("end", output.end, is: .exited(1))
                try require(
                    "output", output.lines,
                    is: ["\(file):2:1: listen: unknown key; the nearest known one is mesh.listen"])
            }
        }

        @Test func aWrongFlagIsWrongUsage() throws {
            let output = try Roost.run(["node", "--irc", "127.0.0.1:99999"])
            try require("end", output.end, is: .exited(64))
            try require(
                output.lines.count == 1 && output.text.contains("--irc") && output.text.contains("127.0.0.1:99999"),
                output.text)
        }

        /// A port that is taken ends the start with one line that names it, whichever of the ports it is.
        @Test func aBusyPortIsNamed() throws {
            let port = try FreePorts.row(of: 7)
            let busy = try Listener(port: port)
            defer { busy.close() }
            let free = (1...3).map { "127.0.0.1:\(port + $0 * 2)" }
            let starts = [
                ["--irc", "127.0.0.1:\(port)"],
                ["--irc", free[0], "--mesh", "127.0.0.1:\(port)", "--stats", free[2]],
                ["--irc", free[0], "--mesh", free[1], "--stats", "127.0.0.1:\(port)"],
            ]
            for start in starts {
                let folder = try TemporaryFolder()
                let output = try Roost.run(
                    ["node"] + start, environment: ["ROOST_NODE_DATA_DIRECTORY": folder.path])
                try require("end", output.end, is: .exited(1))
                try require(
                    output.lines.last?.contains("127.0.0.1:\(port)") == true
                        && output.lines.count { !$0.contains(" notice ") } == 1,
                    output.text)
            }
        }

        /// The environment goes over the file.
        @Test func theEnvironmentGoesOverTheFile() throws {
            let folder = try TemporaryFolder()
            let file = folder.path + "/one.yaml"
            try "node.name: one\n".write(toFile: file, atomically: true, encoding: .utf8)
            let output = try Roost.run(["node", "--config", file], environment: ["ROOST_NODE_NAME": "Not Allowed"])
            try require("end", output.end, is: .exited(1))
            try require(output.text.contains("ROOST_NODE_NAME"), output.text)
        }

        /// Two processes do not share a data directory.
        @Test func oneDataDirectoryServesOneNode() throws {
            try TestCluster.run(nodes: 1) { cluster in
                let port = try FreePorts.row(of: 1)
                let directory = (cluster[1].log as NSString).deletingLastPathComponent + "/node1"
                let output = try Roost.run(
                    ["node", "--name", "other", "--irc", "127.0.0.1:\(port)"],
                    environment: ["ROOST_NODE_DATA_DIRECTORY": directory])
                try require("end", output.end, is: .exited(1))
                try require(output.lines.count == 1 && output.text.contains(directory), output.text)
            }
        }

        /// SIGHUP reads the configuration again: a new message of the day, and a mistake that changes nothing.
        @Test func aHangUpReloadsTheConfiguration() throws {
            try TestCluster.prepare(nodes: 1, settings: "server.motd: first", tolerated: ["not reloaded"]) { cluster in
                let node = cluster[1]
                try node.start()
                try node.waitUntilServing()
                let alice = try node.client("alice")
                try require("message of the day", alice.texts("* 372 alice *").last, is: "- first")
                try node.rewriteConfiguration { $0.replacing("server.motd: first", with: "server.motd: second") }
                node.signal(SIGHUP)
                try eventually("the new message of the day is shown") {
                    alice.send("MOTD")
                    try alice.expect("* 376 *")
                    return alice.texts("* 372 alice *").last == "- second"
                }
                // What a running node cannot change stays as it was, and the log says so.
                try node.rewriteConfiguration { $0 + "\nlobby: \"#other\"\nlog.level: debug\n" }
                node.signal(SIGHUP)
                try eventually("the change that needs a restart is told") {
                    node.logText.contains("key=lobby takes_effect=restart")
                }
                let bob = try node.client("bob")
                try alice.expect(":bob!* JOIN *#lobby")
                bob.send("QUIT")
                try node.rewriteConfiguration { $0.replacing("server.motd: second", with: "server.nonsense: third") }
                node.signal(SIGHUP)
                try eventually("the mistake is told") { node.logText.contains("server.nonsense") }
                alice.send("MOTD")
                try alice.expect("* 376 *")
                try require("message of the day", alice.texts("* 372 alice *").last, is: "- second")
            }
        }

        /// A node that gives the connection to its parent up ends with it.
        @Test func aNodeEndsWithItsParent() throws {
            try TestCluster.run(nodes: 1) { cluster in
                let process = try #require(cluster[1].process)
                process.closeInput()
                try require("end", process.waitForEnd(), is: .exited(0))
            }
        }

        @Test(.enabled(if: hasIPv6, "this machine has no IPv6 on loopback"))
        func clientsComeByIPv6Too() throws {
            let port = try FreePorts.row(of: 2)
            let settings = "listeners: [\"[::1]:\(port)\", \"127.0.0.1:\(port + 1)\"]"
            try TestCluster.prepare(nodes: 1, settings: settings) { cluster in
                try cluster[1].start()
                try eventually("node1 listens") {
                    (try? TestClient("probe", to: .loopback(port: port + 1))) != nil
                }
                let alice = try TestClient("alice", to: .loopback6(port: port))
                try alice.register()
                let bob = try TestClient("bob", to: .loopback(port: port + 1))
                try bob.register()
                bob.send("WHOIS alice", "PRIVMSG alice :over both")
                try bob.expect("* 311 bob alice alice ?*:1 * :Real alice")
                try alice.expect(":bob!* PRIVMSG alice :over both")
            }
        }

        private nonisolated static var hasIPv6: Bool {
            Roost.text(of: "/proc/net/if_inet6").contains("00000000000000000000000000000001")
        }
    }
}
