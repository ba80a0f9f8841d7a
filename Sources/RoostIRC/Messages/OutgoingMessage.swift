// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What the server says to clients, once for all who hear it, and its bytes for each set of capabilities. To whom it
// goes and in which buffer is for others.

/// A message to one or many clients, independent of what they negotiated.
///
/// Its bytes depend on the recipient's capabilities through ``variantMask`` alone, so a fan-out encodes once per
/// distinct ``variant(for:)`` and shares the bytes.
///
/// What the grammar cannot carry is mended rather than trusted: NUL, CR and LF become spaces (`_` in a parameter that
/// is not the last), and there a space becomes `_`, an empty parameter `*`, and a leading colon gets a zero before it.
public struct OutgoingMessage: Sendable {
    /// A message passes through several queues: it is copied as one reference.
    private final class Parts: Sendable {
        let time: UInt64?
        let messageID: String?
        let batch: String?
        let clientTags: [Tag]
        let source: String?
        let command: String
        let parameters: [String]
        let extended: [String]
        let requires: CapabilitySet

        init(
            time: UInt64?, messageID: String?, batch: String?, clientTags: [Tag], source: String?, command: String,
            parameters: [String], extended: [String], requires: CapabilitySet
        ) {
            self.time = time
            self.messageID = messageID
            self.batch = batch
            self.clientTags = clientTags
            self.source = source
            self.command = command
            self.parameters = parameters
            self.extended = extended
            self.requires = requires
        }
    }

    private let parts: Parts

    /// A message of these parts.
    public init(
        time: UInt64? = nil, messageID: String? = nil, batch: String? = nil, clientTags: [Tag] = [], source: String?,
        command: String, parameters: [String], extended: [String] = [], requires: CapabilitySet = []
    ) {
        parts = Parts(
            time: time, messageID: messageID, batch: batch, clientTags: clientTags, source: source, command: command,
            parameters: parameters, extended: extended, requires: requires)
    }

    /// When it was said, in milliseconds since 1970 in UTC: a `time` tag for clients with `server-time`.
    public var time: UInt64? { parts.time }
    /// A `msgid` tag for clients with `message-tags` (https://ircv3.net/specs/extensions/message-ids).
    public var messageID: String? { parts.messageID }
    /// The reference of the batch that it belongs to, for clients with `batch`
    /// (https://ircv3.net/specs/extensions/batch).
    public var batch: String? { parts.batch }
    /// The sender's client-only tags, with their `+`, for clients with `message-tags`.
    public var clientTags: [Tag] { parts.clientTags }
    /// Who says it: the server's name, or `nick!user@host`.
    public var source: String? { parts.source }
    /// A command in upper case, or a numeric's three digits.
    public var command: String { parts.command }
    /// The parameters for all recipients.
    public var parameters: [String] { parts.parameters }
    /// More parameters for clients with `extended-join`: the account and the real name of who joined.
    public var extended: [String] { parts.extended }
    /// Clients that lack one of these get nothing.
    public var requires: CapabilitySet { parts.requires }

    /// The same message as part of a batch; of none where nil.
    public func inBatch(_ batch: String?) -> OutgoingMessage {
        batch == self.batch
            ? self
            : OutgoingMessage(
                time: time, messageID: messageID, batch: batch, clientTags: clientTags, source: source,
                command: command, parameters: parameters, extended: extended, requires: requires)
    }

    /// A numeric reply: `:source code target parameters`. The target is the client's nick, or `*` before it has one.
    public init(_ reply: Reply, source: String, target: String, time: UInt64? = nil) {
        self.init(time: time, source: source, command: reply.numeric.code, parameters: [target] + reply.parameters)
    }

    /// The capabilities on which the bytes of this message depend.
    public var variantMask: CapabilitySet {
        var mask = requires
        if time != nil { mask.insert(.serverTime) }
        if messageID != nil || !clientTags.isEmpty { mask.insert(.messageTags) }
        if batch != nil { mask.insert(.batch) }
        if !extended.isEmpty { mask.insert(.extendedJoin) }
        return mask
    }

    /// The part of a recipient's capabilities that matters here. Recipients of one variant get the same bytes.
    public func variant(for capabilities: CapabilitySet) -> CapabilitySet {
        capabilities.intersection(variantMask)
    }

    /// Appends one whole line, CR LF included, or nothing for recipients without what it requires.
    ///
    /// The line without its tags is at most 512 bytes: what is longer is cut between two characters of its end.
    public func encode(for capabilities: CapabilitySet, into out: inout [UInt8]) {
        guard capabilities.isSuperset(of: requires) else { return }
        appendTags(for: capabilities, to: &out)
        let bodyStart = out.count
        out.appendSource(source)
        out.append(contentsOf: command.utf8)

        let isExtended = !extended.isEmpty && capabilities.contains(.extendedJoin)
        let last = isExtended ? extended.last : parameters.last
        for parameter in isExtended ? parameters[...] : parameters.dropLast() { out.appendMiddle(parameter) }
        if isExtended {
            for parameter in extended.dropLast() { out.appendMiddle(parameter) }
        }
        if let last { out.appendLast(last, withColon: isExtended || endsInText) }

        out.cut(to: LineLimits.fromServer.bodyBytesMax - 2, from: bodyStart)
        out.append(.carriageReturn, .lineFeed)
    }

    /// Room for most lines, with their tags.
    private static let usualBytes = 256

    /// The line for recipients with these capabilities: see ``encode(for:into:)``.
    public func encoded(for capabilities: CapabilitySet) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(Self.usualBytes)
        encode(for: capabilities, into: &out)
        return out
    }

    private func appendTags(for capabilities: CapabilitySet, to out: inout [UInt8]) {
        var mark = UInt8.at
        if let time, capabilities.contains(.serverTime) {
            out.append(contentsOf: "@time=".utf8)
            ServerTime.append(millisecondsSince1970: time, to: &out)
            mark = .semicolon
        }
        if let batch, capabilities.contains(.batch) {
            out.append(mark)
            out.append(contentsOf: "batch=".utf8)
            Tag.appendEscaped(batch, to: &out)
            mark = .semicolon
        }
        if capabilities.contains(.messageTags) {
            if let messageID {
                out.append(mark)
                out.append(contentsOf: "msgid=".utf8)
                Tag.appendEscaped(messageID, to: &out)
                mark = .semicolon
            }
            for tag in clientTags {
                out.append(mark)
                tag.append(to: &out)
                mark = .semicolon
            }
        }
        if mark == .semicolon { out.append(.space) }
    }

    /// Whether the last parameter is free text, which is sent with its colon even where that is not needed: to parsers
    /// it makes no difference, and small bots that split a line at " :" are many.
    private var endsInText: Bool {
        switch command {
        case "PRIVMSG", "NOTICE", "TOPIC", "QUIT", "AWAY", "ERROR", "WALLOPS", "SETNAME", "PONG", "CAP", "FAIL", "NOTE":
            true
        case "PART", "KILL": parameters.count > 1
        case "KICK": parameters.count > 2
        default: Numeric(code: command)?.endsInText ?? false
        }
    }
}

extension Array where Element == UInt8 {
    /// Removes what is over `length` bytes from `start` on, and the whole of the character that the limit cuts.
    fileprivate mutating func cut(to length: Int, from start: Int) {
        guard count - start > length else { return }
        var end = start + length
        while end > start && self[end].continuesCharacter { end -= 1 }
        removeSubrange(end...)
    }
}

extension OutgoingMessage: Equatable {
    /// Whether all parts are the same.
    public static func == (left: Self, right: Self) -> Bool {
        left.parts === right.parts
            || left.time == right.time && left.messageID == right.messageID && left.batch == right.batch
                && left.clientTags == right.clientTags && left.source == right.source && left.command == right.command
                && left.parameters == right.parameters && left.extended == right.extended
                && left.requires == right.requires
    }
}
