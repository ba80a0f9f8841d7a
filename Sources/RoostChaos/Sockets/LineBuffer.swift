// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Bytes that arrive in pieces, and the lines in them.

/// Cuts lines out of a stream.
struct LineBuffer {
    private var bytes: [UInt8] = []

    /// Adds bytes, and gives the lines that they complete, without their ends. Bytes that are not UTF-8 are replaced.
    mutating func take(_ more: [UInt8]) -> [String] {
        bytes.append(contentsOf: more)
        var lines: [String] = []
        var start = bytes.startIndex
        while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
            let line = bytes[start..<end]
            lines.append(String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self))
            start = end + 1
        }
        bytes.removeFirst(start)
        return lines
    }
}
