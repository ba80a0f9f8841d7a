// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Random test cases that a seed repeats. A failing property names its seed.

/// SplitMix64: https://prng.di.unimi.it/splitmix64.c
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func number(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &self) }

    mutating func chance(oneIn count: Int) -> Bool { number(1...count) == 1 }

    mutating func element<Element>(of choices: [Element]) -> Element { choices[number(0...(choices.count - 1))] }

    mutating func text(of alphabet: [Character], _ length: ClosedRange<Int>) -> String {
        let count = number(length)
        return String((0..<count).map { _ in element(of: alphabet) })
    }
}
