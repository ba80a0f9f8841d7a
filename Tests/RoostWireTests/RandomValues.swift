// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Ids, times, names and texts from a seed: mostly ordinary ones, sometimes the extremes that a field may have.

import RoostModel
import RoostRoster

/// Makes values at random; the same ones for the same seed.
struct RandomValues {
    private var random: SeededRandom

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    mutating func number(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &random) }

    mutating func bool() -> Bool { .random(using: &random) }

    mutating func element<Element>(of choices: [Element]) -> Element { choices[number(0...choices.count - 1)] }

    mutating func list<Element>(_ counts: ClosedRange<Int>, _ make: (inout Self) -> Element) -> [Element] {
        (0..<number(counts)).map { _ in make(&self) }
    }

    mutating func maybe<Value>(_ make: (inout Self) -> Value) -> Value? { bool() ? make(&self) : nil }

    mutating func word64() -> UInt64 {
        switch number(0...7) {
        case 0: .max
        case 1: 0
        default: random.next() >> UInt64(number(0...63))
        }
    }

    mutating func word32() -> UInt32 { UInt32(truncatingIfNeeded: word64()) }

    mutating func node() -> NodeID {
        NodeID(element(of: ["node1", "node2", "node3", "a", "z_.-90", "twelve-chars"])) ?? Self.node1
    }

    mutating func epoch() -> Epoch { Epoch(bool() ? 1_764_000_000_000 + UInt64(number(0...3)) : word64()) }

    /// A time; usually close to the one before.
    mutating func time() -> HybridTime { HybridTime(rawValue: bool() ? Self.now + UInt64(number(0...99)) : word64()) }

    mutating func wall() -> WallTime { WallTime(milliseconds: word64()) }

    mutating func id() -> EventID {
        EventID(node: node(), epoch: epoch(), sequence: max(1, bool() ? UInt64(number(1...99_999)) : word64()))
    }

    mutating func life() -> Life { Life(node: node(), epoch: epoch()) }

    mutating func ids() -> [EventID] { list(0...3) { $0.id() } }

    mutating func birth() -> Birth { Birth(time: time(), node: node()) }

    mutating func vector() -> Vector {
        var vector = Vector()
        for _ in 0..<number(0...4) {
            vector[node()] = Vector.Position(epoch: epoch(), sequence: word64())
        }
        return vector
    }

    mutating func nick() -> Nick { Nick(element(of: ["alice", "Bob", "[x]\\^", "Zoë", "n"])) }

    mutating func channel() -> ChannelName { ChannelName(element(of: ["#lobby", "#Äpfel", "#", "&local", "#A,b"])) }

    mutating func text() -> String {
        switch number(0...4) {
        case 0: ""
        case 1: String(repeating: "ü", count: number(1...200))
        case 2: "\u{1}ACTION waves at 👩‍👩‍👧 and \u{301}\u{1}"
        default: String(repeating: "word ", count: number(1...30))
        }
    }

    mutating func bits<Bits: OptionSet>(_ known: Bits) -> Bits where Bits.RawValue == UInt8 {
        Bits(rawValue: UInt8(truncatingIfNeeded: random.next()) & known.rawValue)
    }

    static let now: UInt64 = 1_764_000_000_000 << 16
    static let node1 = EventID("node1/1/1")?.node ?? { preconditionFailure("node1 is a name") }()
}
