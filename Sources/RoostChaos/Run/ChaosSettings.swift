// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What the caller chooses, and how it ends a run early.

import Synchronization

/// Where things are.
public struct ChaosSettings: Sendable {
    /// The program that is a node.
    public var roost: String
    /// The topology of the clusters.
    public var topology: String
    /// Where each case keeps its configurations and logs, in a folder of its name.
    public var directory: String
    /// The first base port that is tried.
    public var basePort: Int
    /// Who talks to whom.
    public var seed: UInt64

    /// Settings of these values.
    public init(
        roost: String, topology: String, directory: String = "run/chaos", basePort: Int = 17_667, seed: UInt64 = 1
    ) {
        self.roost = roost
        self.topology = topology
        self.directory = directory
        self.basePort = basePort
        self.seed = seed
    }
}

/// Whether somebody wants the run to end.
public final class Interruption: Sendable {
    private let requested = Atomic(false)

    /// Nobody does.
    public init() {}

    /// Asks for the end: the case is given up and everything that it made is taken away.
    public func request() { requested.store(true, ordering: .releasing) }

    /// Whether it was asked for.
    public var isRequested: Bool { requested.load(ordering: .acquiring) }
}
