// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Dates by integer arithmetic: known moments, and every day of nine centuries against a calendar that counts.

import RoostIRC
import Testing

@Suite struct ServerTimeTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (1, "1970-01-01T00:00:00.001Z"),
            (951_782_399_999, "2000-02-28T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"), (1_000_000_000_000, "2001-09-09T01:46:40.000Z"),
            (1_709_251_199_012, "2024-02-29T23:59:59.012Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"), (UInt64.max, "9999-12-31T23:59:59.999Z"),
        ] as [(UInt64, String)])
    func aMomentIsWrittenInUTC(milliseconds: UInt64, text: String) {
        #expect(ServerTime.text(millisecondsSince1970: milliseconds) == text)
        #expect(text.utf8.count == ServerTime.byteCount)
    }

    @Test func everyDayFollowsTheDayBefore() {
        var (year, month, day) = (1970, 1, 1)
        for index in 0..<UInt64(900 * 365) {
            let text = ServerTime.text(millisecondsSince1970: index * 86_400_000)
            let expected = "\(year)-\(month < 10 ? "0" : "")\(month)-\(day < 10 ? "0" : "")\(day)T00:00:00.000Z"
            guard text == expected else {
                Issue.record("day \(index) is \(expected), not \(text)")
                return
            }
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            day += 1
            if day > days[month - 1] { (month, day) = (month + 1, 1) }
            if month > 12 { (year, month) = (year + 1, 1) }
        }
    }
}
