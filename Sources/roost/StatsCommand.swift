// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// `roost stats`: flags of the live view of a cluster.

import ArgumentParser
import RoostWatch

struct StatsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Watch a cluster live.",
        discussion: "One address is enough, the other nodes are found through it.")

    @Argument(help: ArgumentHelp("Nodes' stats addresses; 127.0.0.1:7602 if none is given.", valueName: "host:port"))
    var addresses: [String] = []
    @Flag(help: "Show every node once and end.")
    var once = false
    @Flag(help: "Print what the nodes publish, one JSON object a line.")
    var json = false

    func run() throws {
        let options: WatchOptions
        do {
            options = try WatchOptions(addresses: addresses, once: once, json: json)
        } catch {
            throw CommandOutput.failure(error.description, code: ExitCode.validationFailure.rawValue)
        }
        let code: Int32
        do {
            code = try runWatch(options)
        } catch {
            throw CommandOutput.failure("\(error)")
        }
        throw ExitCode(code)
    }
}
