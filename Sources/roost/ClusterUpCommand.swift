// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// `roost cluster up`: flags of the launcher. The nodes that it starts are this same program.

import ArgumentParser
import Foundation
import RoostCluster

extension ClusterCommand {
    struct UpCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "up",
            abstract: "Start nodes, keep them running, and stop them with Ctrl-C.",
            discussion: "cluster/README.md tells of topologies, ports and files.")

        @OptionGroup var place: Place
        @Option(help: "How many nodes, 1 to 20; over the topology, else 3.")
        var nodes: Int?
        @Option(help: ArgumentHelp("A YAML file with nodes and settings.", valueName: "file"))
        var topology: String?
        @Option(help: ArgumentHelp("The first node's client port; all others follow from it.", valueName: "port"))
        var basePort = 6667
        @Flag(help: "Make no secret, so that the links between nodes are not encrypted.")
        var noSecret = false
        @Flag(help: "Return when all nodes serve; `down` stops them.")
        var detach = false
        @Flag(help: .private)
        var inNewSession = false

        func run() throws {
            let options = options
            do throws(ClusterFailure) {
                if detach {
                    try ClusterLauncher.upDetached(options, command: detachedCommand, print: CommandOutput.say)
                } else {
                    try ClusterLauncher.up(options, inNewSession: inNewSession, print: CommandOutput.say)
                }
            } catch {
                throw CommandOutput.failure(error.description, code: error.code == .usage ? 64 : 1)
            }
        }

        private var options: ClusterOptions {
            var options = ClusterOptions(nodeCommand: [Self.program, "node"])
            options.directory = place.dir
            options.topology = topology
            options.nodes = nodes
            options.basePort = basePort
            options.isEncrypted = !noSecret
            options.environment = ProcessInfo.processInfo.environment
            let called = CommandLine.arguments.first ?? ""
            options.programName = called.contains("/") ? called : "roost"
            return options
        }

        private var detachedCommand: [String] {
            var command = [Self.program, "cluster", "up", "--in-new-session", "--dir", place.dir]
            command += ["--base-port", String(basePort)]
            if let nodes { command += ["--nodes", String(nodes)] }
            if noSecret { command.append("--no-secret") }
            if let topology { command += ["--topology", topology] }
            return command
        }

        /// The file of this program. When it has been replaced since, the link still runs the old one.
        private static var program: String {
            let link = "/proc/self/exe"
            // A link that cannot be read can still be run.
            let path = (try? FileManager.default.destinationOfSymbolicLink(atPath: link)) ?? link
            return FileManager.default.isExecutableFile(atPath: path) ? path : link
        }
    }
}
