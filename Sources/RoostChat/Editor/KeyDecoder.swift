// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Terminal bytes to keys: UTF-8, the escape sequences of xterm, VT and rxvt for the keys we use, and bracketed paste.
// Input may be cut anywhere. Sequences that we do not know are swallowed whole, so none ends up in the text.

/// Decodes what a terminal in raw mode sends.
struct KeyDecoder: Sendable {
    /// A paste longer than this is cut; the rest of it is swallowed.
    static let pasteBytesMax = 65_536
    /// An escape sequence longer than this is none of ours; it is dropped.
    static let sequenceBytesMax = 32

    private enum State {
        case ground
        case escape
        /// After `ESC [`, with the parameter bytes so far.
        case control([UInt8])
        /// After `ESC O`.
        case single
        /// Inside a character of several bytes: those read and how many are to come.
        case utf8([UInt8], missing: Int)
        case paste([UInt8])
    }

    private var state = State.ground

    /// Whether an Escape was read and what follows will say if it begins a sequence. When nothing follows within some
    /// 50 ms, the driver calls `giveUp()`.
    var isInsideEscape: Bool {
        if case .escape = state { return true }
        return false
    }

    /// Takes the bytes that were read and gives the keys that they complete.
    mutating func decode(_ bytes: some Sequence<UInt8>) -> [Key] {
        var keys: [Key] = []
        for byte in bytes {
            take(byte, into: &keys)
        }
        return keys
    }

    /// Forgets a lone Escape, which means nothing to us.
    mutating func giveUp() {
        if isInsideEscape { state = .ground }
    }

    private mutating func take(_ byte: UInt8, into keys: inout [Key]) {
        switch state {
        case .ground:
            takeGround(byte, into: &keys)
        case .escape:
            takeEscape(byte, into: &keys)
        case .control(var parameters):
            if (0x40...0x7E).contains(byte) {
                state = .ground
                finishControl(parameters, final: byte, into: &keys)
            } else if byte < 0x20 || parameters.count >= Self.sequenceBytesMax {
                state = .ground
            } else {
                parameters.append(byte)
                state = .control(parameters)
            }
        case .single:
            state = .ground
            if let key = Self.cursorKey(byte) { keys.append(key) }
        case .utf8(var read, let missing):
            guard byte & 0xC0 == 0x80 else {
                state = .ground
                keys.append(.text("\u{FFFD}"))
                take(byte, into: &keys)
                return
            }
            read.append(byte)
            if missing > 1 {
                state = .utf8(read, missing: missing - 1)
            } else {
                state = .ground
                let text = PlainText.oneLine(String(decoding: read, as: UTF8.self))
                if !text.isEmpty { keys.append(.text(text)) }
            }
        case .paste(var read):
            takePaste(byte, read: &read, into: &keys)
        }
    }

    private mutating func takeGround(_ byte: UInt8, into keys: inout [Key]) {
        switch byte {
        case 0x1B: state = .escape
        case 0x0D, 0x0A: keys.append(.enter)
        case 0x09: keys.append(.tab)
        case 0x08, 0x7F: keys.append(.backspace)
        case 0x01...0x1A: keys.append(.control(Character(Unicode.Scalar(byte + 0x60))))
        case 0x00, 0x1C...0x1F: break
        case 0x20...0x7E: keys.append(.text(String(Unicode.Scalar(byte))))
        case 0xC2...0xDF: state = .utf8([byte], missing: 1)
        case 0xE0...0xEF: state = .utf8([byte], missing: 2)
        case 0xF0...0xF4: state = .utf8([byte], missing: 3)
        default: keys.append(.text("\u{FFFD}"))
        }
    }

    private mutating func takeEscape(_ byte: UInt8, into keys: inout [Key]) {
        state = .ground
        switch byte {
        case UInt8(ascii: "["): state = .control([])
        case UInt8(ascii: "O"): state = .single
        case 0x1B: state = .escape
        case 0x7F, 0x08: keys.append(.control("w"))
        case UInt8(ascii: "b"): keys.append(.wordLeft)
        case UInt8(ascii: "f"): keys.append(.wordRight)
        case 0x20...0x7E: keys.append(.alt(Character(Unicode.Scalar(byte))))
        default: break
        }
    }

    private mutating func finishControl(_ parameters: [UInt8], final: UInt8, into keys: inout [Key]) {
        let text = String(decoding: parameters, as: UTF8.self)
        if final == UInt8(ascii: "~") {
            switch text {
            case "1", "7": keys.append(.home)
            case "4", "8": keys.append(.end)
            case "3": keys.append(.delete)
            case "5": keys.append(.pageUp)
            case "6": keys.append(.pageDown)
            case "200": state = .paste([])
            default: break
            }
            return
        }
        // xterm's modifiers: 3 is Alt, 5 is Control.
        let isModified = text == "1;5" || text == "1;3"
        switch final {
        case UInt8(ascii: "D") where isModified: keys.append(.wordLeft)
        case UInt8(ascii: "C") where isModified: keys.append(.wordRight)
        default:
            if text.isEmpty, let key = Self.cursorKey(final) { keys.append(key) }
        }
    }

    private static func cursorKey(_ final: UInt8) -> Key? {
        switch final {
        case UInt8(ascii: "A"): .up
        case UInt8(ascii: "B"): .down
        case UInt8(ascii: "C"): .right
        case UInt8(ascii: "D"): .left
        case UInt8(ascii: "H"): .home
        case UInt8(ascii: "F"): .end
        case UInt8(ascii: "M"): .enter
        default: nil
        }
    }

    private static let pasteEnd = Array("\u{1B}[201~".utf8)

    private mutating func takePaste(_ byte: UInt8, read: inout [UInt8], into keys: inout [Key]) {
        state = .ground
        if byte == Self.pasteEnd.last, read.count >= Self.pasteEnd.count - 1,
            read.suffix(Self.pasteEnd.count - 1).elementsEqual(Self.pasteEnd.dropLast())
        {
            read.removeLast(Self.pasteEnd.count - 1)
            let text = PlainText.manyLines(String(decoding: read, as: UTF8.self))
            if !text.isEmpty { keys.append(.paste(text)) }
            return
        }
        // At the limit the newest bytes are kept apart, so that the end of the paste is still recognised.
        if read.count >= Self.pasteBytesMax + Self.pasteEnd.count {
            read.remove(at: Self.pasteBytesMax)
        }
        read.append(byte)
        state = .paste(read)
    }
}
