// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// New inputs from old ones, record by record: bytes changed anywhere would mostly spoil the frame that they are in.

import RoostModel

/// Changes inputs that are rows of records.
public struct RecordMutation {
    private var random: SeededRandom
    private let mutate: ([UInt8]) -> [UInt8]

    /// A way to change an input, the same for the same seed, that changes the bytes of one record by `mutate`.
    public init(seed: UInt64, mutate: @escaping ([UInt8]) -> [UInt8]) {
        random = SeededRandom(seed: seed)
        self.mutate = mutate
    }

    /// Another input much like that one.
    public mutating func changed(_ input: [UInt8]) -> [UInt8] {
        var records = Record.all(in: input)
        guard let index = records.indices.randomElement(using: &random) else { return mutate(input) }
        let record = records[index]
        let other = Int.random(in: records.indices, using: &random)
        switch Int.random(in: 0...9, using: &random) {
        case 0: records.insert(record, at: other)
        case 1: records.remove(at: index)
        case 2: records.swapAt(index, other)
        case 3:
            let option = Int.random(in: 0...7, using: &random)
            records[index] = Record(kind: record.kind, option: option, bytes: record.bytes)
        case 4:
            // From a capital letter to a small one, or back.
            records[index] = Record(kind: record.kind ^ 0x20, option: record.option, bytes: record.bytes)
        case 5: return mutate(input)
        default: records[index] = Record(kind: record.kind, option: record.option, bytes: mutate(record.bytes))
        }
        return Record.input(of: records)
    }
}
