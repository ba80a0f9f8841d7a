// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Two nodes, each with two users, who send anything. Both nodes go on, what they tell each other can be read (the
// simulated cluster sees to that), all that clients are sent are lines, and once it is quiet both know the same.
//
// The lines: `a `, `b ` on the first node and `c `, `d ` on the second say whose line it is, else it is a's. `+` lets
// 100 ms pass, and a second for each one more; `!c` breaks c's connection and `^c` makes it another.

import RoostIRC
import RoostModel
import RoostNode
import RoostRoster
import RoostSim

func checkClients(_ bytes: [UInt8]) throws(BrokenRule) {
    var session = ClientSession.begun
    for line in bytes.split(separator: 0x0A).prefix(ClientSession.linesMax) { try session.take(line) }
    session.cluster.run(for: .seconds(2))
    try session.checkSights()
    let machines = session.cluster.machines
    for machine in machines {
        _ = machine.statistics
        try checkHandedOn(machine.roster)
        try check(
            machine.applied == machines[0].applied && machine.roster.digest == machines[0].roster.digest,
            "nodes that hear each other know the same once it is quiet")
    }
}

private struct ClientSession {
    /// More lines in one input tell nothing new.
    static let linesMax = 100

    /// All users are registered and in #den, whose operator is a; a and c may become network operators.
    static let begun: ClientSession = {
        var settings = SimulatedCluster.settings(of: ["a", "b"])
        for index in settings.indices {
            settings[index].operators = [.init(name: "root", password: "secret")]
            settings[index].lobby = ChannelName("#lobby")
            settings[index].motd = ["tea"]
        }
        var session = ClientSession(
            cluster: SimulatedCluster(settings, seed: 1, latency: .milliseconds(1)...(.milliseconds(1))))
        session.cluster.run(for: .seconds(2))
        for (index, nick) in ["alice", "bob", "carol", "dave"].enumerated() {
            session.clients.append(session.cluster.connect(to: index / 2, host: "192.0.2.\(index)"))
            let client = session.clients[index]
            for line in ["NICK \(nick)", "USER \(nick) 0 * :\(nick)"] { session.cluster.send(line, from: client) }
            session.cluster.run(for: .milliseconds(300))
            session.cluster.send("JOIN #den", from: client)
        }
        session.cluster.run(for: .milliseconds(100))
        return session
    }()

    var cluster: SimulatedCluster
    private var clients: [SimulatedCluster.ClientID] = []

    private init(cluster: SimulatedCluster) { self.cluster = cluster }

    mutating func take(_ line: ArraySlice<UInt8>) throws(BrokenRule) {
        guard let first = line.first else { return }
        let second = line.dropFirst().first
        switch (first, second) {
        case (UInt8(ascii: "+"), _):
            cluster.run(for: .milliseconds(100) + .seconds(min(line.count - 1, 10)))
            try checkSights()
        case (UInt8(ascii: "!"), let second?):
            if let index = Self.client(second) { cluster.drop(clients[index], reason: "gone") }
        case (UInt8(ascii: "^"), let second?):
            guard let index = Self.client(second) else { return }
            cluster.drop(clients[index], reason: "gone")
            clients[index] = cluster.connect(to: index / 2, host: "192.0.2.\(index)")
        case (_, UInt8(ascii: " ")):
            cluster.send(Array(line.dropFirst(2)), from: clients[Self.client(first) ?? 0])
        default:
            cluster.send(Array(line), from: clients[0])
        }
    }

    /// What clients were sent since this was called last are lines.
    mutating func checkSights() throws(BrokenRule) {
        for case (_, .line(let client, let text)) in cluster.takeSights() {
            try check((try? IRCLine(parsing: text, limits: .fromServer)) != nil, "\(client) is sent lines: \(text)")
        }
    }

    private static func client(_ letter: UInt8) -> Int? {
        [UInt8(ascii: "a"), UInt8(ascii: "b"), UInt8(ascii: "c"), UInt8(ascii: "d")].firstIndex(of: letter)
    }
}
