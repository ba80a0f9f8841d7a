// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What the driver of one simulated node keeps beside its machine: whether the process runs, its clock, its sockets, and
// what waits for it or for its clients.

import RoostModel
import RoostNode
import RoostRoster

/// The process of one node.
struct SimulatedProcess: Sendable {
    /// What has become of it.
    enum State: Sendable {
        case running
        /// It was stopped by a signal, or its machine is out of breath: nothing runs, the kernel goes on taking in.
        case paused
        case dead
    }

    /// A link's sockets.
    struct Link: Sendable {
        /// The node at the other end, by its place.
        let peer: Int
        /// The life of that node that it was connected to.
        var life = 0
        /// The connection; nil where there is none.
        var wire: Wire?
        /// Whether the machine was told of it.
        var isAnnounced = false
        /// Nothing of the peer's stream arrives after that: the peer was killed before it had sent all.
        var hearsUntil = Instant.never
    }

    var state = State.running
    /// How often it was started.
    var life = 1
    var links: [LinkID: Link] = [:]
    /// Who hears its stream.
    var subscribers: [Wire] = []
    /// What arrived while it was paused.
    var backlog: [Delivery] = []
    /// How far its clock is off.
    var clockOffset: Int64 = 0
    /// How much its clock gains in a million ticks.
    var clockDrift: Int64 = 0

    /// What the step that runs has told clients.
    var outgoing: [SimulatedCluster.Sighting] = []
    /// What earlier steps have told them and the kernel does not have yet, in order.
    var batches: [Batch] = []
    /// How far the machine had come with the last of these, or of those before.
    var handedOut = Progress()
    /// By when its machine must be woken; nil for never.
    var deadline: Instant?
    /// How far it has applied each life of each node; and how far it ever had in all its own lives.
    var known: [Life: UInt64] = [:]
    var everKnown: [Life: UInt64] = [:]
    /// What it knows by snapshots only.
    private(set) var passedOver = PassedOver()
    /// The frames of streams in the backlog.
    var framesWaiting = 0

    /// Takes note of how far the machine has come; by a snapshot, or by the events themselves.
    mutating func note(_ progress: Progress, bySnapshot isSnapshot: Bool) {
        for (stream, last) in progress.lives {
            let before = known[stream] ?? 0
            if isSnapshot, last > before { passedOver.add(before..<last, of: stream) }
            known[stream] = last
            everKnown[stream] = max(everKnown[stream] ?? 0, last)
        }
    }

    /// Whether it has an event, and not only what a snapshot told of it.
    func has(_ event: EventID) -> Bool {
        guard known[event.life] ?? 0 >= event.sequence, event.sequence > 0 else { return false }
        return !passedOver.contains(event)
    }

    /// Forgets everything, as a process does that starts anew.
    mutating func forget() {
        known = [:]
        passedOver = PassedOver()
        handedOut = Progress()
    }

    /// The time of day by its clock.
    func wall(at instant: Instant) -> WallTime {
        let elapsed = Int64(instant.nanoseconds / 1_000_000)
        let shift = clockOffset + elapsed * clockDrift / 1_000_000
        return WallTime(milliseconds: UInt64(clamping: Int64(SimulatedCluster.beginning) + elapsed + shift))
    }
}

/// The events that a node knows of by snapshots, and does not have.
struct PassedOver: Sendable {
    private var runs: [Life: [Range<UInt64>]] = [:]

    /// A snapshot told of the events of a life that come after the lower bound, up to the upper one.
    mutating func add(_ run: Range<UInt64>, of life: Life) { runs[life, default: []].append(run) }

    /// Whether an event is one of them.
    func contains(_ event: EventID) -> Bool {
        (runs[event.life] ?? []).contains { $0.lowerBound < event.sequence && event.sequence <= $0.upperBound }
    }
}
