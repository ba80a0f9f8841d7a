// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Finds lines in bytes as they were read, without copying them. What a line means is ServerLine's business; keeping the
// part of a line that has not ended yet is the fleet's.

import Glibc

/// Walks the whole lines of one buffer, in place.
struct LineScanner {
    /// The first byte that has not been handed out: what lies beyond the last line's end is a line that still grows.
    private(set) var offset = 0

    /// The bytes of the next whole line without its `\n` or `\r\n`, or nil when no further line has ended.
    mutating func next(in bytes: Span<UInt8>) -> Range<Int>? {
        guard let end = bytes.firstOffset(of: UInt8(ascii: "\n"), from: offset) else { return nil }
        let start = offset
        offset = end + 1
        let isPrecededByReturn = end > start && bytes[end - 1] == UInt8(ascii: "\r")
        return start..<(isPrecededByReturn ? end - 1 : end)
    }
}

extension Span<UInt8> {
    /// The offset of the first `byte` at or after `start`. Uses memchr, which looks at 32 bytes at a time: this and the
    /// system calls are nearly all the generator does for a message.
    func firstOffset(of byte: UInt8, from start: Int) -> Int? {
        guard start < count else { return nil }
        return extracting(start...).withUnsafeBufferPointer { rest in
            guard let base = rest.baseAddress, let found = memchr(base, Int32(byte), rest.count) else { return nil }
            return start + UnsafeRawPointer(base).distance(to: found)
        }
    }

    /// Text for people, such as a server's reason to refuse; not for the hot path.
    var text: String {
        withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }
}
