// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What a checker says when something that must hold does not, and what no node may ever report on a sound network.

import RoostModel
import RoostNode

/// Something that must hold did not.
public struct Violation: Error, CustomStringConvertible, Sendable {
    /// The rule, by the name of its checker.
    public let rule: String
    /// What was seen.
    public let detail: String

    /// The rule and what was seen.
    public var description: String { "\(rule): \(detail)" }
}

/// Where nothing is lost and nobody is late, no node has anything to complain of.
struct NothingAmiss {
    func check(_ note: Note, of node: NodeID) throws(Violation) {
        switch note {
        case .peerSuspect, .peerUnreachable, .peerDown, .peerRefused, .lifeGone, .collision, .repaired, .skipped,
            .repairUnavailable, .digestMismatch, .frameMalformed, .eventQuarantined, .isolated, .rejoined, .paused:
            throw Violation(rule: "NothingAmiss", detail: "\(node) reports \(note)")
        case .peerUp, .takenOver, .snapshotMerged, .clientRefused, .serving, .operatorActed:
            return
        }
    }
}
