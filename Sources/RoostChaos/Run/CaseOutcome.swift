// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What came of a case.

/// A case that was run, or was not.
public struct CaseOutcome: Sendable {
    /// What came of it.
    public enum Result: Sendable {
        /// It ran; without failures it passed.
        case judged(Figures, failures: [String])
        /// It cannot run here, for this reason.
        case skipped(String)
        /// Nothing could be judged, for this reason.
        case broken(String)
    }

    /// The case.
    public var plan: FaultPlan
    /// What came of it.
    public var result: Result

    /// Whether nothing is wrong; a case that cannot run here is not.
    public var isGood: Bool {
        switch result {
        case .judged(_, let failures): failures.isEmpty
        case .skipped: true
        case .broken: false
        }
    }
}
