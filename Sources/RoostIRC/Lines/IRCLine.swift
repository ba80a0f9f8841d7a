// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// One line of the client protocol as a value, and what can be wrong with one. What a command means is the node's, where
// lines begin and end in a stream of bytes is the front end's.

/// One line of IRC: `[@tags] [:source] command [parameters]`.
///
/// See https://modern.ircdocs.horse/#message-format and https://ircv3.net/specs/extensions/message-tags
public struct IRCLine: Equatable, Sendable {
    /// The tags in the order sent. Where a key occurs twice, the last one counts: use ``tag(_:)``.
    public var tags: [Tag]
    /// The sender, a server name or `nick!user@host`, without its colon. Servers ignore what clients put here.
    public var source: String?
    /// The command in upper case, or three digits. Never empty in a parsed line.
    public var command: String
    /// The parameters; whether the last one was sent with a colon makes no difference.
    public var parameters: [String]

    /// A line of these parts. A command that is not in upper case does not survive printing and parsing as it is.
    public init(tags: [Tag] = [], source: String? = nil, command: String, parameters: [String] = []) {
        self.tags = tags
        self.source = source
        self.command = command
        self.parameters = parameters
    }

    /// The value of a tag, "" if it has none, or nil if there is no such tag.
    public func tag(_ key: String) -> String? {
        tags.last { $0.key == key }?.value
    }
}

/// How long the two sections of a line may be. What is longer is refused, never cut.
///
/// See https://ircv3.net/specs/extensions/message-tags#size-limit
public struct LineLimits: Equatable, Sendable {
    /// The most bytes of the tag section, its `@` and the space after it included.
    public var tagBytesMax: Int
    /// The most bytes of the rest of the line, its CR and LF included.
    public var bodyBytesMax: Int

    /// Limits of these sizes in bytes.
    public init(tagBytesMax: Int, bodyBytesMax: Int) {
        self.tagBytesMax = tagBytesMax
        self.bodyBytesMax = bodyBytesMax
    }

    /// What a client may send: 4,094 bytes of tags between `@` and space, and 512 bytes.
    public static let fromClient = LineLimits(tagBytesMax: 4_096, bodyBytesMax: 512)
    /// What a server may send: 8,191 bytes of tags with `@` and space, and 512 bytes.
    public static let fromServer = LineLimits(tagBytesMax: 8_191, bodyBytesMax: 512)
}

/// Why bytes are not a line.
public enum IRCLineError: Error, Equatable, Sendable {
    /// Nothing but spaces. To be ignored: "Empty messages are silently ignored" (RFC 1459 section 2.3.1).
    case empty
    /// A section is over its limit; 417 is the answer.
    case tooLong(LineSection)
    /// The bytes are not UTF-8.
    case notUTF8
    /// The bytes are not of the grammar.
    case malformed(LineFault)
}

/// The two parts of a line that have limits of their own.
public enum LineSection: Equatable, Sendable {
    /// From `@` to the space after the tags.
    case tags
    /// All the rest.
    case body
}

/// What in a line is not of the grammar.
public enum LineFault: Equatable, Sendable {
    /// There is a NUL, or a CR or LF before the end.
    case forbiddenByte
    /// There are tags or a source and nothing after them.
    case noCommand
    /// The command starts with `:` or `@`.
    case badCommand
}
