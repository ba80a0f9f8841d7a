// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What a running cluster tells other terminals, in a file that is always whole: it is written beside and renamed.

import Foundation

/// A cluster as its supervisor last wrote it.
public struct ClusterState: Sendable, Equatable, Codable {
    /// What a node is doing.
    public enum NodeState: String, Sendable, Codable {
        /// Runs and does not accept clients yet.
        case starting
        /// Accepts clients.
        case serving
        /// Was told to stop.
        case stopping
        /// Ended by itself and waits to be started again.
        case crashed
        /// Is left down until it is restarted by request.
        case down
    }

    /// One node.
    public struct Node: Sendable, Equatable, Codable {
        /// `node1`, `node2`, …
        public var name: String
        /// The process; nil when there is none.
        public var pid: Int32?
        /// What it is doing.
        public var state: NodeState
        /// Where clients connect.
        public var client: String
        /// Its control address.
        public var mesh: String
        /// Where it publishes statistics.
        public var stats: String
        /// The log file, absolute.
        public var log: String
    }

    /// The supervisor's process.
    public var supervisor: Int32
    /// Whether all nodes have served at least once since the start.
    public var ready: Bool
    /// The file with the cluster's secret, absolute; nil where there is none.
    public var secretFile: String?
    /// The nodes in order.
    public var nodes: [Node]

    /// One JSON object, indented, with keys in order.
    public var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        // Strings and small numbers cannot fail to encode; an empty text would show it if they ever did.
        return (try? encoder.encode(self)).flatMap { String(bytes: $0, encoding: .utf8) } ?? ""
    }

    static func file(in directory: String) -> String { "\(directory)/state.json" }

    func write(in directory: String) throws(ClusterFailure) {
        let file = Self.file(in: directory)
        do {
            try (json + "\n").write(to: URL(filePath: file), atomically: true, encoding: .utf8)
        } catch {
            throw ClusterFailure(.system, "\(file): cannot be written (\(error.localizedDescription))")
        }
    }

    /// Nil when there is no state, or none that this version understands.
    static func read(in directory: String) -> ClusterState? {
        FileManager.default.contents(atPath: file(in: directory)).flatMap {
            try? JSONDecoder().decode(ClusterState.self, from: $0)
        }
    }
}
