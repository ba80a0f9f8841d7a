// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// A roster and whatever a peer can say: it takes all of it, can be handed on, and merging is idempotent.
//
// The records: `E0` and an event frame, `S0` and a snapshot, `H` and `R` hide and reveal the first life of the node of that digit, `C`
// has forgotten what need not be remembered, so many hours later.

import RoostModel
import RoostRoster
import RoostWire

func checkRoster(_ bytes: [UInt8]) throws(BrokenRule) {
    var roster = Roster()
    var changes: [RosterChange] = []
    for record in Record.all(in: bytes) {
        switch record.kind {
        case UInt8(ascii: "E"):
            guard let frame = try? EventFrame(decoding: record.bytes.span.bytes) else { continue }
            for event in frame.events { roster.applyNext(event, into: &changes) }
        case UInt8(ascii: "S"):
            guard let snapshot = try? Snapshot(decoding: record.bytes.span.bytes) else { continue }
            try checkMergedAgain(snapshot)
            roster.merge(snapshot, into: &changes)
        case UInt8(ascii: "H"):
            guard let node = node(record.option) else { continue }
            roster.hide(Life(node: node, epoch: Epoch(firstEpoch)), reason: "hidden", into: &changes)
        case UInt8(ascii: "R"):
            guard let node = node(record.option) else { continue }
            roster.reveal(Life(node: node, epoch: Epoch(firstEpoch)), into: &changes)
        case UInt8(ascii: "C"):
            let hours = UInt64(record.option) * 12
            roster.collect(at: WallTime(milliseconds: firstEpoch + hours * 3_600_000))
        default: continue
        }
    }
    try checkHandedOn(roster)
    try checkMergedAgain(roster.snapshot)
}

/// When the first life of each node in the corpora began: midnight of 2026-01-01, UTC.
let firstEpoch: UInt64 = 1_767_225_600_000

/// The node that a digit stands for.
func node(_ option: Int) -> NodeID? { NodeID(["a", "b", "c", "d", "e", "f", "g", "h"][option & 7]) }

extension Roster {
    /// Applies an event as the next of its stream, whatever its number.
    fileprivate mutating func applyNext(_ event: Event, into changes: inout [RosterChange]) {
        let applied = vector[event.id.node].flatMap { $0.epoch == event.id.epoch ? $0.sequence : nil } ?? 0
        guard applied < .max else { return }
        let id = EventID(node: event.id.node, epoch: event.id.epoch, sequence: applied + 1)
        apply(Event(id: id, time: event.time, body: event.body), into: &changes)
    }
}

/// Who takes a snapshot twice knows what it knew when it had taken it once.
///
/// This is asked of a roster that knew nothing before. Peers that give one name to two things, which honest ones do not,
/// can make others disagree; what they cannot is stop them.
private func checkMergedAgain(_ snapshot: Snapshot) throws(BrokenRule) {
    var changes: [RosterChange] = []
    var once = Roster()
    once.merge(snapshot, into: &changes)
    // Else no roster gives this snapshot.
    guard once.snapshot == snapshot else { return }
    var twice = once
    changes = []
    twice.merge(snapshot, into: &changes)
    try check(changes.isEmpty, "a snapshot merged again changes nothing for people: \(changes)")
    try check(twice.snapshot.encoded() == snapshot.encoded(), "a snapshot merged again changes nothing: \(snapshot)")
    try check(twice.digest == once.digest, "a snapshot merged again changes no digest: \(snapshot)")
}

/// What a node knows it can give to another.
func checkHandedOn(_ roster: Roster) throws(BrokenRule) {
    let given = roster.snapshot
    let taken = try read(given.encoded(), Snapshot.init(decoding:), "a roster can be handed on")
    try check(taken == given, "a roster that is handed on is the same: \(given) is \(taken)")
}
