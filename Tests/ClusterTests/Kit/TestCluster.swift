// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Nodes as processes, each with a configuration of its own, and what all tests ask of them.

import Foundation
import Glibc
import Testing

/// A node: where it listens, and its process.
@ProcessThread
final class TestNode {
    nonisolated let name: String
    nonisolated let clientPort: Int
    nonisolated let meshPort: Int
    nonisolated let statsPort: Int
    let log: String
    private let configuration: String
    private(set) var process: ChildProcess?

    /// - Parameter settings: lines of YAML, for keys that no node sets by itself.
    init(name: String, firstPort: Int, seeds: [Int], settings: String, folder: String) throws {
        self.name = name
        clientPort = firstPort
        meshPort = firstPort + 1
        statsPort = firstPort + 3
        log = "\(folder)/\(name).log"
        configuration = "\(folder)/\(name).yaml"
        let listeners = settings.contains("listeners:") ? "" : "listeners: [127.0.0.1:\(clientPort)]\n"
        try """
        node.name: \(name)
        node.data-directory: \(folder)/\(name)
        mesh.listen: 127.0.0.1:\(meshPort)
        mesh.peers: [\(seeds.map { "127.0.0.1:\($0)" }.joined(separator: ", "))]
        stats.listen: 127.0.0.1:\(statsPort)
        stats.interval: 200ms
        mesh.secret: \(TestCluster.secret)
        limits.clients-per-address: off
        \(listeners)\(settings)
        """.write(toFile: configuration, atomically: true, encoding: .utf8)
    }

    var statsAddress: String { "127.0.0.1:\(statsPort)" }
    var isRunning: Bool { process.map { $0.end == nil } ?? false }

    /// Starts the process; `waitUntilServing` tells when clients can come.
    func start() throws {
        process = try ChildProcess(
            [Roost.binary, "node", "--config", configuration, "--exit-with-parent"], streams: .pipeAndFile(log))
    }

    func waitUntilServing(at location: SourceLocation = #_sourceLocation) throws {
        try eventually("\(name) accepts clients", at: location) {
            try require(isRunning, "\(name) has ended: \(String(describing: process?.end))", at: location)
            return (try? TestClient("probe", to: .loopback(port: clientPort))) != nil
        }
    }

    func signal(_ number: CInt) { process?.signal(number) }

    func stop() { process?.stop() }

    /// Changes what stands in its configuration file.
    func rewriteConfiguration(_ change: (String) -> String) throws {
        try change(Roost.text(of: configuration)).write(toFile: configuration, atomically: true, encoding: .utf8)
    }

    /// A client of it that has not said anything.
    func connect(_ name: String, receiveBuffer: CInt? = nil) throws -> TestClient {
        try TestClient(name, to: .loopback(port: clientPort), receiveBuffer: receiveBuffer)
    }

    /// A client of it that is registered.
    func client(
        _ nick: String, capabilities: String = "", at location: SourceLocation = #_sourceLocation
    ) throws -> TestClient {
        let client = try connect(nick)
        try client.register(capabilities: capabilities, at: location)
        return client
    }

    /// Its log so far.
    var logText: String { Roost.text(of: log) }

    /// The names of its threads.
    var threadNames: [String] {
        guard let process else { return [] }
        let tasks = "/proc/\(process.pid)/task"
        // A thread may end between the two reads.
        let ids = (try? FileManager.default.contentsOfDirectory(atPath: tasks)) ?? []
        return ids.map { Roost.text(of: "\(tasks)/\($0)/comm").trimmingCharacters(in: .newlines) }
    }
}

/// Several nodes.
@ProcessThread
final class TestCluster {
    /// The secret of all clusters here, so that their links are encrypted as those of users are.
    nonisolated static let secret = "roost-cluster-" + String(repeating: "5eed", count: 16)
    /// What opens their statistics to `roost stats`.
    nonisolated static let environment = ["ROOST_MESH_SECRET": secret]

    private let folder: TemporaryFolder
    let nodes: [TestNode]

    /// - Parameters:
    ///   - seeds: which other nodes the node at an index knows, by index; all others if it is nil.
    ///   - settings: lines of YAML for every node.
    private init(nodes count: Int, seeds: ((Int) -> [Int])?, settings: String) throws {
        let folder = try TemporaryFolder()
        let first = try FreePorts.row(of: count * 4)
        self.folder = folder
        nodes = try (0..<count).map { index in
            let others = seeds.map { $0(index) } ?? (0..<count).filter { $0 != index }
            return try TestNode(
                name: "node\(index + 1)", firstPort: first + index * 4, seeds: others.map { first + $0 * 4 + 1 },
                settings: settings, folder: folder.path)
        }
    }

    subscript(number: Int) -> TestNode { nodes[number - 1] }

    /// What a node says that the machine did not let run for a second, which is no fault of the node's.
    private static let busyMachine = "this node did not run"

    /// Makes nodes that do not run yet, has a test use them, ends them, and tells the logs if the test failed.
    ///
    /// - Parameter tolerated: what warnings and errors in the logs may contain; any other fails the test.
    static func prepare(
        nodes: Int = 3, seeds: ((Int) -> [Int])? = nil, settings: String = "", tolerated: [String] = [],
        at location: SourceLocation = #_sourceLocation, _ body: (TestCluster) throws -> Void
    ) throws {
        let cluster = try TestCluster(nodes: nodes, seeds: seeds, settings: settings)
        defer { for node in cluster.nodes { node.stop() } }
        do {
            try body(cluster)
            for node in cluster.nodes {
                let wrong = node.logText.split(separator: "\n").filter { line in
                    [" warning ", " error ", " critical ", "Fatal error"].contains { line.contains($0) }
                        && !(tolerated + [busyMachine]).contains { line.contains($0) }
                }
                try require(wrong.isEmpty, "\(node.name) complains: \(wrong.joined(separator: "\n"))", at: location)
            }
        } catch {
            let logs = cluster.nodes.map { "--- log of \($0.name)\n\($0.logText)" }.joined()
            Issue.record(error, "\(logs)", sourceLocation: location)
        }
    }

    /// Starts nodes, waits until they are one cluster, and has a test use them; at its end their rosters must agree.
    static func run(
        nodes: Int = 3, seeds: ((Int) -> [Int])? = nil, settings: String = "", tolerated: [String] = [],
        at location: SourceLocation = #_sourceLocation, _ body: (TestCluster) throws -> Void
    ) throws {
        try prepare(nodes: nodes, seeds: seeds, settings: settings, tolerated: tolerated, at: location) { cluster in
            for node in cluster.nodes { try node.start() }
            for node in cluster.nodes { try node.waitUntilServing(at: location) }
            try cluster.waitUntilOne(at: location)
            try body(cluster)
            try cluster.waitUntilOne(at: location)
        }
    }

    /// Waits until all nodes that run know each other and have the same roster.
    func waitUntilOne(users: Int? = nil, at location: SourceLocation = #_sourceLocation) throws {
        let running = nodes.filter(\.isRunning)
        var last: [Report] = []
        do {
            try eventually("one roster", at: location) {
                last = try reports(at: location)
                return Set(last.map(\.node)) == Set(running.map(\.name))
                    && Set(last.map(\.roster)).count <= 1
                    && last.allSatisfy { $0.peersUp == running.count - 1 && $0.state == "serving" }
                    && (users == nil || last.allSatisfy { $0.roster.users == users })
            }
        } catch {
            throw Failure("\(error)\n\(last.map { "\($0)\n" }.joined())", at: location)
        }
    }

    /// What each node that runs reports, found through the first of them.
    func reports(at location: SourceLocation = #_sourceLocation) throws -> [Report] {
        guard let first = nodes.first(where: \.isRunning) else { return [] }
        return try Report.collect(from: first.statsAddress, at: location)
    }

    func report(of node: TestNode, at location: SourceLocation = #_sourceLocation) throws -> Report {
        guard let report = try reports(at: location).first(where: { $0.node == node.name }) else {
            throw Failure("no report of \(node.name)", at: location)
        }
        return report
    }
}
