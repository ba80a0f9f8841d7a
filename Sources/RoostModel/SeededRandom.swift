// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Randomness from a seed, for what must be the same in every run.

/// A small seeded generator (SplitMix64; Steele, Lea, Flood 2014). Not for secrets.
public struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// A generator that gives the same numbers for the same seed, on every machine.
    public init(seed: UInt64) { state = seed }

    /// The next of the seed's numbers.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mix(state)
    }

    /// The output function, which spreads each bit of its input over all bits of its output.
    static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// A 64-bit hash that is the same in every process, for digests and names computed alike on all nodes. Not for secrets,
/// and not against people who choose its input.
public struct StableHash: Sendable {
    private var state: UInt64 = 0xCBF2_9CE4_8422_2325

    /// A hash of nothing yet.
    public init() {}

    /// Adds a number.
    public mutating func combine(_ value: UInt64) {
        state = SeededRandom.mix(state ^ value &* 0x9E37_79B9_7F4A_7C15)
    }

    /// Adds a text, with its end marked so that two texts in a row are not one.
    public mutating func combine(_ text: String) {
        var word: UInt64 = 0
        var filled: UInt64 = 0
        for byte in text.utf8 {
            word = word << 8 | UInt64(byte)
            filled += 1
            if filled % 8 == 0 {
                combine(word)
                word = 0
            }
        }
        combine(word)
        combine(filled)
    }

    /// Adds an event's place.
    public mutating func combine(_ event: EventID) {
        combine(event.node.rawValue)
        combine(event.epoch.rawValue)
        combine(event.sequence)
    }

    /// The hash of what was added.
    public var value: UInt64 { SeededRandom.mix(state) }
}
