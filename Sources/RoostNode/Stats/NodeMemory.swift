// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// How much the machine keeps in what has a limit: a query, for those who see whether the limits hold.

import RoostModel
import RoostRoster

/// The fullest of each kind of queue, beside the limits of `NodeLimits`.
public struct NodeMemory: Hashable, Sendable {
    /// The bytes of the largest log of a stream (`replayLogBytes`).
    public var logBytes = 0
    /// The runs of events of a stream that wait for what comes before them (`framesBuffered`).
    public var waitingRuns = 0
    /// The bytes of those (`bytesBuffered`).
    public var waitingBytes = 0
    /// The bytes of messages kept for the held users of one life (`keptBytes`).
    public var keptBytes = 0
    /// The messages kept for one user who is held, or for the held members of a channel (`keptMessages`).
    public var keptMessages = 0
    /// The bytes of messages that a snapshot brought and some node had not delivered (`keptBytes`).
    public var inheritedBytes = 0
}

extension Node {
    /// How full the fullest queues are.
    public var memory: NodeMemory {
        var memory = NodeMemory()
        for log in logs.values { memory.logBytes = max(memory.logBytes, log.bytes) }
        for peer in mesh.peers.values {
            memory.waitingRuns = max(memory.waitingRuns, peer.waiting.count)
            memory.waitingBytes = max(memory.waitingBytes, peer.waitingBytes)
        }
        for kept in mail.values {
            memory.keptBytes = max(memory.keptBytes, kept.bytes)
            for events in kept.boxes.values { memory.keptMessages = max(memory.keptMessages, events.count) }
        }
        memory.inheritedBytes = inherited.reduce(0) { $0 + $1.approximateBytes }
        return memory
    }
}
