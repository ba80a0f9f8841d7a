// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Text scenarios: what people do, line by line, and below each line what everybody then sees. Playing one gives the same
// text with what they really see; the test compares the two.
//
//     # a comment
//     nodes a b                       the nodes; without it one, a
//     set NAME VALUE                  before anybody connects; the names are in `ScenarioSettings`
//     connect alice [to b] [from H]   opens a connection, from host H
//     user alice [to b] [from H] [with CAP CAP]
//                                     connects and registers; what comes before the end of MOTD is not shown
//     alice> LINE                     sends a line and lets 100 ms pass
//     alice+ LINE                     sends a line and lets no time pass
//     wait 10s                        lets time pass
//     drop alice REASON               breaks a connection
//     stop b REASON                   asks a node to end
//     alice< LINE                     what alice was sent
//
// In what is sent, {600*x} stands for 600 times x and \xE9 for that byte.

import Foundation
import RoostIRC
import RoostModel
import RoostNode
import RoostSim

/// What is wrong with the text of a scenario.
struct ScenarioError: Error {
    let line: String
    let problem: String
}

/// A scenario being played.
struct Scenario {
    private var nodes = ["a"]
    private var settings = ScenarioSettings()
    private var cluster: SimulatedCluster?
    private var labels: [String] = []
    private var clients: [String: SimulatedCluster.ClientID] = [:]
    private var transcript: [String] = []

    /// The scenario's text with what was really seen.
    static func played(_ text: String) throws -> String {
        var scenario = Scenario()
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if isSeen(line) { continue }
            scenario.transcript.append(line)
            try scenario.play(line)
        }
        return scenario.transcript.joined(separator: "\n")
    }

    /// Whether a line is of those that are recorded.
    private static func isSeen(_ line: String) -> Bool {
        let word = line.prefix { $0 != " " }
        return word.hasSuffix("<") || word.hasSuffix(":")
    }

    private mutating func play(_ line: String) throws {
        let words = line.split(separator: " ").map(String.init)
        guard let first = words.first, !first.hasPrefix("#") else { return }
        switch first {
        case "nodes": nodes = Array(words.dropFirst())
        case "set": try settings.set(line)
        case "connect": try connect(line, words)
        case "user": try register(line, words)
        case "wait": try pass(duration(of: line, words))
        case "drop":
            let client = try client(line, words)
            cluster?.drop(client, reason: words.dropFirst(2).joined(separator: " "))
            try pass(.milliseconds(100))
        case "stop":
            guard words.count > 2, let node = nodes.firstIndex(of: words[1]) else {
                throw ScenarioError(line: line, problem: "stop NODE REASON")
            }
            cluster?.shutDown(node, reason: words.dropFirst(2).joined(separator: " "))
            try pass(.milliseconds(100))
        default: try speak(line, first)
        }
    }

    // MARK: What people do

    private mutating func speak(_ line: String, _ first: String) throws {
        guard let client = clients[String(first.dropLast())], first.hasSuffix(">") || first.hasSuffix("+") else {
            throw ScenarioError(line: line, problem: "nobody of that name, or no such command")
        }
        cluster?.send(Self.bytes(of: String(line.dropFirst(first.count + 1))), from: client)
        if first.hasSuffix(">") { try pass(.milliseconds(100)) }
    }

    private mutating func connect(_ line: String, _ words: [String]) throws {
        let client = try open(line, words)
        labels.append(words[1])
        clients[words[1]] = client
        try pass(.milliseconds(100))
    }

    private mutating func register(_ line: String, _ words: [String]) throws {
        let client = try open(line, words)
        let name = words[1]
        labels.append(name)
        clients[name] = client
        if let with = words.firstIndex(of: "with") {
            let capabilities = words[(with + 1)...].joined(separator: " ")
            cluster?.send("CAP REQ :\(capabilities)", from: client)
            cluster?.send("CAP END", from: client)
        }
        if let password = settings.password { cluster?.send("PASS \(password)", from: client) }
        cluster?.send("NICK \(name)", from: client)
        cluster?.send("USER \(name) 0 * :\(name.capitalized) Example", from: client)
        cluster?.run(for: .milliseconds(100))
        show(welcomed: client)
    }

    private mutating func open(_ line: String, _ words: [String]) throws -> SimulatedCluster.ClientID {
        func value(after word: String, else other: String) -> String {
            guard let index = words.firstIndex(of: word), index + 1 < words.count else { return other }
            return words[index + 1]
        }
        guard words.count > 1, let node = nodes.firstIndex(of: value(after: "to", else: nodes[0])) else {
            throw ScenarioError(line: line, problem: "connect NAME [to NODE] [from HOST]")
        }
        try start()
        guard let client = cluster?.connect(to: node, host: value(after: "from", else: "host")) else {
            throw ScenarioError(line: line, problem: "there are no nodes")
        }
        return client
    }

    private mutating func start() throws {
        guard cluster == nil else { return }
        var settings = SimulatedCluster.settings(of: nodes)
        for index in settings.indices { self.settings.apply(to: &settings[index]) }
        var cluster = SimulatedCluster(settings, seed: 1, latency: .milliseconds(1) ... .milliseconds(1))
        cluster.run(for: .seconds(2))
        for (_, sight) in cluster.takeSights() {
            if case .note(_, .peerRefused(_, let reason)) = sight {
                throw ScenarioError(line: "nodes", problem: reason)
            }
        }
        self.cluster = cluster
    }

    private func client(_ line: String, _ words: [String]) throws -> SimulatedCluster.ClientID {
        guard words.count > 1, let client = clients[words[1]] else {
            throw ScenarioError(line: line, problem: "nobody of that name")
        }
        return client
    }

    private func duration(of line: String, _ words: [String]) throws -> Duration {
        guard words.count == 2, words[1].hasSuffix("s"), let seconds = Int(words[1].dropLast()) else {
            throw ScenarioError(line: line, problem: "wait SECONDSs")
        }
        return .seconds(seconds)
    }

    private static func bytes(of text: String) -> [UInt8] {
        let repeated = text.replacing(/{(\d+)\*([^}]*)}/) { match in
            String(repeating: String(match.2), count: Int(match.1) ?? 0)
        }
        var bytes: [UInt8] = []
        var rest = repeated[...]
        while let match = rest.firstMatch(of: /\\x([0-9A-F]{2})/) {
            bytes += rest[..<match.range.lowerBound].utf8
            bytes.append(UInt8(match.1, radix: 16) ?? 0)
            rest = rest[match.range.upperBound...]
        }
        return bytes + rest.utf8
    }

    // MARK: What people see

    private mutating func pass(_ duration: Duration) throws {
        cluster?.run(for: duration)
        show()
    }

    /// Writes down what was seen, client by client in order of arrival, and what operators were told at the end.
    private mutating func show(welcomed newcomer: SimulatedCluster.ClientID? = nil) {
        var lines: [String: [String]] = [:]
        var notes: [String] = []
        var isWelcoming = newcomer != nil
        for (_, sight) in cluster?.takeSights() ?? [] {
            switch sight {
            case .line(let client, let line):
                if client == newcomer, isWelcoming {
                    isWelcoming = !line.contains(" 376 ") && !line.contains(" 422 ")
                    continue
                }
                lines[label(of: client), default: []].append(line)
            case .closed(let client): lines[label(of: client), default: []].append("(closed)")
            case .reload(let node): notes.append("\(node): reads its configuration again")
            case .stopped(let node): notes.append("\(node): is done")
            case .note(let node, .operatorActed(let name, let what)): notes.append("\(node): \(name): \(what)")
            case .note(let node, .collision(let nick, let keeper, let loser, let renamed)):
                notes.append("\(node): \(nick) is kept by \(keeper), and \(loser) is \(renamed) now")
            case .note(let node, .clientRefused(let host, let reason)):
                notes.append("\(node): refused \(host): \(reason)")
            case .note(let node, .digestMismatch): notes.append("\(node): the rosters differ")
            case .note: break
            }
        }
        for label in labels {
            for line in lines[label] ?? [] { transcript.append("\(label)< \(line)") }
        }
        transcript += notes
    }

    private func label(of client: SimulatedCluster.ClientID) -> String {
        clients.first { $0.value == client }?.key ?? "\(client)"
    }
}

/// What a scenario can set.
struct ScenarioSettings {
    private(set) var password: String?
    private var changes: [@Sendable (inout NodeSettings) -> Void] = []

    func apply(to settings: inout NodeSettings) {
        for change in changes { change(&settings) }
    }

    mutating func set(_ line: String) throws {
        let words = line.split(separator: " ", maxSplits: 2).map(String.init)
        guard words.count == 3 else { throw ScenarioError(line: line, problem: "set NAME VALUE") }
        let value = words[2]
        switch words[1] {
        case "password":
            password = value
            changes.append { $0.password = value }
        case "lobby": changes.append { $0.lobby = ChannelName(value) }
        case "motd": changes.append { $0.motd.append(value) }
        case "admin": changes.append { $0.admin.append(value) }
        case "operator":
            let parts = value.split(separator: " ").map(String.init)
            changes.append {
                $0.operators.append(.init(name: parts[0], password: parts[1], masks: Array(parts.dropFirst(2))))
            }
        default:
            let limits: [String: any WritableKeyPath<NodeLimits, Int> & Sendable] = [
                "channels-per-user": \.channelsPerUser, "targets": \.targetsPerCommand,
                "list-entries": \.listEntriesPerChannel, "monitor-entries": \.monitorEntries,
                "topic-length": \.topicLength, "clients": \.clients, "whowas-entries": \.whowasEntries,
            ]
            guard let limit = limits[words[1]], let number = Int(value) else {
                throw ScenarioError(line: line, problem: "nothing that can be set")
            }
            changes.append { $0.limits[keyPath: limit] = number }
        }
    }
}
