// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The bytes that the grammar knows by name, and strings made from bytes safely and without needless allocation.

extension UInt8 {
    static let null: UInt8 = 0x00
    static let bell: UInt8 = 0x07
    static let lineFeed: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D
    static let space: UInt8 = 0x20
    static let exclamation: UInt8 = 0x21
    static let hash: UInt8 = 0x23
    static let asterisk: UInt8 = 0x2A
    static let plus: UInt8 = 0x2B
    static let comma: UInt8 = 0x2C
    static let minus: UInt8 = 0x2D
    static let dot: UInt8 = 0x2E
    static let zero: UInt8 = 0x30
    static let colon: UInt8 = 0x3A
    static let semicolon: UInt8 = 0x3B
    static let equals: UInt8 = 0x3D
    static let question: UInt8 = 0x3F
    static let at: UInt8 = 0x40
    static let backslash: UInt8 = 0x5C
    static let underscore: UInt8 = 0x5F
    static let lowerN: UInt8 = 0x6E
    static let lowerR: UInt8 = 0x72
    static let lowerS: UInt8 = 0x73

    /// Whether this byte may occur nowhere in a line: NUL, CR, LF.
    /// See https://modern.ircdocs.horse/#message-format
    @inline(__always)
    var isForbiddenInLine: Bool { self == .null || self == .lineFeed || self == .carriageReturn }

    /// Whether this byte continues a UTF-8 character that an earlier one began.
    @inline(__always)
    var continuesCharacter: Bool { self & 0xC0 == 0x80 }

    @inline(__always)
    var isUpper: Bool { self >= 0x41 && self <= 0x5A }

    @inline(__always)
    var isLower: Bool { self >= 0x61 && self <= 0x7A }

    var isLetter: Bool { isUpper || isLower }

    var isDigit: Bool { self >= 0x30 && self <= 0x39 }

    @inline(__always)
    var lowered: UInt8 { isUpper ? self | 0x20 : self }

    @inline(__always)
    var raised: UInt8 { isLower ? self & 0xDF : self }
}

extension Array where Element == UInt8 {
    mutating func append(_ first: UInt8, _ second: UInt8) {
        append(first)
        append(second)
    }
}

extension Span<UInt8> {
    @inline(__always)
    func contains(where isWanted: (UInt8) -> Bool) -> Bool {
        for index in indices where isWanted(self[index]) { return true }
        return false
    }
}

extension String {
    /// A copy of `bytes`, or nil if they are not UTF-8.
    init?(validating bytes: Span<UInt8>) {
        do {
            self.init(copying: try UTF8Span(validating: bytes))
        } catch {
            return nil
        }
    }

    /// A copy of `bytes` with each of them replaced by `replacement`, or nil if the result is not UTF-8.
    ///
    /// Names and commands are short, and up to 64 bytes are replaced without an array.
    @inline(__always)
    init?(replacing bytes: Span<UInt8>, with replacement: (UInt8) -> UInt8) {
        if bytes.count <= 64 {
            var copy = InlineArray<64, UInt8>(repeating: 0)
            for index in bytes.indices { copy[index] = replacement(bytes[index]) }
            self.init(validating: copy.span.extracting(..<bytes.count))
        } else {
            var copy: [UInt8] = []
            copy.reserveCapacity(bytes.count)
            for index in bytes.indices { copy.append(replacement(bytes[index])) }
            self.init(validating: copy.span)
        }
    }
}
