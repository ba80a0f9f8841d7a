// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What is wrong with bytes that a peer sent. Whether to drop, note or refuse is the caller's affair.

/// Bytes that are no frame of this protocol.
public struct WireError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of fault.
    public enum Code: Hashable, Sendable, CaseIterable {
        /// No message of the schema: cut off, not UTF-8, or not Protocol Buffers at all.
        case malformed
        /// A version of the protocol that this build does not speak.
        case unknownVersion
        /// A field, or a kind of event or control message, is not there, or not known here.
        case missing
        /// A number is not one of those that the field may have.
        case outOfRange
        /// Longer, or more of them, than `WireLimits` allows.
        case tooMuch
        /// A text with a character that it must not have.
        case illegalText
    }

    /// The kind of fault.
    public let code: Code
    /// Which field, what it holds and what it may hold, for the log.
    public let text: String

    /// That fault, in those words.
    public init(_ code: Code, _ text: String) {
        self.code = code
        self.text = text
    }

    /// The fault in words, as in `text`.
    public var description: String { text }
}
