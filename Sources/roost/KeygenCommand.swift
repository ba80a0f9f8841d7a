// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// `roost keygen`: makes the secret of a cluster, and from it the key for readers of its statistics.

import ArgumentParser
import RoostKeys

struct KeygenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keygen",
        abstract: "Make the secret of a cluster, or the key for readers of its statistics.",
        discussion: """
            Every node of a cluster is given the same secret (mesh.secret-file); whoever holds it is a node. With \
            --stats, the key is printed that reads the statistics of such nodes and can do nothing else. \
            docs/security.md tells more.
            """)

    @Option(help: ArgumentHelp("Write to a new file that only you can read, instead of printing.", valueName: "file"))
    var out: String?
    @Option(
        help: ArgumentHelp("Give the key for statistics that belongs to the secret in this file.", valueName: "file"))
    var stats: String?

    func run() throws {
        let text = try stats.map(statsKey) ?? ClusterSecret.random().text
        guard let out else { return CommandOutput.say(text) }
        do {
            try KeyFile.create(out, holding: text)
        } catch {
            throw CommandOutput.failure(error.description)
        }
    }

    private func statsKey(of file: String) throws -> String {
        guard let secret = KeyFile.text(in: file).flatMap({ ClusterSecret($0) }) else {
            throw CommandOutput.failure("\(file): holds no secret; `roost keygen --out FILE` makes one")
        }
        do {
            return try ClusterKeys(secret).statsKey.text
        } catch {
            throw CommandOutput.failure("\(error)")
        }
    }
}
