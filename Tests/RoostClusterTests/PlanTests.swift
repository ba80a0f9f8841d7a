// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What a topology becomes: ports, peers, files, and the settings in each node's configuration.

import Foundation
import Glibc
import RoostConfiguration
import RoostKeys
import Testing

@testable import RoostCluster

@Suite struct PlanTests {
    private func options(nodes: Int? = nil) -> ClusterOptions {
        var options = ClusterOptions(nodeCommand: ["false"])
        options.directory = "/tmp/x"
        options.nodes = nodes
        return options
    }

    private func failure(_ yaml: String) -> String? {
        do {
            _ = try Topology(yaml: yaml, name: "t.yaml")
            return nil
        } catch {
            return error.description
        }
    }

    /// Aim: the documented default ports. Method: the third node of three.
    @Test func theDefaultPortsAreThoseOfTheDesign() throws {
        let plan = try ClusterPlan(options())
        #expect(plan.nodes.map(\.name) == ["node1", "node2", "node3"])
        let third = plan.nodes[2]
        #expect(third.addresses.map(\.endpoint.port) == [6669, 7620, 7621, 7622])
        #expect(third.configuration.listeners == [third.client])
        #expect(third.configuration.mesh.listen == third.mesh && third.configuration.stats.listen == third.stats)
        #expect(third.configuration.mesh.peers.map(\.port) == [7600, 7610])
        #expect(third.configuration.node.dataDirectory == "/tmp/x/node3")
    }

    /// A secret named by a path from the working directory: the node's own file, which stands elsewhere, names it too.
    @Test func aSecretOfTheEnvironmentIsFoundByTheNodes() throws {
        let depth = FileManager.default.currentDirectoryPath.split(separator: "/").count
        let folder = "/tmp/roost-test-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }  // It is in /tmp all the same.
        var options = options(nodes: 1)
        // So deep that the same path leads elsewhere from there.
        options.directory = folder + String(repeating: "/deep", count: depth)
        try FileManager.default.createDirectory(atPath: options.directory, withIntermediateDirectories: true)
        let secret = ClusterSecret.random()
        try KeyFile.create("\(folder)/given", holding: secret.text)
        let given = String(repeating: "../", count: depth) + "\(folder)/given".dropFirst()
        options.environment = ["ROOST_MESH_SECRET_FILE": given]
        let plan = try ClusterPlan(options)
        try plan.writeFiles()
        #expect(try Configuration.load(file: plan.nodes[0].configurationFile).mesh.secret == secret)
    }

    /// Aim: a local cluster is encrypted without anybody's doing, and has the same secret at its next start. Method: write
    /// the files of two plans in one directory.
    @Test func aClusterKeepsItsOwnSecret() throws {
        var options = options()
        options.directory = "/tmp/roost-test-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: options.directory) }  // It is in /tmp all the same.
        try FileManager.default.createDirectory(atPath: options.directory, withIntermediateDirectories: true)
        let plan = try ClusterPlan(options)
        try plan.writeFiles()
        let secret = try #require(plan.nodes[0].configuration.mesh.secret)
        #expect(plan.nodes.allSatisfy { $0.configuration.mesh.secret == secret })
        for node in plan.nodes {
            let written = try String(contentsOfFile: node.configurationFile, encoding: .utf8)
            #expect(!written.contains(secret.text))
            #expect(try Configuration.load(file: node.configurationFile).mesh.secret == secret)
        }
        let file = ClusterPlan.secretFile(in: options.directory)
        let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let second = try ClusterPlan(options)
        try second.writeFiles()
        #expect(second.nodes[0].configuration.mesh.secret == secret)
    }

    /// Aim: who has a secret, or wants none, is obeyed. Method: the environment, and the option.
    @Test func aGivenSecretIsTaken() throws {
        var options = options()
        let given = ClusterSecret.random()
        options.environment = ["ROOST_MESH_SECRET": given.text]
        #expect(try ClusterPlan(options).nodes.allSatisfy { $0.configuration.mesh.secret == given })
        options.environment = [:]
        options.isEncrypted = false
        #expect(try ClusterPlan(options).nodes.allSatisfy { $0.configuration.mesh.secret == nil })
    }

    /// Aim: no two ports of one cluster meet, at any size. Method: the largest cluster.
    @Test func noTwoPortsOfAClusterMeet() throws {
        var options = options(nodes: Topology.nodesMax)
        options.basePort = 20_000
        let ports = try ClusterPlan(options).nodes.flatMap { $0.addresses.map(\.endpoint.port) }
        #expect(Set(ports).count == 4 * Topology.nodesMax)
    }

    /// Aim: settings reach every node, and the environment goes over them. Method: a topology in a file.
    @Test func settingsReachEveryNode() throws {
        let file = "/tmp/roost-test-\(UUID().uuidString).yaml"
        defer { unlink(file) }
        try "nodes: 2\nsettings:\n  lobby: ''\n  limits: {targets: 7, flood-rate: off}\n".write(
            toFile: file, atomically: true, encoding: .utf8)
        var options = options()
        options.topology = file
        options.environment = ["ROOST_LIMITS_TARGETS": "9", "ROOST_LISTENERS": "127.0.0.1:1"]
        let plan = try ClusterPlan(options)
        #expect(plan.nodes.map(\.configuration.lobby) == ["", ""])
        #expect(plan.nodes.map(\.configuration.limits.targets) == [9, 9])
        #expect(plan.nodes.map { $0.configuration.listeners.map(\.port) } == [[6667], [6668]])
        options.nodes = 4
        #expect(try ClusterPlan(options).nodes.count == 4)
    }

    /// Aim: what is written for a node is what was planned. Method: read the files back.
    @Test func aWrittenConfigurationIsThePlannedOne() throws {
        var options = options(nodes: 2)
        options.directory = "/tmp/roost-test-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: options.directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: options.directory) }  // It is in /tmp all the same.
        let plan = try ClusterPlan(options)
        try plan.writeFiles()
        for node in plan.nodes {
            #expect(try Configuration.load(file: node.configurationFile) == node.configuration)
            let mode = try FileManager.default.attributesOfItem(atPath: node.configurationFile)[.posixPermissions]
            #expect(mode as? Int == 0o600)
        }
    }

    /// Aim: a wrong topology is answered with its place. Method: a mistake and its line.
    @Test func aWrongTopologyIsNamedWithItsPlace() throws {
        #expect(failure("nodes: 21") == "t.yaml:1:8: nodes: allowed: a whole number from 1 to 20")
        #expect(failure("node: 2") == "t.yaml:1:1: node: unknown key; allowed: nodes, settings")
        #expect(failure("[]") == "t.yaml:1:1: a topology is a mapping with nodes and settings")
        let own = "settings: mesh.listen: is given to each node by the launcher; leave it out"
        #expect(failure("settings:\n  mesh:\n    listen: 127.0.0.1:1") == "t.yaml:3:13: \(own)")
        #expect(failure("settings: {mesh.listen: 127.0.0.1:1}") == "t.yaml:1:25: \(own)")
        #expect(failure("nodes: 2") == nil)
    }

    /// Aim: the topologies that are delivered work. Method: plan each.
    @Test(arguments: ["three.yaml", "bench.yaml"])
    func theDeliveredTopologiesAreValid(name: String) throws {
        var options = options()
        options.topology =
            URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../cluster/\(name)").standardized.path
        let plan = try ClusterPlan(options)
        #expect(plan.nodes.count == 3)
        guard name == "bench.yaml" else { return }
        let configuration = plan.nodes[0].configuration
        #expect(configuration.lobby == "" && configuration.limits.floodRate == nil)
        #expect(configuration.limits.clientsPerAddress == nil)
    }

    /// Aim: pauses grow and stay bounded. Method: the whole series, and the far end.
    @Test func theBackOffDoublesUpToTenSeconds() {
        #expect(
            (1...7).map { SupervisedNode.backOff(after: $0) } == [
                .milliseconds(250), .milliseconds(500), .seconds(1), .seconds(2), .seconds(4), .seconds(8),
                .seconds(10),
            ])
        #expect(SupervisedNode.backOff(after: .max) == .seconds(10))
    }

    /// Aim: only listening sockets count. Method: a table as the kernel prints it.
    @Test func listenersAreReadFromTheKernelsTable() {
        let table = """
              sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
               0: 0100007F:1A0B 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4242 1 0
               1: 0100007F:1A0C 0100007F:8000 01 00000000:00000000 00:00000000 00000000     0        0 4243 1 0
               2: short
            """
        let found = BusyPorts.listeners(inTable: table)
        #expect(found.map(\.port) == [6667] && found.map(\.inode) == ["4242"])
    }

    /// A machine with many sockets: the table is longer than the system gives at one read.
    @Test func listenersAreFoundInLongTables() throws {
        let sockets = (0..<200).map { _ in socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0) }
        defer { for socket in sockets { close(socket) } }
        let ports = try sockets.map { descriptor in
            // Without an address, listening takes a free port.
            try #require(listen(descriptor, 1) == 0)
            var address = sockaddr_in()
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let status = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
            }
            try #require(status == 0)
            return Int(in_port_t(bigEndian: address.sin_port))
        }
        let found = BusyPorts.listeners(inTable: BusyPorts.contents("/proc/net/tcp")).map(\.port)
        #expect(Set(ports).isSubset(of: found))
    }

    /// Aim: the table and the lines to copy as the documents show them. Method: the whole text.
    @Test func theTableNamesAllAddressesAndLinesToCopy() {
        var state = ClusterState(
            supervisor: 1, ready: true, secretFile: FileManager.default.currentDirectoryPath + "/run/cluster/secret",
            nodes: [
                .init(
                    name: "node1", pid: 12, state: .serving, client: "127.0.0.1:6667", mesh: "127.0.0.1:7600",
                    stats: "127.0.0.1:7602", log: "/x/node1.log"),
                .init(
                    name: "node2", pid: nil, state: .down, client: "127.0.0.1:6668", mesh: "127.0.0.1:7610",
                    stats: "127.0.0.1:7612", log: "/x/node2.log"),
            ])
        #expect(
            state.table == """
                node   state    pid  clients         stats           log
                node1  serving  12   127.0.0.1:6667  127.0.0.1:7602  /x/node1.log
                node2  down     -    127.0.0.1:6668  127.0.0.1:7612  /x/node2.log
                """)
        #expect(
            state.linesToCopy(programName: "roost") == """
                roost chat 127.0.0.1:6667 127.0.0.1:6668             # chat in this terminal
                irssi -c 127.0.0.1 -p 6667                           # or with any IRC client
                roost stats --key run/cluster/secret 127.0.0.1:7602  # watch the cluster
                """)
        state.secretFile = nil
        #expect(
            state.linesToCopy(programName: "roost") == """
                roost chat 127.0.0.1:6667 127.0.0.1:6668  # chat in this terminal
                irssi -c 127.0.0.1 -p 6667                # or with any IRC client
                roost stats 127.0.0.1:7602                # watch the cluster
                """)
    }
}
