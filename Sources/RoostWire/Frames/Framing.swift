// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Varints, as Protocol Buffers has them, and messages with their length before them: what a run of events is made of.

extension [UInt8] {
    mutating func append(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(rest))
    }

    /// Appends a number of either sign such that small ones are short.
    mutating func append(zigzag value: Int64) {
        append(varint: UInt64(bitPattern: value << 1 ^ value >> 63))
    }

    mutating func append(delimited part: [UInt8]) {
        append(varint: UInt64(part.count))
        append(contentsOf: part)
    }
}

/// Where in the bytes of a frame its reader is. The bytes themselves are passed along, as a span cannot be kept.
struct Cursor {
    /// Never above the count of the bytes.
    private(set) var offset = 0

    func isAtEnd(of bytes: RawSpan) -> Bool { offset == bytes.byteCount }

    mutating func varint(in bytes: RawSpan, _ field: StaticString) throws(WireError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while offset < bytes.byteCount, shift < 64 {
            let byte = bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
            offset += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw WireError(.malformed, "\(field): no varint, or one of more than 64 bits")
    }

    mutating func zigzag(in bytes: RawSpan, _ field: StaticString) throws(WireError) -> Int64 {
        let value = try varint(in: bytes, field)
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    /// Passes over a length and as many bytes, and says where the bytes are.
    mutating func part(of bytes: RawSpan, _ field: StaticString) throws(WireError) -> Range<Int> {
        let count = try varint(in: bytes, field)
        guard count <= UInt64(bytes.byteCount - offset) else {
            throw WireError(.malformed, "\(field): \(count) bytes, of which some are missing")
        }
        let part = offset..<offset + Int(count)
        offset = part.upperBound
        return part
    }
}
