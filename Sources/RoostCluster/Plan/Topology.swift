// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What a cluster is made of, as a YAML file says it: how many nodes, and the settings that all of them share.

import Foundation
import RoostConfiguration
import Yams

/// A topology: `nodes`, and `settings` that go into every node's configuration.
struct Topology {
    /// A full mesh is designed for so many.
    static let nodesMax = 20

    var nodes = 3
    /// Keys as in docs/configuration.md; nil for none.
    var settings: Yams.Node?
    /// What errors call the file.
    var name = "topology"
    /// Where relative paths in the settings begin.
    var folder: String?

    init() {}

    /// Reads a topology file.
    init(file: String) throws(ClusterFailure) {
        guard let data = FileManager.default.contents(atPath: file), let text = String(bytes: data, encoding: .utf8)
        else {
            throw ClusterFailure(.topology, "\(file): cannot be read as text; see that it exists (cluster/ has some)")
        }
        try self.init(yaml: text, name: file)
        folder = (file as NSString).deletingLastPathComponent
        if folder == "" { folder = "." }
    }

    /// Reads the text of a topology.
    init(yaml: String, name: String) throws(ClusterFailure) {
        self.name = name
        let root: Yams.Node?
        do { root = try compose(yaml, named: name) } catch { throw ClusterFailure(.topology, error.description) }
        guard let root else { return }
        guard case .mapping(let mapping) = root else {
            throw Self.failure(name, root, "a topology is a mapping with nodes and settings")
        }
        for (key, value) in mapping {
            switch key.scalar?.string {
            case "nodes":
                guard let count = value.int, (1...Self.nodesMax).contains(count) else {
                    throw Self.failure(name, value, "nodes: allowed: a whole number from 1 to \(Self.nodesMax)")
                }
                nodes = count
            case "settings": settings = value
            default:
                throw Self.failure(name, key, "\(key.scalar?.string ?? "?"): unknown key; allowed: nodes, settings")
            }
        }
        try refuseOwnKeys()
    }

    /// Keys that the launcher gives each node itself.
    private static let ownKeys = [
        "node.name", "node.data-directory", "listeners", "mesh.listen", "mesh.advertise", "mesh.peers", "stats.listen",
    ]

    private func refuseOwnKeys() throws(ClusterFailure) {
        guard let settings else { return }
        for key in Self.ownKeys {
            let parts = key.split(separator: ".").map(String.init)
            let nested = parts.reduce(Optional(settings)) { node, part in node?.mapping?[part] }
            if let found = nested ?? settings.mapping?[key] {
                throw Self.failure(name, found, "settings: \(key): is given to each node by the launcher; leave it out")
            }
        }
    }

    private static func failure(_ name: String, _ node: Yams.Node, _ message: String) -> ClusterFailure {
        ClusterFailure(.topology, "\(name):\(node.mark?.line ?? 1):\(node.mark?.column ?? 1): \(message)")
    }
}
