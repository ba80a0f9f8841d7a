// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What goes through the mesh: private messages of the first node's users to those of the second, as lines that the
// first node's driver is given, a batch at a time.

import Glibc
import RoostIRC
import RoostModel
import RoostNode
import RoostServer

/// The users of both nodes, and what they say.
struct MeshLoad {
    private let pair: NodePair
    private let window: UInt64
    /// Lines that are said over and over: making them is the work of clients' sockets.
    private let batches: [[NodeInput]]

    /// Registers the users, and waits until both nodes know them all.
    init(pair: NodePair, users: Int, length: Int, batch: Int, window: Int) throws {
        self.pair = pair
        self.window = UInt64(window)
        for (node, letter) in [(pair.first, "a"), (pair.second, "b")] {
            for user in 0..<users {
                let connection = Self.connection(user)
                node.driver.receive([
                    .clientConnected(connection, host: "127.0.0.1"),
                    .lineReceived(connection, IRCLine(command: "NICK", parameters: ["\(letter)\(user)"])),
                    .lineReceived(connection, IRCLine(command: "USER", parameters: ["mesh", "0", "*", "mesh"])),
                ])
            }
        }
        for node in [pair.first, pair.second] {
            try pair.wait(for: "the users of both nodes") { node.driver.query { $0.statistics.users } == 2 * users }
        }
        let text = String(repeating: "x", count: length)
        let lines = (0..<users).map { user in
            NodeInput.lineReceived(
                Self.connection(user), IRCLine(command: "PRIVMSG", parameters: ["b\(user)", text]))
        }
        batches = (0..<users).map { start in (0..<batch).map { lines[(start + $0) % users] } }
    }

    /// Goes on for so long, waits for what is on its way, and counts.
    func run(seconds: Double) throws -> MeshRound {
        let before = counts()
        let (wall, processor) = (Clock.wall(), Clock.processor())
        var published = pair.first.applied(of: pair.first.id)
        var applied = published
        var next = 0
        while Clock.wall() < wall + seconds {
            // Asking costs the second node's lock.
            if published - applied >= window {
                applied = pair.second.applied(of: pair.first.id)
                if published - applied >= window { usleep(200) }
                continue
            }
            let batch = batches[next % batches.count]
            pair.first.driver.receive(batch)
            published += UInt64(batch.count)
            next += 1
        }
        try pair.wait(for: "what is on its way") {
            pair.second.applied(of: pair.first.id) >= pair.first.applied(of: pair.first.id)
        }
        let (wallSeconds, processorSeconds) = (Clock.wall() - wall, Clock.processor() - processor)
        let after = counts()
        return MeshRound(
            published: after.published - before.published, applied: after.applied - before.applied,
            repaired: after.repaired - before.repaired, wallSeconds: wallSeconds,
            processorSeconds: processorSeconds)
    }

    private func counts() -> (published: UInt64, applied: UInt64, repaired: UInt64) {
        let published = pair.first.driver.query { $0.statistics }.counters.messagesAccepted
        let peer = pair.second.driver.query { $0.statistics }.peers.first?.counters
        return (published, peer?.eventsApplied ?? 0, peer.map { $0.replayed + $0.skipped } ?? 0)
    }

    private static func connection(_ user: Int) -> ConnectionID { ConnectionID(lane: 0, serial: UInt64(user)) }
}
