// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What can go wrong between two nodes of a simulated cluster. Nothing does unless it is asked for.

extension SimulatedCluster {
    /// Loses what a node publishes on its way to another, or no longer; requests and answers still pass.
    public mutating func loseStream(from: Int, to: Int, _ isLost: Bool) {
        set(Path(from: from, to: to, kind: .stream), isLost)
    }

    /// Loses everything between a node and all others, both ways, or no longer.
    public mutating func isolate(_ node: Int, _ isIsolated: Bool) {
        for other in machines.indices where other != node {
            for kind in [Path.Kind.stream, .control] {
                set(Path(from: node, to: other, kind: kind), isIsolated)
                set(Path(from: other, to: node, kind: kind), isIsolated)
            }
        }
    }

    private mutating func set(_ path: Path, _ isCut: Bool) {
        if isCut { cuts.insert(path) } else { cuts.remove(path) }
    }
}
