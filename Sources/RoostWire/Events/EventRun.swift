// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// A run of events in a frame. Its events' ids are implied by the first, their times are told by how far each is from
// the one before. What is in each kind of event is in the files beside this one.

import RoostModel
import RoostRoster

extension WireEventRun {
    /// The run of those events, whose ids must share a life and count up by one, for a frame with that header.
    init(_ events: [Event], in header: FrameHeader) {
        self.init()
        guard let start = events.first?.id else { return }
        let own = Life(node: start.node, epoch: start.epoch)
        if own != header.life { origin = own.wire }
        first = start.sequence

        var ids = IDWriter(own: own)
        var previous = header.time.rawValue
        var sequence = start.sequence
        self.events.reserveCapacity(events.count)
        for event in events {
            precondition(
                event.id == EventID(node: own.node, epoch: own.epoch, sequence: sequence),
                "event \(event.id) where \(sequence) of a run from \(start) must be")
            var wire = WireEvent()
            wire.time = Int64(bitPattern: event.time.rawValue &- previous)
            wire.body = WireEvent.OneOf_Body(event.body, ids: &ids)
            self.events.append(wire)
            previous = event.time.rawValue
            sequence &+= 1
        }
        lives = ids.lives.map(\.wire)
    }

    /// The events of the run, in a frame with that header.
    func read(in header: FrameHeader) throws(WireError) -> [Event] {
        try checkCount(events.count, WireLimits.eventsMax, "run.events")
        guard !events.isEmpty else { return [] }
        let own = hasOrigin ? try Life(origin, "run.origin") : header.life
        guard first > 0, first <= UInt64.max - UInt64(events.count) else {
            throw WireError(.outOfRange, "run.first: \(first), before \(events.count) events")
        }
        let ids = try IDReader(own: own, lives: lives)
        var read: [Event] = []
        read.reserveCapacity(events.count)
        var time = header.time.rawValue
        var sequence = first
        for event in events {
            guard let body = event.body else { throw WireError(.missing, "event.body: none, or of an unknown kind") }
            time &+= UInt64(bitPattern: event.time)
            read.append(
                Event(
                    id: EventID(node: own.node, epoch: own.epoch, sequence: sequence),
                    time: HybridTime(rawValue: time), body: try EventBody(body, ids: ids)))
            sequence += 1
        }
        return read
    }
}
