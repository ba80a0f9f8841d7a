// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Which nicks, channel names, user names and keys are legal. Who may have one is the node's.

/// Whether this can be a nick: 1 to `bytesMax` letters, digits and ``[]\`_^{|}-``, the first not a digit or `-`.
///
/// As RFC 2812 section 2.3.1 has it, but for its length: https://datatracker.ietf.org/doc/html/rfc2812#section-2.3.1
public func isValidNick(_ nick: String, bytesMax: Int) -> Bool {
    let bytes = nick.utf8
    guard let first = bytes.first, bytes.count <= bytesMax, !first.isDigit, first != .minus else { return false }
    return bytes.allSatisfy(\.isNickByte)
}

/// Whether this can be a channel name: `#`, then at least one character; no space, comma, control-G, NUL, CR or LF.
///
/// See https://modern.ircdocs.horse/#channels
public func isValidChannelName(_ name: String, bytesMax: Int) -> Bool {
    let bytes = name.utf8
    guard bytes.first == .hash, bytes.count > 1, bytes.count <= bytesMax else { return false }
    return bytes.allSatisfy { $0 != .space && $0 != .comma && $0 != .bell && !$0.isForbiddenInLine }
}

/// Whether this names a channel and not a nick, legal or not: it starts with `#`.
public func isChannelName(_ name: String) -> Bool {
    name.utf8.first == .hash
}

/// The user name that `USER` asks for with all but ASCII letters, digits, `.`, `_` and `-` left out and cut to
/// `bytesMax` bytes, or nil if nothing is left: 468.
public func sanitisedUserName(_ name: String, bytesMax: Int) -> String? {
    let kept = name.utf8.lazy.filter { $0.isLetter || $0.isDigit || $0 == .dot || $0 == .underscore || $0 == .minus }
    let text = String(decoding: Array(kept.prefix(max(0, bytesMax))), as: UTF8.self)
    return text.isEmpty ? nil : text
}

/// Whether this can be a channel's key: 1 to `bytesMax` bytes without control characters, space, comma (it separates
/// keys in JOIN) and a leading colon (it could not be a middle parameter).
///
/// See https://modern.ircdocs.horse/#key-channel-mode
public func isValidKey(_ key: String, bytesMax: Int) -> Bool {
    let bytes = key.utf8
    guard let first = bytes.first, first != .colon, bytes.count <= bytesMax else { return false }
    return bytes.allSatisfy { $0 > .space && $0 != .comma && $0 != 0x7F }
}

extension UInt8 {
    fileprivate var isNickByte: Bool {
        switch self {
        case .minus, 0x5B...0x60, 0x7B...0x7D: true
        default: isLetter || isDigit
        }
    }
}
