// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// `roost node`: puts the configuration together and runs one node in the foreground.

import ArgumentParser
import Foundation
import RoostConfiguration
import RoostServer

struct NodeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "node",
        abstract: "Run one node in the foreground.",
        discussion: """
            Without arguments: a single node on 127.0.0.1:6667. Flags go over ROOST_… variables, which go over the \
            file; docs/configuration.md lists all keys. SIGTERM leaves the cluster politely, SIGHUP reloads what can \
            be reloaded.
            """)

    @Option(help: ArgumentHelp("A YAML file.", valueName: "file"))
    var config: String?
    @Option(help: "The node's name, unique in the cluster.")
    var name: String?
    @Option(help: ArgumentHelp("Where clients connect; may be repeated.", valueName: "host:port"))
    var irc: [String] = []
    @Option(
        help: ArgumentHelp(
            "The control port for other nodes; events go over the port above it.", valueName: "host:port"))
    var mesh: String?
    @Option(
        help: ArgumentHelp("The control port of another node; may be repeated, one is enough.", valueName: "host:port"))
    var peer: [String] = []
    @Option(help: ArgumentHelp("Where statistics are published.", valueName: "host:port"))
    var stats: String?
    @Flag(help: "End when standard input ends, as it does when the process that holds its other end is gone.")
    var exitWithParent = false

    func run() async throws {
        let file = config
        let overrides = overrides
        let environment = ProcessInfo.processInfo.environment
        let load: @Sendable () throws(ConfigurationErrors) -> Configuration = { () throws(ConfigurationErrors) in
            try Configuration.load(file: file, environment: environment, overrides: overrides)
        }
        let configuration: Configuration
        do { configuration = try load() } catch { throw CommandOutput.failure(error) }
        for line in Configuration.unknownVariables(in: environment) { CommandOutput.complain("warning: \(line)") }
        if exitWithParent { ParentWatch.start() }
        do {
            try await runNode(configuration, reload: load)
        } catch {
            throw CommandOutput.failure("\(error)")
        }
    }

    private var overrides: [ConfigurationOverride] {
        let flags: [(flag: String, key: String, values: [String])] = [
            ("--name", "node.name", name.map { [$0] } ?? []), ("--irc", "listeners", irc),
            ("--mesh", "mesh.listen", mesh.map { [$0] } ?? []), ("--peer", "mesh.peers", peer),
            ("--stats", "stats.listen", stats.map { [$0] } ?? []),
        ]
        return flags.filter { !$0.values.isEmpty }.map {
            ConfigurationOverride(key: $0.key, values: $0.values, flag: $0.flag)
        }
    }
}
