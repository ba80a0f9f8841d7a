// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// A line to bytes, and the writing of its parts, which OutgoingMessage shares.

extension IRCLine {
    /// The bytes of this line, with CR LF. Parsing them gives this line again.
    ///
    /// No limit is applied here. What the grammar cannot carry is mended as ``OutgoingMessage`` says.
    public var bytes: [UInt8] {
        var out: [UInt8] = []
        var mark = UInt8.at
        for tag in tags where !tag.key.isEmpty {
            out.append(mark)
            tag.append(to: &out)
            mark = .semicolon
        }
        if !out.isEmpty { out.append(.space) }
        out.appendSource(source)
        out.appendWord(command)
        for (index, parameter) in parameters.enumerated() {
            if index == parameters.count - 1 {
                out.appendLast(parameter, withColon: false)
            } else {
                out.appendMiddle(parameter)
            }
        }
        out.append(.carriageReturn, .lineFeed)
        return out
    }
}

extension Array where Element == UInt8 {
    /// Appends `:source `, if there is a source.
    mutating func appendSource(_ source: String?) {
        guard let source, !source.isEmpty else { return }
        append(.colon)
        appendWord(source)
        append(.space)
    }

    /// Appends a space and a parameter that others follow, which cannot be empty, start with a colon or hold a space.
    ///
    /// A leading colon gets a zero before it: "IPv6 addresses such as "::1" are prefixed with a zero"
    /// (https://modern.ircdocs.horse/#rplwhoisuser-311).
    mutating func appendMiddle(_ parameter: String) {
        append(.space)
        switch parameter.utf8.first {
        case nil: append(.asterisk)
        case .colon: append(.zero)
        default: break
        }
        appendWord(parameter)
    }

    /// Appends a space and the last parameter, after a colon where that is wanted or the grammar needs it.
    mutating func appendLast(_ parameter: String, withColon: Bool) {
        append(.space)
        let text = parameter.utf8
        let low = text.span.contains(where: { $0 <= .space })
        if withColon || low || text.first == nil || text.first == .colon { append(.colon) }
        let start = count
        append(contentsOf: text)
        guard low else { return }
        for index in start..<count where self[index].isForbiddenInLine { self[index] = .space }
    }

    /// Appends text that must not hold a space.
    mutating func appendWord(_ text: String) {
        let start = count
        append(contentsOf: text.utf8)
        guard text.utf8.span.contains(where: { $0 <= .space }) else { return }
        for index in start..<count where self[index] == .space || self[index].isForbiddenInLine {
            self[index] = .underscore
        }
    }
}
