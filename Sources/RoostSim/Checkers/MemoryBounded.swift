// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Whatever peers lose, repeat or never take in, and however many are held: what a node keeps stays within its limits.

import RoostModel
import RoostNode

/// Compares a machine's queues with limits.
struct MemoryBounded {
    let limits: NodeLimits

    func check(_ machine: Node) throws(Violation) {
        let memory = machine.memory
        let queues = [
            // A log keeps its last event, however long that is.
            ("bytes of a log", memory.logBytes, limits.replayLogBytes + 1_024),
            ("runs of events that wait", memory.waitingRuns, limits.framesBuffered),
            ("bytes of events that wait", memory.waitingBytes, limits.bytesBuffered),
            ("bytes of messages kept", memory.keptBytes, limits.keptBytes),
            ("messages kept for one target", memory.keptMessages, limits.keptMessages),
            ("bytes of messages inherited", memory.inheritedBytes, limits.keptBytes),
        ]
        for (what, count, limit) in queues where count > limit {
            throw Violation(rule: .memoryBounded, detail: "\(machine.settings.node) has \(count) \(what), not \(limit)")
        }
    }
}
