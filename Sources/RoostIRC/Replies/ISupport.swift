// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The tokens of 005 and their lines. Which features there are is the node's to say.

/// Collects what the server advertises in 005.
///
/// See https://modern.ircdocs.horse/#rplisupport-005
public struct ISupport: Equatable, Sendable {
    /// The most tokens of one line: 15 parameters, less the target and the text.
    public static let tokensPerLineMax = 13

    /// The tokens as they go out, in the order added.
    public private(set) var tokens: [String] = []

    /// No tokens.
    public init() {}

    /// Adds a feature, `NAME` or `NAME=value`; one of this name that is there already is replaced, since "a single
    /// RPL_ISUPPORT reply MUST NOT contain the same parameter multiple times".
    public mutating func add(_ name: String, _ value: String? = nil) {
        let token = value.map { "\(name)=\(Self.escaped($0))" } ?? name
        if let index = tokens.firstIndex(where: { $0 == name || $0.hasPrefix(name + "=") }) {
            tokens[index] = token
        } else {
            tokens.append(token)
        }
    }

    /// Adds a feature whose value is a number.
    public mutating func add(_ name: String, _ value: Int) {
        add(name, String(value))
    }

    /// The lines of 005: at most 13 tokens each, and at most `bytesMax` bytes of tokens, so that no line is cut.
    public func replies(bytesMax: Int = 350) -> [Reply] {
        var replies: [Reply] = []
        var line: [String] = []
        var lineBytes = 0
        for token in tokens {
            let bytes = token.utf8.count + 1
            if !line.isEmpty && (line.count == Self.tokensPerLineMax || lineBytes + bytes > bytesMax) {
                replies.append(.iSupport(line))
                line = []
                lineBytes = 0
            }
            line.append(token)
            lineBytes += bytes
        }
        if !line.isEmpty { replies.append(.iSupport(line)) }
        return replies
    }

    /// "The value MAY contain escape sequences: \x20 for the space character, \x5C for the backslash character and \x3D
    /// for the equal character".
    private static func escaped(_ value: String) -> String {
        var out = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case " ": out += "\\x20"
            case "\\": out += "\\x5C"
            case "=": out += "\\x3D"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}
