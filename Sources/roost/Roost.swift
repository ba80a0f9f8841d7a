// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The one program: its subcommands and nothing else. What each does is in its own file, and how in its own target.

import ArgumentParser

@main
struct Roost: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "roost",
        abstract: "A chat network of equal nodes, for any IRC client.",
        version: "0.1.0",
        subcommands: [
            NodeCommand.self, ClusterCommand.self, ChatCommand.self, StatsCommand.self, KeygenCommand.self,
            CheckCommand.self,
        ])
}
