// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Names of people and channels, kept with the form in which they are compared.

/// A nickname, with the form by which two nicks are the same.
public struct Nick: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// As its user wrote it.
    public let text: String
    /// Lower-cased by the `ascii` case mapping.
    public let folded: String

    /// A nick whose spelling was checked where it came in.
    public init(_ text: String) {
        self.text = text
        folded = asciiLowercased(text)
    }

    /// Whether both fold to the same form, however they are written.
    public static func == (left: Self, right: Self) -> Bool { left.folded == right.folded }
    /// Orders by the folded form.
    public static func < (left: Self, right: Self) -> Bool { left.folded < right.folded }
    /// Hashes the folded form.
    public func hash(into hasher: inout Hasher) { hasher.combine(folded) }

    /// As it was written.
    public var description: String { text }
}

/// A channel's name, with the form by which two names are the same.
public struct ChannelName: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// As the one who made the channel wrote it.
    public let text: String
    /// Lower-cased by the `ascii` case mapping.
    public let folded: String

    /// A name whose spelling was checked where it came in.
    public init(_ text: String) {
        self.text = text
        folded = asciiLowercased(text)
    }

    /// Whether both fold to the same form, however they are written.
    public static func == (left: Self, right: Self) -> Bool { left.folded == right.folded }
    /// Orders by the folded form.
    public static func < (left: Self, right: Self) -> Bool { left.folded < right.folded }
    /// Hashes the folded form.
    public func hash(into hasher: inout Hasher) { hasher.combine(folded) }

    /// As it was written.
    public var description: String { text }
}

/// The text with `A` to `Z` in lower case; the same text, not copied, where it has none.
public func asciiLowercased(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 >= 0x41 && $0 <= 0x5A }) else { return text }
    return String(decoding: text.utf8.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }, as: UTF8.self)
}
