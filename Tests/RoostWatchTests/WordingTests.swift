// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// How names, numbers, times and addresses read.

import Testing

@testable import RoostWatch

struct WordingTests {
    @Test func countsStayShort() {
        #expect(
            [0, 999, 9_999, 10_000, 99_949, 99_950, 123_456, 999_499, 999_500, 1_250_000].map(shortCount) == [
                "0", "999", "9999", "10k", "99.9k", "100k", "123k", "999k", "1M", "1.3M",
            ])
    }

    @Test func ratesKeepADecimalWhileTheyAreSmall() {
        #expect(
            [0, 0.04, 0.1, 2.5, 9.94, 9.96, 25.4, 9_999, 12_400, .infinity, -1].map(shortRate) == [
                "0", "0", "0.1", "2.5", "9.9", "10", "25", "9999", "12.4k", "0", "0",
            ])
    }

    @Test func latenciesChangeTheirUnit() {
        #expect(
            [0, 850, 999, 1_000, 1_240, 12_400, 999_499, 999_500, 1_500_000, 90_000_000].map(shortLatency) == [
                "0µs", "850µs", "999µs", "1ms", "1.2ms", "12ms", "999ms", "1s", "1.5s", "90s",
            ])
    }

    @Test func memoryIsInBinaryUnits() {
        #expect(
            [0, 512, 1_536, 20 << 20, 1_000 << 20, 3 << 30].map(shortBytes) == [
                "0B", "512B", "1.5K", "20M", "1G", "3G",
            ])
    }

    @Test func agesUseTwoUnits() {
        let ages = [0, 99, 100, 192, 3_599, 3_600, 18_180, 86_400, 1_051_200, 9_000_000].map {
            shortAge(milliseconds: $0 * 1_000)
        }
        #expect(ages == ["0s", "99s", "1m40s", "3m12s", "59m59s", "1h00m", "5h03m", "1d00h", "12d04h", "104d"])
    }

    @Test func timesOfDayAreUTCAlsoBefore1970() {
        #expect(clockTime(1_767_276_202_000) == "14:03:22")
        #expect(clockTime(-1_000) == "23:59:59")
    }

    @Test func numbersInNamesSortAsNumbers() {
        let sorted = ["a", "node1", "node1b", "node2", "node10", "node010", "zoo", "zoo1"]
        #expect(sorted.shuffled().sorted(by: naturallyPrecedes) == sorted)
        for left in sorted { #expect(!naturallyPrecedes(left, left)) }
    }

    @Test func textIsCutByColumnsNotByCharacters() {
        #expect(columnWidth(of: "日本e\u{301}x") == 6)
        #expect(fit("日本語", to: 4, alignedRight: false) == "日… ")
        #expect(fit("ab", to: 4, alignedRight: true) == "  ab")
        #expect(fit("abc", to: 0, alignedRight: true) == "")
        var line = StyledLine("abc", .bold)
        line.append("def")
        #expect(line.fitted(to: 5).rendered(colour: false) == "abcd…")
        #expect(line.fitted(to: 3).rendered(colour: false) == "ab…")
        #expect(line.fitted(to: 6) == line)
    }

    @Test func whatATerminalWouldObeyIsReplaced() {
        #expect(printable("a\u{1B}[31mb\r\n\u{9B}c\u{202E}d") == "a\u{FFFD}[31mb\u{FFFD}\u{FFFD}\u{FFFD}c\u{FFFD}d")
    }
}

struct StatsAddressTests {
    @Test(arguments: [
        ("127.0.0.1:7612", "127.0.0.1", 7_612), ("localhost", "localhost", 7_602), ("[::1]:9", "::1", 9),
        ("[::1]", "::1", 7_602), ("::1", "::1", 7_602), ("node.example:65535", "node.example", 65_535),
    ])
    func readsHostAndPort(text: String, host: String, port: UInt16) {
        let address = StatsAddress(text)
        #expect(address?.host == host)
        #expect(address?.port == port)
    }

    @Test(arguments: ["", ":7602", "a:0", "a:65536", "a:x", "a:", "[::1]x", "[]:1", "tcp://a", "a b:1", "a:+1"])
    func refusesWhatIsNone(text: String) {
        #expect(StatsAddress(text) == nil)
        #expect(throws: WatchError.notAnAddress(text)) { try WatchOptions(addresses: [text]) }
    }

    @Test func numericHostsAreDialledAsTheyAre() {
        #expect(StatsAddress("127.0.0.1:7612")?.endpoints() == ["tcp://127.0.0.1:7612"])
        #expect(StatsAddress("[::1]:7612")?.endpoints() == ["tcp://[::1]:7612"])
    }

    @Test func withoutAddressesTheFirstLocalNodeIsWatched() throws {
        #expect(try WatchOptions().addresses == ["127.0.0.1:7602"])
    }
}

struct SurroundingsTests {
    private func surroundings(_ isTerminal: Bool, _ variables: [String: String]) -> Surroundings {
        Surroundings(isTerminal: isTerminal) { variables[$0] }
    }

    @Test func coloursAreForTerminalsThatWantThem() {
        #expect(surroundings(true, ["TERM": "xterm"]).colour)
        #expect(surroundings(true, ["TERM": "xterm", "NO_COLOR": ""]).colour)
        #expect(!surroundings(true, ["TERM": "xterm", "NO_COLOR": "1"]).colour)
        #expect(!surroundings(false, ["TERM": "xterm"]).colour)
    }

    @Test func aDumbTerminalGetsPlainLines() {
        #expect(surroundings(true, ["TERM": "xterm", "NO_COLOR": "1"]).isScreen)
        #expect(!surroundings(true, ["TERM": "dumb"]).isScreen)
        #expect(!surroundings(true, [:]).isScreen)
    }

    @Test func aPipeIsEightyColumnsWideUnlessToldOtherwise() {
        #expect(surroundings(false, [:]).columns == 80)
        #expect(surroundings(false, ["COLUMNS": "132"]).columns == 132)
        #expect(surroundings(false, ["COLUMNS": "-1"]).columns == 80)
    }
}
