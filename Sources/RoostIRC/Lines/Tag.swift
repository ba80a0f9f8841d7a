// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// One message tag, and the escaping of its value, both ways. Where tags stand in a line is IRCLine's.

/// A message tag: a key and its value, unescaped.
///
/// Keys are opaque, as the specification demands: a vendor (`example.com/`) and the client-only mark (`+`) are parts of
/// the key. A missing value and an empty one are the same: "".
/// See https://ircv3.net/specs/extensions/message-tags
public struct Tag: Hashable, Sendable {
    /// The key as sent, with its `+` if it has one. Never empty in a parsed line.
    public var key: String
    /// The value with its escapes resolved; "" where there is none.
    public var value: String

    /// A tag with this key and value.
    public init(_ key: String, _ value: String = "") {
        self.key = key
        self.value = value
    }

    /// Whether clients set this tag and servers only pass it on: its key starts with `+`.
    public var isClientOnly: Bool { key.utf8.first == .plus }
}

extension Tag {
    /// Appends `key=value`, or the key alone where the value is empty, with the value escaped.
    ///
    /// A key cannot be escaped: bytes that would end it or the line are left out.
    func append(to out: inout [UInt8]) {
        if key.utf8.span.contains(where: \.endsTagKey) {
            for byte in key.utf8 where !byte.endsTagKey { out.append(byte) }
        } else {
            out.append(contentsOf: key.utf8)
        }
        if value.isEmpty { return }
        out.append(.equals)
        Self.appendEscaped(value, to: &out)
    }

    /// Appends a value with its escapes.
    static func appendEscaped(_ value: String, to out: inout [UInt8]) {
        guard value.utf8.span.contains(where: \.needsEscape) else {
            out.append(contentsOf: value.utf8)
            return
        }
        for byte in value.utf8 {
            switch byte {
            case .semicolon: out.append(.backslash, .colon)
            case .space: out.append(.backslash, .lowerS)
            case .backslash: out.append(.backslash, .backslash)
            case .carriageReturn: out.append(.backslash, .lowerR)
            case .lineFeed: out.append(.backslash, .lowerN)
            case .null: break
            default: out.append(byte)
            }
        }
    }

    /// The value in `bytes` with its escapes resolved, or nil if that is not UTF-8.
    ///
    /// "If a lone \ exists at the end of an escaped value (with no escape character following it), then there SHOULD be
    /// no output character", and a backslash before any other character is dropped.
    static func unescaped(_ bytes: Span<UInt8>) -> String? {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        var isEscape = false
        for index in bytes.indices {
            let byte = bytes[index]
            if !isEscape && byte == .backslash {
                isEscape = true
                continue
            }
            out.append(isEscape ? resolvedEscape(byte) : byte)
            isEscape = false
        }
        return String(validating: out.span)
    }

    private static func resolvedEscape(_ byte: UInt8) -> UInt8 {
        switch byte {
        case .colon: .semicolon
        case .lowerS: .space
        case .lowerR: .carriageReturn
        case .lowerN: .lineFeed
        default: byte
        }
    }
}

extension UInt8 {
    fileprivate var needsEscape: Bool {
        switch self {
        case .null, .lineFeed, .carriageReturn, .space, .semicolon, .backslash: true
        default: false
        }
    }

    fileprivate var endsTagKey: Bool {
        switch self {
        case .null, .lineFeed, .carriageReturn, .space, .semicolon, .equals: true
        default: false
        }
    }
}
