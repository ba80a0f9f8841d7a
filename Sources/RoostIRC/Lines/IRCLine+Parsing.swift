// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Bytes to a line. One pass finds the parts in place and each part is copied once, into the string that keeps it.

extension IRCLine {
    /// Parses one line, with or without its line end (CR LF, or either alone).
    ///
    /// Lenient where the field is: spaces may lead, trail and repeat, an empty source is none, and a command may be of
    /// any characters, for 421 to name it.
    public init(parsing bytes: Span<UInt8>, limits: LineLimits = .fromClient) throws(IRCLineError) {
        let end = Self.endOfText(bytes)
        var at = Self.afterSpaces(bytes, from: 0, to: end)
        guard at < end else { throw .empty }

        var tags: [Tag] = []
        if bytes[at] == .at {
            let tagsEnd = try Self.afterWord(bytes, from: at, to: end)
            guard tagsEnd - at < limits.tagBytesMax else { throw .tooLong(.tags) }
            tags = try Self.tags(bytes.extracting((at + 1)..<tagsEnd))
            at = Self.afterSpaces(bytes, from: tagsEnd, to: end)
        }

        guard end - at <= limits.bodyBytesMax - 2 else { throw .tooLong(.body) }

        var source: String?
        if at < end && bytes[at] == .colon {
            let sourceEnd = try Self.afterWord(bytes, from: at, to: end)
            if sourceEnd > at + 1 { source = try Self.text(bytes.extracting((at + 1)..<sourceEnd)) }
            at = Self.afterSpaces(bytes, from: sourceEnd, to: end)
        }

        guard at < end else { throw .malformed(.noCommand) }
        guard bytes[at] != .colon && bytes[at] != .at else { throw .malformed(.badCommand) }
        let commandEnd = try Self.afterWord(bytes, from: at, to: end)
        guard let command = String(replacing: bytes.extracting(at..<commandEnd), with: { $0.raised }) else {
            throw .notUTF8
        }

        self.tags = tags
        self.source = source
        self.command = command
        self.parameters = try Self.parameters(bytes, from: commandEnd, to: end)
    }

    /// Parses one line from an array: see ``init(parsing:limits:)-(Span<UInt8>,_)``.
    public init(parsing bytes: [UInt8], limits: LineLimits = .fromClient) throws(IRCLineError) {
        try self.init(parsing: bytes.span, limits: limits)
    }

    /// Parses one line from part of an array, in place: see ``init(parsing:limits:)-(Span<UInt8>,_)``.
    public init(parsing bytes: ArraySlice<UInt8>, limits: LineLimits = .fromClient) throws(IRCLineError) {
        try self.init(parsing: bytes.span, limits: limits)
    }

    /// Parses one line from text: see ``init(parsing:limits:)-(Span<UInt8>,_)``.
    public init(parsing text: String, limits: LineLimits = .fromClient) throws(IRCLineError) {
        try self.init(parsing: text.utf8.span, limits: limits)
    }

    private static func parameters(
        _ bytes: Span<UInt8>, from start: Int, to end: Int
    ) throws(IRCLineError) -> [String] {
        var parameters: [String] = []
        var at = afterSpaces(bytes, from: start, to: end)
        while at < end {
            if bytes[at] == .colon {
                let last = bytes.extracting((at + 1)..<end)
                if last.contains(where: \.isForbiddenInLine) { throw .malformed(.forbiddenByte) }
                parameters.append(try text(last))
                break
            }
            let wordEnd = try afterWord(bytes, from: at, to: end)
            parameters.append(try text(bytes.extracting(at..<wordEnd)))
            at = afterSpaces(bytes, from: wordEnd, to: end)
        }
        return parameters
    }

    private static func tags(_ bytes: Span<UInt8>) throws(IRCLineError) -> [Tag] {
        var tags: [Tag] = []
        var keyStart = 0
        var keyEnd: Int?
        var hasEscape = false
        for index in 0...bytes.count {
            let byte = index < bytes.count ? bytes[index] : .semicolon
            switch byte {
            case .equals where keyEnd == nil: keyEnd = index
            case .backslash: hasEscape = true
            case .semicolon:
                let key = keyStart..<(keyEnd ?? index)
                let value = keyEnd.map { ($0 + 1)..<index } ?? index..<index
                if !key.isEmpty {
                    tags.append(
                        Tag(
                            try text(bytes.extracting(key)),
                            try tagValue(bytes.extracting(value), hasEscape: hasEscape)))
                }
                keyStart = index + 1
                keyEnd = nil
                hasEscape = false
            default: break
            }
        }
        return tags
    }

    private static func tagValue(_ bytes: Span<UInt8>, hasEscape: Bool) throws(IRCLineError) -> String {
        guard hasEscape else { return try text(bytes) }
        guard let value = Tag.unescaped(bytes) else { throw .notUTF8 }
        return value
    }

    /// A line is cut at ASCII bytes only, so it is UTF-8 where each of its parts is.
    private static func text(_ bytes: Span<UInt8>) throws(IRCLineError) -> String {
        guard let text = String(validating: bytes) else { throw .notUTF8 }
        return text
    }

    private static func endOfText(_ bytes: Span<UInt8>) -> Int {
        var end = bytes.count
        if end > 0 && bytes[end - 1] == .lineFeed { end -= 1 }
        if end > 0 && bytes[end - 1] == .carriageReturn { end -= 1 }
        return end
    }

    @inline(__always)
    private static func afterSpaces(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> Int {
        var at = start
        while at < end && bytes[at] == .space { at += 1 }
        return at
    }

    /// Throws at a CR or LF, which must never be passed on: some clients would end the line there and read what follows
    /// as the server's.
    @inline(__always)
    private static func afterWord(_ bytes: Span<UInt8>, from start: Int, to end: Int) throws(IRCLineError) -> Int {
        var at = start
        while at < end {
            if bytes[at] <= .space {
                if bytes[at] == .space { break }
                if bytes[at].isForbiddenInLine { throw .malformed(.forbiddenByte) }
            }
            at += 1
        }
        return at
    }
}
