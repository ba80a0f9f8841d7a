// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Aim: the table of commands is whole. Method: it is compared with what else must know of every command.

import RoostModel
import RoostSim
import Testing

@testable import RoostNode

@Suite struct CommandTests {
    @Test func everyCommandHasHelpAndNothingElseHas() {
        #expect(Node.help.keys.sorted() == Command.all.keys.sorted())
        for (command, lines) in Node.help {
            #expect(lines[0].hasPrefix(command), "the first line is the form of the command")
            #expect(lines.count > 1)
            #expect(lines.allSatisfy { $0.utf8.count <= 380 }, "a line of \(command) is cut")
        }
    }

    /// With no parameter at all, each is answered by something, and none stops the node.
    @Test(arguments: Command.all.keys.sorted())
    func everyCommandIsAnsweredOrIgnoredWithoutParameters(_ command: String) {
        var cluster = SimulatedCluster(
            SimulatedCluster.settings(of: ["a"]), seed: 1, latency: .zero ... .zero)
        let alice = cluster.connect(to: 0, host: "host")
        for line in ["NICK alice", "USER alice 0 * :Alice", command, "PING end"] { cluster.send(line, from: alice) }
        let lines = cluster.takeSights().compactMap { _, sight in
            if case .line(_, let line) = sight { line } else { nil as String? }
        }
        let rest = lines.drop { !$0.contains(" 422 ") }.dropFirst()
        if ["PONG", "NOTICE", "AWAY"].contains(command) {
            #expect(rest.count == (command == "AWAY" ? 2 : 1))
        } else {
            #expect(rest.count >= (command == "QUIT" ? 1 : 2), "\(command) went unanswered: \(rest)")
        }
    }
}
