// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// An input that is a row of things that happen, one after the other.

/// One of them: what kind it is, a digit of options, and bytes.
struct Record {
    /// Between two records. Bytes can be put in and taken out on either side of it, and the other records stay.
    static let separator: [UInt8] = Array("\n%%\n".utf8)
    /// More of them in one input tell nothing new.
    static let countMax = 100

    let kind: UInt8
    /// From 0 to 7.
    let option: Int
    let bytes: [UInt8]

    /// The records of an input.
    static func all(in bytes: [UInt8]) -> [Record] {
        var records: [Record] = []
        var start = 0
        var at = 0
        while at < bytes.count, records.count < countMax {
            guard bytes[at...].starts(with: separator) else {
                at += 1
                continue
            }
            append(bytes[start..<at], to: &records)
            at += separator.count
            start = at
        }
        if records.count < countMax { append(bytes[start...], to: &records) }
        return records
    }

    /// The input that is these records.
    static func input(of records: [Record]) -> [UInt8] {
        Array(
            records.map { [$0.kind, UInt8(ascii: "0") + UInt8($0.option)] + $0.bytes }.joined(separator: separator))
    }

    private static func append(_ part: ArraySlice<UInt8>, to records: inout [Record]) {
        guard let kind = part.first, let option = part.dropFirst().first else { return }
        records.append(Record(kind: kind, option: Int(option & 7), bytes: Array(part.dropFirst(2))))
    }
}
