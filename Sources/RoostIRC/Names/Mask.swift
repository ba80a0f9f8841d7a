// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Masks of users, as in ban lists: completed to nick!user@host and matched. The lists are the roster's.

/// A pattern for `nick!user@host`, in full form. Two masks are equal if they match alike.
///
/// See https://modern.ircdocs.horse/#ban-channel-mode
public struct Mask: Hashable, Sendable, CustomStringConvertible {
    /// The full form, in the case it was given in.
    public let text: String
    private let glob: Glob

    /// Completes what a client gave: `nick` to `nick!*@*`, `user@host` to `*!user@host`, `nick!user` to `nick!user@*`,
    /// and what has a dot or a colon, which no nick has, to `*!*@host`. Parts that are empty become `*`.
    ///
    /// Gives nil for what could not go out again in a list: empty, longer than `bytesMax` in full form, with a space or
    /// a control character, or with a colon at its start.
    public init?(normalising argument: String, bytesMax: Int) {
        guard !argument.isEmpty, argument.utf8.allSatisfy({ $0 > .space && $0 != 0x7F }) else { return nil }
        let text = Self.fullForm(argument)
        guard text.utf8.count <= bytesMax, text.utf8.first != .colon else { return nil }
        self.text = text
        glob = Glob(text)
    }

    /// Whether a user's `nick!user@host` matches.
    public func matches(_ user: String) -> Bool {
        glob.matches(user)
    }

    /// Equal masks have equal globs, whatever the case of their text.
    public static func == (one: Mask, other: Mask) -> Bool { one.glob == other.glob }

    /// Hashes what is compared.
    public func hash(into hasher: inout Hasher) { hasher.combine(glob) }

    /// The full form.
    public var description: String { text }

    private static func fullForm(_ argument: String) -> String {
        func orAny(_ part: Substring) -> Substring { part.isEmpty ? "*" : part }
        let at = argument.utf8.lastIndex(of: .at)
        let front = argument[..<(at ?? argument.endIndex)]
        let host = at.map { argument[argument.utf8.index(after: $0)...] }
        if let bang = front.utf8.firstIndex(of: .exclamation) {
            let user = front[front.utf8.index(after: bang)...]
            return "\(orAny(front[..<bang]))!\(orAny(user))@\(orAny(host ?? ""))"
        }
        if let host { return "*!\(orAny(front))@\(orAny(host))" }
        return front.utf8.contains(where: { $0 == .dot || $0 == .colon }) ? "*!*@\(front)" : "\(front)!*@*"
    }
}
