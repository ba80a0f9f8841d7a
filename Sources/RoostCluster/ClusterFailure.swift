// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Why a cluster could not be started or reached: one line that says what failed, on what, and what to try.

/// An operational failure of the launcher.
public struct ClusterFailure: Error, Equatable, CustomStringConvertible {
    /// What kind of failure it is, for callers that act on it.
    public enum Code: Sendable {
        /// A number on the command line is out of its range.
        case usage
        /// A topology or the settings in it are wrong.
        case topology
        /// Something else listens on a port that a node needs.
        case portsBusy
        /// A cluster runs in the directory already.
        case alreadyRunning
        /// No cluster runs in the directory.
        case notRunning
        /// A node ended, or did not serve in time, while the cluster was started.
        case nodeFailed
        /// The supervisor refused a request.
        case refused
        /// The system refused something.
        case system
    }

    /// The kind of failure.
    public var code: Code
    /// What failed, on what, and what to try; one line, or one for each problem of a topology.
    public var description: String

    /// A failure with its line.
    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
