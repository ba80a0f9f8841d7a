// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What is on its way in a simulated cluster, and by which way. How long it takes and what is lost is the network's affair.

import RoostModel
import RoostNode
import RoostRoster

/// One connection of a link: whenever the sockets of a link connect again, it is another.
struct Wire: Hashable, Sendable {
    /// The node that opened the link, by its place.
    let node: Int
    /// Its link.
    let link: LinkID
    /// Counts the connections of the whole cluster.
    let serial: UInt64
}

/// Something on its way, or something else that is to happen at a node.
struct Delivery: Sendable {
    /// What a node publishes, by topic.
    enum Topic: Sendable {
        case events
        case acknowledgement
        case heartbeat
    }

    /// What arrives. Everything that one node says to another crosses as bytes.
    enum Content: Sendable {
        /// A frame of the stream of the node at the other end.
        case frame(Topic, Wire, [UInt8])
        /// A control message from the node that opened the link.
        case request(Wire, [UInt8])
        /// A control message to it.
        case answer(Wire, [UInt8])
        /// The sockets of a link try to connect.
        case attempt(LinkID)
        /// They are connected.
        case connected(Wire)
        /// The subscription has come to the node at the other end.
        case subscribed(Wire)
        /// The connection was reset by the other end.
        case reset(Wire)
        /// Nothing has got through for so long that the kernel gives the connection up, if it is still so.
        case timeout(Wire)
        /// The oldest batch of deliveries to clients reaches the kernel.
        case handOver
        /// The process ends: all is said and done.
        case exit
        /// Something for the machine alone.
        case input(NodeInput)
        /// A client is told something.
        case sight(SimulatedCluster.Sighting)
    }

    /// The node, by its place in the cluster; for what clients are told, the node that told them.
    let node: Int
    /// The life of that node that it is meant for. Another one gets nothing of it.
    let life: Int
    let content: Content
}

/// What a step has told clients, and how far the machine had come then.
struct Batch: Sendable {
    let sights: [SimulatedCluster.Sighting]
    let progress: Progress
}

/// One way from a node to another: packets on it do not overtake each other.
struct Path: Hashable, Sendable {
    /// Which of the sockets.
    enum Kind: Hashable, Sendable {
        case stream
        case control
        /// Within a node.
        case local
        /// From a node's machine to its kernel.
        case kernel
        /// To a client, by its number.
        case client
    }

    let from: Int
    let to: Int
    let kind: Kind
}
