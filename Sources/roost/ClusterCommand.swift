// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// `roost cluster`: what its subcommands share, and those that talk to a running cluster.

import ArgumentParser
import RoostCluster

struct ClusterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cluster",
        abstract: "Run a cluster of real processes on this machine.",
        subcommands: [UpCommand.self, DownCommand.self, StatusCommand.self, KillCommand.self, RestartCommand.self])

    /// Where the cluster lives.
    struct Place: ParsableArguments {
        @Option(help: ArgumentHelp("Where configurations, logs and data are kept.", valueName: "dir"))
        var dir = ClusterOptions.directory

        var cluster: RemoteCluster { RemoteCluster(directory: dir) }
    }

    /// Does something with a cluster, and prints its line or its failure.
    static func report(_ work: () throws(ClusterFailure) -> String) throws {
        do throws(ClusterFailure) {
            CommandOutput.say(try work())
        } catch {
            throw CommandOutput.failure(error.description, code: error.code == .usage ? 64 : 1)
        }
    }

    struct DownCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "down", abstract: "Stop all nodes and their supervisor.")

        @OptionGroup var place: Place

        func run() throws {
            try report { () throws(ClusterFailure) in try place.cluster.down() }
        }
    }

    struct StatusCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "status", abstract: "Show what each node does, and its addresses.")

        @OptionGroup var place: Place
        @Flag(help: "Print one JSON object.")
        var json = false

        func run() throws {
            try report { () throws(ClusterFailure) in
                let status = try place.cluster.status()
                return json ? status.json : status.table
            }
        }
    }

    struct KillCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "kill", abstract: "Kill a node with SIGKILL and leave it down.")

        @Argument(help: "Its name, such as node2.")
        var node: String
        @OptionGroup var place: Place

        func run() throws {
            try report { () throws(ClusterFailure) in try place.cluster.kill(node) }
        }
    }

    struct RestartCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "restart", abstract: "Stop a node if it runs, start it, and wait until it serves.")

        @Argument(help: "Its name, such as node2.")
        var node: String
        @OptionGroup var place: Place

        func run() throws {
            try report { () throws(ClusterFailure) in try place.cluster.restart(node) }
        }
    }
}
