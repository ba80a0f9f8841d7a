// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What the command line may give, and what is said about the rest.

import Testing

@testable import RoostChat

@Suite struct ChatOptionsTests {
    @Test(arguments: [
        ("host", "host:6667"), ("host:7000", "host:7000"), ("127.0.0.1:1", "127.0.0.1:1"), ("::1", "[::1]:6667"),
        ("[::1]", "[::1]:6667"), ("[fe80::1%eth0]:65535", "[fe80::1%eth0]:65535"),
    ])
    func addressesAreReadAndPrintedAgain(text: String, printed: String) throws {
        let address = try ChatAddress(parsing: text)
        #expect(address.description == printed)
        #expect(try ChatAddress(parsing: printed) == address)
    }

    @Test(arguments: ["", ":6667", "host:", "host:0", "host:65536", "host:x", "[::1", "[::1]6667", "a b", "1:2:x"])
    func whatIsNoAddressIsRefusedByName(text: String) {
        #expect(
            throws: ChatFailure(
                .usage, "'\(text)' is not an address", hint: "write HOST or HOST:PORT, with a port from 1 to 65535")
        ) { try ChatAddress(parsing: text) }
    }

    @Test func whatIsNotGivenHasDefaults() throws {
        let options = try ChatOptions(addresses: [], nick: nil, channels: [], loginName: "joe.doe")
        #expect(options.addresses.map(\.description) == ["127.0.0.1:6667"])
        #expect(options.nick == "joedoe")
        #expect(options.user == "joedoe")
        #expect(try ChatOptions(addresses: [], nick: nil, channels: [], loginName: "1000").nick == "guest")
        #expect(try ChatOptions(addresses: [], nick: nil, channels: [], loginName: nil).user == "guest")
    }

    @Test func channelsMayBeListsAndLackTheirSign() throws {
        let options = try ChatOptions(addresses: [], nick: "x", channels: ["dev,#Dev", "&ops"], loginName: nil)
        #expect(options.channels == ["#dev", "&ops"])
    }

    @Test func namesThatWouldBreakALineAreRefused() {
        for nick in ["", "a b", ":x", "a\nb", "a\u{1B}[31m"] {
            #expect(throws: ChatFailure.self) {
                try ChatOptions(addresses: [], nick: nick, channels: [], loginName: nil)
            }
        }
        for channel in ["#a b", "x\r\nQUIT", "#\u{07}"] {
            #expect(throws: ChatFailure.self) {
                try ChatOptions(addresses: [], nick: "x", channels: [channel], loginName: nil)
            }
        }
    }

    @Test func exitCodesAreThoseOfTheCommandLine() {
        #expect(ChatFailure(.usage, "x", hint: "y").exitCode == 64)
        #expect(ChatFailure(.unreachable, "x", hint: "y").exitCode == 1)
        #expect(ChatFailure(.refused, "what failed", hint: "what to try").description == "what failed; what to try")
    }
}
