// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Times as text: ISO 8601 in UTC with milliseconds, by integer arithmetic alone. What time it is is never asked here.

/// Times as the `server-time` capability writes them: `2026-01-31T23:59:59.999Z`.
///
/// See https://ircv3.net/specs/extensions/server-time
public enum ServerTime {
    /// The length in bytes of every time.
    public static let byteCount = 24

    /// The last moment that four digits of year can name; later ones are written as this one.
    static let millisecondsMax: UInt64 = 253_402_300_799_999

    /// Appends the time that is this many milliseconds after 1970 began in UTC.
    public static func append(millisecondsSince1970: UInt64, to out: inout [UInt8]) {
        let time = min(millisecondsSince1970, millisecondsMax)
        let (year, month, day) = civilDate(daysSince1970: time / 86_400_000)
        let inDay = time % 86_400_000
        out.append(addingCapacity: byteCount) { text in
            text.appendTwoDigits(year / 100)
            text.appendTwoDigits(year % 100)
            text.append(.minus)
            text.appendTwoDigits(month)
            text.append(.minus)
            text.appendTwoDigits(day)
            text.append(0x54)  // T
            text.appendTwoDigits(inDay / 3_600_000)
            text.append(.colon)
            text.appendTwoDigits(inDay / 60_000 % 60)
            text.append(.colon)
            text.appendTwoDigits(inDay / 1_000 % 60)
            text.append(.dot)
            text.append(.zero + UInt8(inDay / 100 % 10))
            text.appendTwoDigits(inDay % 100)
            text.append(0x5A)  // Z
        }
    }

    /// The time that is this many milliseconds after 1970 began in UTC.
    public static func text(millisecondsSince1970: UInt64) -> String {
        var out: [UInt8] = []
        append(millisecondsSince1970: millisecondsSince1970, to: &out)
        return String(decoding: out, as: UTF8.self)
    }

    /// The Gregorian date of a day.
    ///
    /// Counts in eras of 400 years (146,097 days) and lets years begin in March, so that the leap day comes last.
    /// See https://howardhinnant.github.io/date_algorithms.html#civil_from_days
    static func civilDate(daysSince1970: UInt64) -> (year: UInt64, month: UInt64, day: UInt64) {
        let sinceMarchOfYear0 = daysSince1970 + 719_468
        let era = sinceMarchOfYear0 / 146_097
        let dayOfEra = sinceMarchOfYear0 % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
        return (year, month, day)
    }
}

extension OutputSpan<UInt8> {
    /// Appends a number below 100.
    fileprivate mutating func appendTwoDigits(_ number: UInt64) {
        append(.zero + UInt8(number / 10))
        append(.zero + UInt8(number % 10))
    }
}
