// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Bytes cut at line ends, for the socket and for a pipe's input.

/// Collects bytes and gives whole lines.
struct LineSplitter: Sendable {
    /// A longer line is cut there, and the rest of it becomes a line of its own.
    let bytesMax: Int
    private var bytes: [UInt8] = []
    /// Where the lines not yet taken begin.
    private var start = 0

    init(bytesMax: Int) {
        self.bytesMax = bytesMax
    }

    mutating func append(_ more: some Sequence<UInt8>) {
        bytes.append(contentsOf: more)
    }

    /// The next line without its end (LF or CR LF), or nil until there is a whole one.
    mutating func next() -> ArraySlice<UInt8>? {
        let rest = bytes[start...]
        if let end = rest.prefix(bytesMax + 1).firstIndex(of: UInt8(ascii: "\n")) {
            start = end + 1
            let line = rest[..<end]
            return line.last == UInt8(ascii: "\r") ? line.dropLast() : line
        }
        if rest.count > bytesMax {
            start += bytesMax
            return rest.prefix(bytesMax)
        }
        bytes.removeFirst(start)
        start = 0
        return nil
    }

    /// What is left when no more will come; a last line without an end.
    mutating func takeRest() -> [UInt8]? {
        defer {
            bytes = []
            start = 0
        }
        return start < bytes.count ? Array(bytes[start...]) : nil
    }
}
