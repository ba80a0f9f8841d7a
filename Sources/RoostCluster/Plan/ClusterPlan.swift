// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// From a topology to every node's ports, files and configuration. Nothing is started here.

import Foundation
import RoostConfiguration
import RoostKeys

/// The ports of one local node, all worked out from the client port of the first.
struct NodePorts: Equatable {
    var client: Int
    var control: Int
    var events: Int { control + 1 }
    var stats: Int { control + 2 }

    /// From the first client port to the first control port: 6667 and 7600.
    static let meshDistance = 7600 - 6667

    /// The ports of the node at `index`, counted from 0: clients at base + index, control at base + 933 + 10 × index.
    /// Clusters whose bases are 100 apart do not meet as long as they have fewer than ten nodes.
    init(index: Int, basePort: Int) {
        client = basePort + index
        control = basePort + Self.meshDistance + 10 * index
    }
}

/// One node that is to be run.
struct NodePlan {
    var configuration: Configuration
    var configurationFile: String
    var logFile: String
    /// What the command that starts the node is put behind.
    var prefix: [String] = []

    var name: String { configuration.node.name }
    var client: Endpoint
    var mesh: Endpoint
    var stats: Endpoint

    /// Every address that must be free, and what it is for.
    var addresses: [(endpoint: Endpoint, purpose: String)] {
        [
            (client, "clients of \(name)"), (mesh, "mesh of \(name)"), (mesh.above(by: 1), "events of \(name)"),
            (stats, "statistics of \(name)"),
        ]
    }
}

/// A whole cluster that is to be run.
struct ClusterPlan {
    var directory: String
    var nodes: [NodePlan]
    /// The cluster's secret, where the launcher keeps it; nil where the topology or the environment gives one.
    private var secret: ClusterSecret?

    init(_ options: ClusterOptions) throws(ClusterFailure) {
        var topology = Topology()
        if let file = options.topology { topology = try Topology(file: file) }
        let count = options.nodes ?? topology.nodes
        guard (1...Topology.nodesMax).contains(count) else {
            throw ClusterFailure(.usage, "--nodes \(count): allowed: a whole number from 1 to \(Topology.nodesMax)")
        }
        let basePortMax = 65_535 - NodePorts.meshDistance - 10 * count
        guard (1...basePortMax).contains(options.basePort) else {
            throw ClusterFailure(.usage, "--base-port \(options.basePort): allowed: a port from 1 to \(basePortMax)")
        }
        directory = URL(filePath: options.directory).standardizedFileURL.path
        let ports = (0..<count).map { NodePorts(index: $0, basePort: options.basePort) }
        nodes = []
        for index in ports.indices {
            nodes.append(try Self.node(index, ports, topology, directory, options))
        }
        if options.isEncrypted, nodes.allSatisfy({ $0.configuration.mesh.secret == nil }) { try useOwnSecret() }
    }

    /// The secret of this directory, from one `up` to the next.
    static func secretFile(in directory: String) -> String { "\(directory)/secret" }

    private mutating func useOwnSecret() throws(ClusterFailure) {
        let file = Self.secretFile(in: directory)
        let text = KeyFile.text(in: file)
        guard let secret = text.map({ ClusterSecret($0) }) ?? .random() else {
            throw ClusterFailure(.system, "\(file): holds no secret; remove it, and another is made")
        }
        self.secret = secret
        for index in nodes.indices {
            nodes[index].configuration.mesh.secret = secret
            nodes[index].configuration.mesh.secretFile = file
        }
    }

    private static func node(
        _ index: Int, _ ports: [NodePorts], _ topology: Topology, _ directory: String, _ options: ClusterOptions
    ) throws(ClusterFailure) -> NodePlan {
        let name = "node\(index + 1)"
        let place = options.places[index] ?? NodePlace()
        let client = Endpoint(host: place.clientHost, port: ports[index].client)
        let mesh = Endpoint(host: place.meshHost, port: ports[index].control)
        let stats = loopback(ports[index].stats)
        // What each node is told to others as, by index.
        let advertised = ports.indices.map { other in
            let place = options.places[other] ?? NodePlace()
            return place.advertised ?? Endpoint(host: place.meshHost, port: ports[other].control)
        }
        let peers = advertised.indices.filter { $0 != index }.map { advertised[$0].description }
        let own: [(String, [String])] = [
            ("node.name", [name]), ("node.data-directory", ["\(directory)/\(name)"]),
            ("listeners", [client.description]), ("mesh.listen", [mesh.description]),
            ("mesh.advertise", [advertised[index].description]), ("mesh.peers", peers),
            ("stats.listen", [stats.description]),
        ]
        var configuration: Configuration
        do {
            configuration = try Configuration.load(
                node: topology.settings, named: topology.name, folder: topology.folder,
                environment: options.environment,
                overrides: own.map { ConfigurationOverride(key: $0.0, values: $0.1, flag: "of the launcher") })
        } catch {
            throw ClusterFailure(.topology, error.description)
        }
        // The node's own file stands in another folder, from which a relative path would lead elsewhere.
        let secretFile = configuration.mesh.secretFile
        if !secretFile.isEmpty { configuration.mesh.secretFile = URL(filePath: secretFile).standardizedFileURL.path }
        return NodePlan(
            configuration: configuration, configurationFile: "\(directory)/\(name).yaml",
            logFile: "\(directory)/\(name).log", prefix: place.prefix, client: client, mesh: mesh, stats: stats)
    }

    private static func loopback(_ port: Int) -> Endpoint {
        Endpoint(host: "127.0.0.1", port: port)
    }

    /// Creates the directory and writes each node's configuration, readable only for this user: it may hold passwords.
    func writeFiles() throws(ClusterFailure) {
        do {
            let file = Self.secretFile(in: directory)
            if let secret, KeyFile.text(in: file) == nil { try KeyFile.create(file, holding: secret.text) }
            for node in nodes {
                let text = "# Written by `roost cluster up` at each start; change the topology instead.\n"
                let file = URL(filePath: node.configurationFile)
                try (text + node.configuration.yaml).write(to: file, atomically: true, encoding: .utf8)
                try FileManager.default.setAttributes(
                    [.posixPermissions: 0o600], ofItemAtPath: node.configurationFile)
                try FileManager.default.createDirectory(
                    atPath: node.configuration.node.dataDirectory, withIntermediateDirectories: true)
            }
        } catch let error as KeyFile.Failure {
            throw ClusterFailure(.system, error.description)
        } catch {
            throw ClusterFailure(
                .system, "\(directory): cannot be written (\(error.localizedDescription)); choose another --dir")
        }
    }
}
