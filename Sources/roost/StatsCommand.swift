// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// `roost stats`: flags of the live view of a cluster.

import ArgumentParser
import Foundation
import RoostConfiguration
import RoostKeys
import RoostWatch

struct StatsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Watch a cluster live.",
        discussion: """
            One address is enough, the other nodes are found through it. Nodes that have a secret want a key: from \
            --key or --config, or from the variables ROOST_STATS_KEY, ROOST_MESH_SECRET_FILE or ROOST_MESH_SECRET.
            """)

    @Argument(help: ArgumentHelp("Nodes' stats addresses; 127.0.0.1:7602 if none is given.", valueName: "host:port"))
    var addresses: [String] = []
    @Option(
        help: ArgumentHelp("A file with the key for statistics, or with the cluster's secret.", valueName: "file"))
    var key: String?
    @Option(help: ArgumentHelp("The configuration of a node, whose secret is used.", valueName: "file"))
    var config: String?
    @Flag(help: "Show every node once and end.")
    var once = false
    @Flag(help: "Print what the nodes publish, one JSON object a line.")
    var json = false

    func run() throws {
        var options: WatchOptions
        do {
            options = try WatchOptions(addresses: addresses, once: once, json: json)
        } catch {
            throw CommandOutput.failure(error.description, code: ExitCode.validationFailure.rawValue)
        }
        options.key = try statsKey()
        let code: Int32
        do {
            code = try runWatch(options)
        } catch {
            throw CommandOutput.failure("\(error)")
        }
        throw ExitCode(code)
    }

    /// The key, from the first place that has one; nil where none has.
    private func statsKey() throws -> StatsKey? {
        let environment = ProcessInfo.processInfo.environment
        if let key { return try statsKey(KeyFile.text(in: key), from: key) }
        if config == nil, let text = environment[Self.variable] { return try statsKey(text, from: Self.variable) }
        // Without a file, of the variables only those matter that hold a secret.
        let variables = environment.filter { config != nil || $0.key.hasPrefix("ROOST_MESH_SECRET") }
        do {
            let configuration = try Configuration.load(file: config, environment: variables)
            return try configuration.mesh.secret.map { try ClusterKeys($0).statsKey }
        } catch let errors as ConfigurationErrors {
            throw CommandOutput.failure(errors)
        } catch {
            throw CommandOutput.failure("\(error)")
        }
    }

    private func statsKey(_ text: String?, from place: String) throws -> StatsKey {
        do {
            if let text, let key = try StatsKey.reading(text) { return key }
        } catch {
            throw CommandOutput.failure("\(error)")
        }
        throw CommandOutput.failure(
            "\(place): holds no key; `roost keygen --stats FILE` makes one from the cluster's secret")
    }

    /// The key itself, in the environment.
    private static let variable = "ROOST_STATS_KEY"
}
