// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Names of nodes packed into numbers: there and back, in order, and nothing else taken for one.

import RoostModel
import Testing

struct NodeIDTests {
    private let alphabet = Array("abcdefghijklmnopqrstuvwxyz0123456789-._")

    private func name(_ random: inout SeededRandom) -> String {
        let length = Int.random(in: 1...NodeID.nameLengthMax, using: &random)
        return String((0..<length).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &random)] })
    }

    @Test(arguments: ["a", "node1", "_", "a-b.c_d", "zzzzzzzzzzzz", "____________", "0", "abcdefghijkl"])
    func aNameComesBack(name: String) throws {
        let node = try #require(NodeID(name))
        #expect(node.name == name)
        #expect(node.description == name)
        #expect(NodeID(rawValue: node.rawValue) == node)
    }

    @Test func namesFromASeedComeBackInOrder() throws {
        var random = SeededRandom(seed: 1)
        for _ in 0..<1_000 {
            let (left, right) = (name(&random), name(&random))
            let (leftNode, rightNode) = (try #require(NodeID(left)), try #require(NodeID(right)))
            #expect(leftNode.name == left)
            #expect(NodeID(rawValue: leftNode.rawValue)?.name == left)
            #expect((leftNode == rightNode) == (left == right))
            #expect((leftNode < rightNode) == precedes(left, right))
        }
    }

    /// The order of names: character by character in the order of the alphabet, a name before those that it begins.
    private func precedes(_ left: String, _ right: String) -> Bool {
        let places = [left, right].map { $0.map { alphabet.firstIndex(of: $0) ?? -1 } }
        return places[0].lexicographicallyPrecedes(places[1])
    }

    @Test(arguments: ["", "abcdefghijklm", "Node", "a b", "a/b", "é", "a\u{0}", "a\n"])
    func whatIsNoNameIsRefused(text: String) {
        #expect(NodeID(text) == nil)
    }

    @Test func aNumberThatPacksNoNameIsRefused() throws {
        let node = try #require(NodeID("abcdefghijkl"))
        #expect(NodeID(rawValue: 0) == nil)
        // An empty place within a name, and before one.
        #expect(NodeID(rawValue: node.rawValue - node.rawValue % 1_600 + 5) == nil)
        #expect(NodeID(rawValue: 1) == nil)
        // More than twelve characters hold.
        #expect(NodeID(rawValue: .max) == nil)
    }

    @Test func aPackedNameIsTheSameForEver() throws {
        // It goes over the wire; another number would be another node.
        #expect(try #require(NodeID("node1")).rawValue == 6_030_397_931_520_000_000)
        #expect(try #require(NodeID("a")).rawValue == 419_430_400_000_000_000)
    }
}
