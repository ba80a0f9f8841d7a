// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// A simulated cluster with what the tests of the mesh look at: what each client was sent, what each node noted.

import RoostIRC
import RoostModel
import RoostNode
import RoostRoster
import RoostSim

struct MeshUnderTest {
    var cluster: SimulatedCluster
    let names: [String]
    private var seen: [SimulatedCluster.ClientID: [IRCLine]] = [:]
    private var noted: [NodeID: [Note]] = [:]

    init(_ names: [String], seed: UInt64 = 1) { self.init(SimulatedCluster.settings(of: names), seed: seed) }

    init(_ settings: [NodeSettings], seed: UInt64 = 1) {
        names = settings.map(\.node.name)
        cluster = SimulatedCluster(settings, seed: seed, latency: .microseconds(100)...(.microseconds(900)))
    }

    mutating func run(for duration: Duration) {
        cluster.run(for: duration)
        for (_, sight) in cluster.takeSights() {
            switch sight {
            case .line(let client, let text):
                if let line = try? IRCLine(parsing: text, limits: .fromServer) {
                    seen[client, default: []].append(line)
                }
            case .note(let node, let note): noted[node, default: []].append(note)
            default: break
            }
        }
    }

    /// Registers a user; the nodes are given the time to find each other first.
    mutating func user(
        _ nick: String, at node: Int, host: String? = nil, capabilities: String = ""
    ) -> SimulatedCluster.ClientID {
        if !cluster.machines[node].isServing { run(for: .seconds(2)) }
        let client = cluster.connect(to: node, host: host ?? "192.0.2.\(node + 1)")
        if !capabilities.isEmpty {
            cluster.send("CAP REQ :\(capabilities)", from: client)
            cluster.send("CAP END", from: client)
        }
        cluster.send("NICK \(nick)", from: client)
        cluster.send("USER \(nick) 0 * :\(nick)", from: client)
        run(for: .milliseconds(400))
        return client
    }

    mutating func say(_ text: String, from client: SimulatedCluster.ClientID, to target: String) {
        cluster.send("PRIVMSG \(target) :\(text)", from: client)
        run(for: .milliseconds(1))
    }

    /// All that a client was sent.
    func lines(of client: SimulatedCluster.ClientID) -> [IRCLine] { seen[client] ?? [] }

    /// The texts of the messages that a client was sent.
    func heard(by client: SimulatedCluster.ClientID) -> [String] {
        lines(of: client).filter { $0.command == "PRIVMSG" }.compactMap(\.parameters.last)
    }

    /// The lines of a command that a client was sent, without their tags.
    func lines(of client: SimulatedCluster.ClientID, _ command: String) -> [String] {
        lines(of: client).filter { $0.command == command }.map { line in
            ([line.source.map { String($0.prefix { $0 != "!" }) } ?? "", command] + line.parameters)
                .joined(separator: " ")
        }
    }

    /// What a node told its operators.
    func notes(of node: Int) -> [Note] { noted[cluster.machines[node].settings.node] ?? [] }

    /// Whether all nodes have applied the same and come to the same.
    var rostersAgree: Bool {
        guard let first = cluster.machines.first else { return true }
        return cluster.machines.allSatisfy {
            $0.roster.digest == first.roster.digest && $0.applied == first.applied
        }
    }
}
