// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What is on its way between two machines.

import RoostNode

/// Something that crosses from one machine to another, as the bytes that it is on the wire.
struct Packet: Sendable {
    /// What the bytes are.
    enum Kind: Sendable {
        /// A run of events.
        case events
        /// A report of how far the sender has come.
        case acknowledgement
        /// A sign of life.
        case heartbeat
        /// A control message of the node that opened the link.
        case request
        /// A control message to it.
        case answer
        /// No bytes: the link from the receiver to the sender has its connection.
        case connected
        /// No bytes: the sender has subscribed to the receiver's stream.
        case subscribed
    }

    let kind: Kind
    /// The node that it comes from, by its place.
    let from: Int
    /// The node that it goes to.
    let to: Int
    let bytes: [UInt8]
}
