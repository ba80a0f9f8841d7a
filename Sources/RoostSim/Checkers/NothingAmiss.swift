// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What no node may ever report: frames that cannot be read, rosters that differ at the same vector, and on a sound
// network anything of silence or loss.

import RoostModel
import RoostNode

/// Judges what nodes tell their operators.
struct NothingAmiss {
    /// Whether nothing was ever lost, late or down.
    let isSound: Bool
    /// Whether nodes died or ended.
    let hasDeaths: Bool
    /// Whether an answer may come so much earlier than the events that it tells of that those are asked for again.
    let isUneven: Bool

    func check(_ note: Note, of node: NodeID) throws(Violation) {
        switch note {
        case .peerRefused, .frameMalformed, .eventQuarantined:
            break
        case .digestMismatch:
            // What a node said last in a life that is over, some have heard and others not; vectors do not tell.
            if hasDeaths { return }
        case .repaired:
            if !isSound || isUneven { return }
        case .repairUnavailable, .peerSuspect, .peerUnreachable, .peerDown, .lifeGone, .takenOver, .collision,
            .skipped, .isolated, .rejoined, .paused:
            if !isSound { return }
        case .peerUp, .snapshotMerged, .clientRefused, .serving, .operatorActed:
            return
        }
        throw Violation(rule: .nothingAmiss, detail: "\(node) reports \(note)")
    }
}
