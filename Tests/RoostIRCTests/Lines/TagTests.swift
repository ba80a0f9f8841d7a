// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Escaping of tag values, after the table of https://ircv3.net/specs/extensions/message-tags#escaping-values

import RoostIRC
import Testing

@Suite struct TagTests {
    @Test(arguments: [
        ("plain", "plain"), ("a\\:b", "a;b"), ("a\\sb", "a b"), ("a\\\\b", "a\\b"), ("a\\rb", "a\rb"),
        ("a\\nb", "a\nb"), ("\\\\s", "\\s"), ("lone\\", "lone"), ("a\\bc", "abc"), ("\\", ""), ("\\é", "é"),
    ])
    func escapesAreResolved(escaped: String, value: String) throws {
        #expect(try IRCLine(parsing: "@k=\(escaped) X").tags == [Tag("k", value)])
    }

    @Test(arguments: [("a;b", "a\\:b"), ("a b", "a\\sb"), ("a\\b", "a\\\\b"), ("a\r\nb", "a\\r\\nb"), ("a=:b", "a=:b")])
    func whatEndsAValueIsEscaped(value: String, escaped: String) {
        let line = IRCLine(tags: [Tag("k", value)], command: "X")
        #expect(String(decoding: line.bytes, as: UTF8.self) == "@k=\(escaped) X\r\n")
    }

    @Test func onlyAPlusMakesATagTheClients() {
        #expect(Tag("+typing", "active").isClientOnly)
        #expect(!Tag("msgid", "+1").isClientOnly)
    }
}
