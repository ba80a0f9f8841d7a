// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// `roost check`: says what is wrong with a configuration without starting anything.

import ArgumentParser
import RoostConfiguration

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Say what is wrong with a configuration file, with line and key.")

    @Argument(help: "A YAML file as `roost node --config` takes it.")
    var file: String

    func run() throws {
        do {
            _ = try Configuration.load(file: file)
        } catch {
            throw CommandOutput.failure(error)
        }
        CommandOutput.say("\(file): valid")
    }
}
