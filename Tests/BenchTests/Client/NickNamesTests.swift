// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Aim: names fit every server and never repeat.

import Testing

@testable import roost_bench

struct NickNamesTests {
    @Test func namesAreShortAndDistinct() {
        var seen: Set<String> = []
        for row in 0..<3 {
            let names = NickNames(run: 31_337, row: row)
            for client in 0..<10_000 {
                let nick = names.nick(client)
                #expect(nick.utf8.count <= 9)
                #expect(seen.insert(nick).inserted)
            }
            for number in 0..<200 { #expect(seen.insert(names.channel(number)).inserted) }
        }
    }

    @Test(
        arguments: [
            ("127.0.0.1:6667", "127.0.0.1", 6667), ("[::1]:6668", "::1", 6668), ("irc.example:1", "irc.example", 1),
        ] as [(String, String, UInt16)])
    func anEndpointIsHostAndPort(text: String, host: String, port: UInt16) throws {
        let endpoint = try #require(Endpoint(text))
        #expect(endpoint.host == host)
        #expect(endpoint.port == port)
        #expect(endpoint.description == text)
    }

    @Test(arguments: ["", "host", ":6667", "host:", "host:0", "host:65536", "host:irc"])
    func whatIsNoEndpointIsRefused(text: String) {
        #expect(Endpoint(text) == nil)
    }
}
