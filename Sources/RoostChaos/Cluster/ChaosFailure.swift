// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Why a case could not be run, which is something else than that it failed.

/// A case that has no outcome.
public struct ChaosFailure: Error, CustomStringConvertible {
    /// What kind of failure it is, for callers that act on it.
    public enum Code: Sendable {
        /// Something that the case needs is not to be had here; the others can run all the same.
        case skipped
        /// Somebody wants the run to end.
        case interrupted
        /// The cluster, the clients or the system failed before anything could be judged.
        case broken
    }

    /// The kind of failure.
    public var code: Code
    /// What failed, on what, and what to try; one line.
    public var description: String

    /// A failure with its line.
    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
