// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The text of each message the generator sends: who sent it, the how-manieth of that sender it is, and padding. Whoever
// receives it can tell a lost, doubled, reordered or damaged message from a good one. The ledger does the judging.

/// Text of a fixed length: `~`, the sender in 6 hexadecimal digits, `.`, the sequence in 8, `.`, padding.
struct MessageBody {
    /// The shortest text that holds both numbers.
    static let shortest = 17
    private static let senderDigits = 1..<7
    private static let sequenceDigits = 8..<16

    /// The text with both numbers zero. Its padding is what every received text is compared with.
    private var template: [UInt8]

    init(length: Int) {
        precondition(length >= Self.shortest, "a body of \(length) bytes cannot hold its two numbers")
        template = Array("~000000.00000000.".utf8)
        let padding = Array("the quick brown fox jumps over the lazy dog ".utf8)
        while template.count < length { template.append(padding[template.count % padding.count]) }
        if template.last == UInt8(ascii: " ") { template[template.count - 1] = UInt8(ascii: "!") }
    }

    /// Appends the text to a line that is being written.
    mutating func append(sender: Int, sequence: UInt32, to line: inout [UInt8]) {
        Self.write(UInt32(truncatingIfNeeded: sender), to: &template, digits: Self.senderDigits)
        Self.write(sequence, to: &template, digits: Self.sequenceDigits)
        line.append(contentsOf: template)
    }

    /// Who sent this and as how-manieth, or nil if it is not, byte for byte, a text of this kind.
    func parse(_ text: Span<UInt8>) -> (sender: Int, sequence: UInt32)? {
        guard text.count == template.count, text[0] == UInt8(ascii: "~"), text[7] == UInt8(ascii: "."),
            let sender = Self.read(text, digits: Self.senderDigits),
            let sequence = Self.read(text, digits: Self.sequenceDigits)
        else { return nil }
        for offset in Self.sequenceDigits.upperBound..<text.count where text[offset] != template[offset] {
            return nil
        }
        return (Int(sender), sequence)
    }

    private static func write(_ value: UInt32, to bytes: inout [UInt8], digits: Range<Int>) {
        var rest = value
        for offset in digits.reversed() {
            let digit = UInt8(truncatingIfNeeded: rest & 15)
            bytes[offset] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
            rest >>= 4
        }
    }

    private static func read(_ bytes: Span<UInt8>, digits: Range<Int>) -> UInt32? {
        var value: UInt32 = 0
        for offset in digits {
            let byte = bytes[offset]
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            default: return nil
            }
            value = value << 4 | UInt32(digit)
        }
        return value
    }
}
