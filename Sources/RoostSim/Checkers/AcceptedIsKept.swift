// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// A message is accepted when its sender sees its echo. Then another node that is up has it, or there is none
// (DESIGN §2): so it outlives the death of any one node.

import RoostModel

/// Judges an echo as it is seen.
struct AcceptedIsKept {
    func check(
        _ message: FollowedMessage, at node: Int, in cluster: SimulatedCluster, areApart: (Int, Int) -> Bool
    ) throws(Violation) {
        guard let event = message.event, cluster.isAlive(node) else { return }
        let others = cluster.machines.indices.filter { $0 != node }
        if others.contains(where: { cluster.hasEverKnown(event, at: $0) }) { return }
        guard let other = others.first(where: { cluster.isRunning($0) && !areApart(node, $0) }) else { return }
        throw Violation(
            rule: .acceptedIsKept, detail: "nobody but its node has \(message.key), and node \(other + 1) is there")
    }
}
