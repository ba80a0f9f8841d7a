// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What the driver asks of a machine. There is one in the product, RoostNode's `Node`; tests script their own.

import RoostModel
import RoostNode

/// A value that takes inputs and gives effects, one step at a time.
public protocol Machine: Sendable {
    /// When the machine wants `deadlineReached`, unless something else happens before; nil for never.
    var nextDeadline: Instant? { get }
    /// How far the machine has applied each stream, its own included; empty where that is of no interest.
    var applied: Vector { get }

    /// Takes one input and appends what it orders.
    mutating func step(_ input: NodeInput, at now: Moment, into effects: inout NodeEffects)
}

extension Machine {
    /// Of no interest.
    public var applied: Vector { Vector() }
}

/// Where inputs go: the driver, seen from the sockets.
public protocol InputSink: Sendable {
    /// Steps the machine through inputs, in order and with nothing in between.
    ///
    /// - Parameter readAt: when the first of the bytes behind the inputs were read from a client, to measure how long what
    ///   they cause takes to reach the kernel; nil where nothing is to be measured.
    func receive(_ inputs: [NodeInput], readAt: Instant?)
}

extension InputSink {
    /// Steps the machine through inputs that did not come from a client's bytes.
    public func receive(_ inputs: [NodeInput]) { receive(inputs, readAt: nil) }
}
