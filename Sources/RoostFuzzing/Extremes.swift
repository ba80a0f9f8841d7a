// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The numbers at which counting ends, put in where a peer may put them: a fuzzer seldom comes upon all 64 bits alike.

import RoostModel
import RoostRoster
import RoostWire

extension Vector {
    /// Every stream at its last event but so many.
    func atItsEnd(but events: UInt64) -> Vector {
        Vector(positions.mapValues { Position(epoch: $0.epoch, sequence: .max - events) })
    }
}

extension Acknowledgement {
    func atItsEnd(but events: UInt64) -> Acknowledgement {
        Acknowledgement(
            header: header, applied: applied.atItsEnd(but: events), delivered: delivered.atItsEnd(but: events))
    }
}

extension Heartbeat {
    func atItsEnd(but events: UInt64) -> Heartbeat {
        var heartbeat = self
        heartbeat.acknowledgement = acknowledgement.atItsEnd(but: events)
        heartbeat.ages = ages.mapValues { _ in .max }
        return heartbeat
    }
}

extension Snapshot {
    func atItsEnd(but events: UInt64) -> Snapshot {
        var snapshot = self
        snapshot.vector = vector.atItsEnd(but: events)
        snapshot.delivered = delivered.mapValues { $0.atItsEnd(but: events) }
        snapshot.holds = holds.mapValues { _ in WallTime(milliseconds: .max) }
        return snapshot
    }
}

extension ControlMessage {
    func atItsEnd(but events: UInt64) -> ControlMessage {
        switch self {
        case .hello(let introduction): .hello(introduction.atItsEnd(but: events))
        case .welcome(let introduction): .welcome(introduction.atItsEnd(but: events))
        case .snapshotRequest(let id, _): .snapshotRequest(id: id, credit: .max)
        case .snapshotCredit(let id, _): .snapshotCredit(id: id, credit: .max)
        case .replayRequest(let life, let first, _): .replayRequest(life: life, first: first, last: .max - events)
        case .replayUnavailable(let life, _): .replayUnavailable(life: life, oldest: .max - events)
        case .refused, .snapshotChunk, .replay: self
        }
    }
}

extension Introduction {
    fileprivate func atItsEnd(but events: UInt64) -> Introduction {
        var introduction = self
        introduction.applied = applied.atItsEnd(but: events)
        introduction.oldestReplayable = .max
        return introduction
    }
}
