// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What must be the same in every process and for ever: the numbers of a seed, and the hashes that nodes compare.

import RoostModel
import Testing

struct SeededRandomTests {
    @Test func theNumbersOfASeedAreSplitMix64s() {
        // Reference values of SplitMix64 for the seed 1234567, as the Rosetta Code task "Pseudo-random
        // numbers/Splitmix64" lists them.
        var random = SeededRandom(seed: 1_234_567)
        #expect(
            (0..<5).map { _ in random.next() } == [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
                4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
            ])
    }

    @Test func theSameSeedGivesTheSameChoices() {
        var (one, other) = (SeededRandom(seed: 9), SeededRandom(seed: 9))
        #expect((0..<50).shuffled(using: &one) == (0..<50).shuffled(using: &other))
        #expect(Int.random(in: 0..<1_000, using: &one) == Int.random(in: 0..<1_000, using: &other))
    }
}

struct StableHashTests {
    private func hash(_ body: (inout StableHash) -> Void) -> UInt64 {
        var hash = StableHash()
        body(&hash)
        return hash.value
    }

    @Test func aHashIsTheSameForEver() throws {
        // Nodes of two versions compare digests, and compute substitutes for nicks alike.
        let node = try #require(NodeID("node1"))
        #expect(hash { _ in } == 17_665_956_581_633_026_203)
        #expect(hash { $0.combine(UInt64(42)) } == 7_787_215_313_874_157_614)
        #expect(hash { $0.combine("alice") } == 16_065_404_199_506_111_527)
        #expect(hash { $0.combine(EventID(node: node, epoch: Epoch(1), sequence: 7)) } == 6_356_293_550_425_371_999)
    }

    @Test func textsInARowAreNotOneText() {
        let ways = [
            ["abc", ""], ["ab", "c"], ["", "abc"], ["abc"], ["a", "b", "c"], ["abcdefgh"], ["abcdefgh", ""],
        ]
        let hashes = ways.map { way in hash { for text in way { $0.combine(text) } } }
        #expect(Set(hashes).count == ways.count)
        #expect(hash { $0.combine("a\u{0}") } != hash { $0.combine("a") })
    }

    @Test func theOrderOfWhatIsAddedMatters() {
        #expect(
            hash {
                $0.combine(UInt64(1)); $0.combine(UInt64(2))
            }
                != hash {
                    $0.combine(UInt64(2)); $0.combine(UInt64(1))
                })
    }

    @Test func manyValuesHashApart() {
        let hashes = Set((UInt64(0)..<20_000).map { value in hash { $0.combine(value) } })
        #expect(hashes.count == 20_000)
    }
}
