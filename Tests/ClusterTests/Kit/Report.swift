// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What nodes publish about themselves, as far as tests look at it: docs/protocol/stats.md.

import Foundation
import Testing

/// A report of a node.
struct Report: Decodable {
    struct Roster: Decodable, Hashable {
        let users: Int
        let channels: Int
        let digest: String
    }

    struct Peer: Decodable {
        let node: String
        let state: String
    }

    struct Connections: Decodable {
        let now: Int
        let accepted: Int
    }

    let node: String
    let epoch: Int
    let state: String
    let roster: Roster
    let connections: Connections
    let peers: [Peer]

    var peersUp: Int { peers.count { $0.state == "up" } }

    /// The latest report of every node that can be found through one address, sorted by name.
    @ProcessThread
    static func collect(from address: String, at location: SourceLocation = #_sourceLocation) throws -> [Report] {
        let output = try Roost.run(
            ["stats", "--once", "--json", address], environment: TestCluster.environment, at: location)
        return try output.lines.filter { $0.hasPrefix("{") }.map {
            try JSONDecoder().decode(Report.self, from: Data($0.utf8))
        }
    }
}
