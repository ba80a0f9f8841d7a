// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What the caller of `roost cluster up` may choose.

import RoostConfiguration

/// How to start a cluster.
public struct ClusterOptions: Sendable {
    /// The directory of a cluster that was given no other, in the working directory.
    public static let directory = "run/cluster"

    /// Where configurations, logs, data, the state file and the control socket are kept.
    public var directory = ClusterOptions.directory
    /// A topology file; nil for three nodes with default settings.
    public var topology: String?
    /// The number of nodes, over the topology's.
    public var nodes: Int?
    /// The client port of the first node; all other ports follow from it (`NodePorts`).
    public var basePort = 6667
    /// Whether the cluster gets a secret, which encrypts its links, unless the topology or the environment give one.
    public var isEncrypted = true
    /// The program that is a node, and its arguments before `--config FILE --exit-with-parent`.
    public var nodeCommand: [String]
    /// How the lines to copy call this program.
    public var programName = "roost"
    /// Where nodes run, by index, for those that do not simply run on this machine's loopback.
    public var places: [Int: NodePlace] = [:]
    /// The environment: settings of `ROOST_…` apply to every node.
    public var environment: [String: String] = [:]
    /// A node that does not serve by then fails the start.
    public var startLimit = Duration.seconds(30)
    /// A node that was told to stop and has not by then is killed.
    public var stopLimit = Duration.seconds(5)

    /// Options with their defaults, for nodes that are started by `nodeCommand`.
    public init(nodeCommand: [String]) {
        self.nodeCommand = nodeCommand
    }
}

/// Where one node runs, for a harness that puts something between the nodes.
public struct NodePlace: Sendable {
    /// The IPv4 address of its client port.
    public var clientHost = "127.0.0.1"
    /// The IPv4 address of its mesh ports.
    public var meshHost = "127.0.0.1"
    /// What the other nodes are told to connect to instead of its control port; nil for that port itself.
    public var advertised: Endpoint?
    /// What the command that starts the node is put behind, such as `ip netns exec NAME`; it must become the node.
    public var prefix: [String] = []

    /// A place on this machine's loopback, like that of any other node.
    public init() {}
}
