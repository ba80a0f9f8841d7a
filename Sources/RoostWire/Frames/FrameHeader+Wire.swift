// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The header that all frames share, and vectors.

import RoostModel
import RoostRoster

extension FrameHeader {
    var wire: WireHeader {
        var wire = WireHeader()
        wire.version = version
        wire.cluster = cluster
        wire.node = node.rawValue
        wire.epoch = epoch.rawValue
        wire.time = time.rawValue
        return wire
    }

    init(_ wire: WireHeader) throws(WireError) {
        try checkVersion(wire.version)
        self.init(
            version: wire.version,
            cluster: try readText(wire.cluster, upTo: WireLimits.nameBytesMax, "header.cluster"),
            node: try readNode(wire.node, "header.node"), epoch: Epoch(wire.epoch),
            time: HybridTime(rawValue: wire.time))
    }
}

func checkVersion(_ version: UInt32) throws(WireError) {
    guard version == MeshProtocol.version else {
        throw WireError(.unknownVersion, "version: \(version), and this build speaks \(MeshProtocol.version)")
    }
}

extension Vector {
    var wire: [WirePosition] {
        sorted.map { node, position in
            var wire = WirePosition()
            wire.node = node.rawValue
            wire.epoch = position.epoch.rawValue
            wire.sequence = position.sequence
            return wire
        }
    }

    init(_ wire: [WirePosition], _ field: StaticString) throws(WireError) {
        try checkCount(wire.count, WireLimits.nodesMax, field)
        var positions: [NodeID: Position] = [:]
        positions.reserveCapacity(wire.count)
        for entry in wire {
            let node = try readNode(entry.node, field)
            positions[node] = Position(epoch: Epoch(entry.epoch), sequence: entry.sequence)
        }
        self.init(positions)
    }
}
