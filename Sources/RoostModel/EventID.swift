// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// How everything that is made in the cluster is named: by the event that made it.

/// The place of an event in the cluster: the node that published it, that node's epoch, and the event's number in it.
///
/// It names whatever the event brought into being, too: a user, a claim, a membership tag, a ban, a birth, a message
/// (printed, it is the `msgid` of IRCv3).
public struct EventID: Hashable, Sendable {
    /// The node whose stream holds the event.
    public let node: NodeID
    /// The life of the node in which it was published.
    public let epoch: Epoch
    /// Its number in the stream: 1, 2, 3, …
    public let sequence: UInt64

    /// The life of the node in which it was published.
    public var life: Life { Life(node: node, epoch: epoch) }

    /// The event with that number in that life of that node.
    public init(node: NodeID, epoch: Epoch, sequence: UInt64) {
        self.node = node
        self.epoch = epoch
        self.sequence = sequence
    }

    /// Hashes one word instead of three: users, and with them most of what is looked up, are named by events.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(node.rawValue &* 31 &+ epoch.rawValue &* 1_000_003 &+ sequence)
    }

    /// Reads what `description` prints; nil for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3,
            let node = NodeID(String(parts[0])),
            let epoch = UInt64(parts[1], radix: 36),
            let sequence = UInt64(parts[2], radix: 36)
        else { return nil }
        self.init(node: node, epoch: Epoch(epoch), sequence: sequence)
        // One event, one text: no signs, leading zeros or capitals.
        guard description == text else { return nil }
    }
}

extension EventID: Comparable, CustomStringConvertible {
    /// Orders by node, then by epoch, then by sequence; within one stream, as it happened.
    public static func < (left: Self, right: Self) -> Bool {
        (left.node, left.epoch, left.sequence) < (right.node, right.epoch, right.sequence)
    }

    /// `node/epoch/sequence`, the numbers in base 36. No two events print alike.
    public var description: String {
        // Every message has one, so it is not put together of strings.
        String(unsafeUninitializedCapacity: Self.lengthMax) { buffer in
            var end = node.write(to: buffer)
            for number in [epoch.rawValue, sequence] {
                buffer[end] = UInt8(ascii: "/")
                end = Self.write(number, to: buffer, at: end + 1)
            }
            return end
        }
    }

    /// The longest text: a name, and two numbers of at most 13 digits with a slash before each.
    private static let lengthMax = NodeID.nameLengthMax + 2 * 14

    /// Writes a number in base 36, without leading zeros. Returns where it ends.
    private static func write(_ number: UInt64, to buffer: UnsafeMutableBufferPointer<UInt8>, at start: Int) -> Int {
        var (end, power) = (start + 1, number / 36)
        while power > 0 { (end, power) = (end + 1, power / 36) }
        var rest = number
        for index in (start..<end).reversed() {
            let digit = UInt8(truncatingIfNeeded: rest % 36)
            buffer[index] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
            rest /= 36
        }
        return end
    }
}

/// How far each node's stream has been applied without a gap.
public struct Vector: Hashable, Sendable {
    /// The life of a node and the last of its events that was applied.
    public struct Position: Hashable, Comparable, Sendable {
        /// The life that the sequence counts in.
        public var epoch: Epoch
        /// The highest event applied with all before it; 0 before the first.
        public var sequence: UInt64

        /// That place in that life.
        public init(epoch: Epoch, sequence: UInt64) {
            self.epoch = epoch
            self.sequence = sequence
        }

        /// Orders by epoch, then by sequence: how far a stream has come through all its lives.
        public static func < (left: Self, right: Self) -> Bool {
            (left.epoch, left.sequence) < (right.epoch, right.sequence)
        }
    }

    /// A position for each node known.
    public var positions: [NodeID: Position]

    /// The vector of those positions.
    public init(_ positions: [NodeID: Position] = [:]) { self.positions = positions }

    /// The position in a node's stream; nil where nothing is known of it.
    public subscript(node: NodeID) -> Position? {
        get { positions[node] }
        set { positions[node] = newValue }
    }

    /// How far a life has been applied; 0 where the node's position is in another life of it.
    public func sequence(of life: Life) -> UInt64 {
        guard let position = positions[life.node], position.epoch == life.epoch else { return 0 }
        return position.sequence
    }

    /// Whether the event was applied, or belongs to a life that a later one has ended.
    public func covers(_ event: EventID) -> Bool {
        guard let position = positions[event.node] else { return false }
        return Position(epoch: event.epoch, sequence: event.sequence) <= position
    }

    /// The positions in order of node, for whatever must not depend on a dictionary's order.
    public var sorted: [(node: NodeID, position: Position)] {
        positions.map { (node: $0.key, position: $0.value) }.sorted { $0.node < $1.node }
    }
}
