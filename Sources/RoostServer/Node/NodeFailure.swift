// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Why a node could not start or had to end, in one line: what failed, on what, and what to try.

/// An operational failure of a node.
public struct NodeFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// What kind of failure it is.
    public enum Code: Equatable, Sendable {
        /// The data directory cannot be used.
        case dataDirectory
        /// Another process uses the data directory.
        case alreadyRunning
        /// An address cannot be resolved.
        case address
        /// A client port cannot be opened.
        case clientPort
        /// libzmq cannot encrypt.
        case encryption
        /// A port of the mesh or of the statistics cannot be opened.
        case meshPort
    }

    /// What kind of failure it is.
    public let code: Code
    /// One line for the person who started the node.
    public let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
