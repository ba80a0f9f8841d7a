// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Nicks and channel names that no other row and no other run uses, so that what a server still remembers of the last
// one cannot collide with the next. Nine letters at most, which is what RFC 1459 section 1.2 allows.

/// The names of one row: `b`, two letters for the run, two for the row, four for the client.
struct NickNames {
    private let prefix: String

    /// `run` sets this process apart from others, `row` this row from those before it.
    init(run: Int, row: Int) {
        prefix = "b" + Self.letters(run, 2) + Self.letters(row, 2)
    }

    func nick(_ client: Int) -> String { prefix + Self.letters(client, 4) }

    func channel(_ number: Int) -> String { "#" + prefix + Self.letters(number, 3) }

    private static func letters(_ number: Int, _ count: Int) -> String {
        var rest = number
        var letters: [UInt8] = []
        for _ in 0..<count {
            letters.append(UInt8(ascii: "a") + UInt8(rest % 26))
            rest /= 26
        }
        return String(decoding: letters.reversed(), as: UTF8.self)
    }
}
