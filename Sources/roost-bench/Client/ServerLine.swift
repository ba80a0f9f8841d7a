// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Takes a line from a server apart as far as a load generator needs: its command, where the parameters begin, and for
// a message where its text lies. Tags and source are skipped. Offsets only, no copies.
// Grammar: RFC 1459 section 2.3.1 and https://ircv3.net/specs/extensions/message-tags.

/// A command or numeric of up to eight bytes, packed into one word so that comparing costs one instruction.
struct Verb: Equatable {
    private let packed: UInt64

    init(_ name: StaticString) {
        var packed: UInt64 = 0
        name.withUTF8Buffer { for byte in $0 { packed = packed << 8 | UInt64(byte) } }
        self.packed = packed
    }

    init?(_ bytes: Span<UInt8>) {
        guard (1...8).contains(bytes.count) else { return nil }
        var packed: UInt64 = 0
        for offset in bytes.indices { packed = packed << 8 | UInt64(bytes[offset]) }
        self.packed = packed
    }

    /// The value of a three-digit numeric, nil for a word.
    var numeric: Int? {
        guard packed >> 24 == 0, packed >> 16 != 0 else { return nil }
        var value = 0
        for shift: UInt64 in [16, 8, 0] {
            let digit = UInt8(truncatingIfNeeded: packed >> shift) &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            value = value * 10 + Int(digit)
        }
        return value
    }

    static let privmsg = Verb("PRIVMSG")
    static let ping = Verb("PING")
    static let pong = Verb("PONG")
    static let error = Verb("ERROR")
}

/// Where the parts of one line lie.
struct ServerLine {
    let verb: Verb
    /// Offset of the first parameter; equal to the line's length when there is none.
    let parameters: Int

    /// Nil for what is no IRC line, an empty one included.
    init?(_ line: Span<UInt8>) {
        var offset = 0
        for mark in [UInt8(ascii: "@"), UInt8(ascii: ":")] where offset < line.count && line[offset] == mark {
            guard let space = line.firstOffset(of: UInt8(ascii: " "), from: offset) else { return nil }
            offset = space + 1
        }
        let end = line.firstOffset(of: UInt8(ascii: " "), from: offset) ?? line.count
        guard let verb = Verb(line.extracting(offset..<end)) else { return nil }
        self.verb = verb
        parameters = min(end + 1, line.count)
    }

    /// The last parameter: after ` :` or, in its absence, after the first parameter's space.
    func text(in line: Span<UInt8>) -> Range<Int> {
        var offset = parameters
        while offset < line.count {
            if line[offset] == UInt8(ascii: ":") { return offset + 1..<line.count }
            guard let space = line.firstOffset(of: UInt8(ascii: " "), from: offset) else { break }
            offset = space + 1
        }
        return offset..<line.count
    }
}
