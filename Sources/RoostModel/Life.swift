// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The lives of a node. What belongs to a node in the cluster belongs to one of its lives.

/// One life of a node. A restart is a new, higher epoch.
public struct Epoch: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// At least the milliseconds since 1970 at which the life began; above every earlier epoch of the node.
    public let rawValue: UInt64

    /// The epoch of that number.
    public init(_ rawValue: UInt64) { self.rawValue = rawValue }

    /// Orders by number: a later life is the greater.
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    /// The number in base 36, as it stands in event ids.
    public var description: String { String(rawValue, radix: 36) }
}

/// A node from one start to its end: whatever it publishes, and every user who is connected to it, belongs to one.
public struct Life: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Whose life it is.
    public let node: NodeID
    /// Which of the node's lives.
    public let epoch: Epoch

    /// That life of that node.
    public init(node: NodeID, epoch: Epoch) {
        self.node = node
        self.epoch = epoch
    }

    /// Orders by node, then by epoch.
    public static func < (left: Self, right: Self) -> Bool { (left.node, left.epoch) < (right.node, right.epoch) }

    /// `node/epoch`, the epoch in base 36: how the ids of its events begin.
    public var description: String { "\(node.name)/\(epoch)" }
}
