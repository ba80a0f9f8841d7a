// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// `roost chat`: flags of the terminal client.

import ArgumentParser
import RoostChat

struct ChatCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chat",
        abstract: "Chat in this terminal, or send lines from a pipe.",
        discussion: "With several addresses it moves to the next when its node dies.")

    @Argument(help: ArgumentHelp("Nodes' client addresses; 127.0.0.1:6667 if none is given.", valueName: "host:port"))
    var addresses: [String] = []
    @Option(help: "Your nick; your login name if none is given.")
    var nick: String?
    @Option(help: "A channel to join; may be repeated. The # may be left out.")
    var join: [String] = []

    func run() throws {
        let code: Int32
        do throws(ChatFailure) {
            code = try runChat(ChatOptions(addresses: addresses, nick: nick, channels: join))
        } catch {
            throw CommandOutput.failure(error.description, code: error.exitCode)
        }
        throw ExitCode(code)
    }
}
