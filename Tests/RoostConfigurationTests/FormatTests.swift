// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Written forms of single values.

import Testing

@testable import RoostConfiguration

@Suite struct FormatTests {
    @Test(arguments: ["127.0.0.1:6667", "[::1]:1", "chat.example.org:65535", "localhost:80", "0.0.0.0:6667"])
    func anEndpointPrintsAsItWasRead(text: String) {
        #expect(Endpoint(text)?.description == text)
    }

    @Test(arguments: [
        "", ":1", "a", "a:", "a:0", "a:65536", "a:-1", "a:+1", "::1:80", "[::1]", "[]:1", "a b:1", "[a]:1",
    ])
    func whatIsNoEndpointIsRefused(text: String) {
        #expect(Endpoint(text) == nil)
    }

    @Test func onlyLoopbackAddressesAreLoopback() {
        for host in ["localhost", "127.0.0.1", "127.255.3.4", "::1"] {
            #expect(Endpoint(host: host, port: 1).isLoopback, "\(host)")
        }
        for host in ["127.example.org", "127.0.0.1.example.org", "127.0.0", "10.0.0.1", "::", "0.0.0.0", "127.0.0.256"]
        {
            #expect(!Endpoint(host: host, port: 1).isLoopback, "\(host)")
        }
    }

    @Test(arguments: [
        ("250ms", Duration.milliseconds(250)), ("90s", .seconds(90)), ("5m", .seconds(300)), ("2h", .seconds(7_200)),
    ])
    func aDurationHasAUnit(text: String, duration: Duration) {
        #expect(TimeUnit.parse(text) == duration)
        #expect(TimeUnit.print(duration) == text)
    }

    @Test(arguments: [("1", 1), ("1KiB", 1_024), ("64MiB", 64 << 20), ("3GiB", 3 << 30), ("1025", 1_025)])
    func aSizeMayHaveAUnit(text: String, bytes: Int) {
        #expect(ByteUnit.parse(text) == bytes)
        #expect(ByteUnit.print(bytes) == text)
    }

    @Test(arguments: ["", "5", "s", "5 s", "-5s", "5.5s", "5d", "99999999999999999999s", "9999999999999999h", "٣s"])
    func whatIsNoDurationIsRefused(text: String) {
        #expect(TimeUnit.parse(text) == nil)
    }

    @Test(arguments: [("kitten", "sitting", 3), ("", "abc", 3), ("abc", "abc", 0), ("flaw", "lawn", 2)])
    func theEditDistanceCountsTheFewestEdits(one: String, other: String, distance: Int) {
        #expect(editDistance(one, other) == distance)
        #expect(editDistance(other, one) == distance)
    }
}
