// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Durations and sizes with their units, as in "90s", "250ms" and "64MiB".

/// Units of time, the largest first.
enum TimeUnit: String, CaseIterable {
    case hours = "h"
    case minutes = "m"
    case seconds = "s"
    case milliseconds = "ms"

    static func parse(_ text: String) -> Duration? {
        guard let (count, suffix) = splitNumber(text), let unit = TimeUnit(rawValue: suffix) else { return nil }
        let product = count.multipliedReportingOverflow(by: unit.length)
        return product.overflow ? nil : .milliseconds(product.partialValue)
    }

    /// The duration in the largest unit that gives a whole number; anything below a millisecond is dropped.
    static func print(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let total = Int(seconds) * 1_000 + Int(attoseconds / 1_000_000_000_000_000)
        let unit = allCases.first { total != 0 && total.isMultiple(of: $0.length) } ?? .milliseconds
        return "\(total / unit.length)\(unit.rawValue)"
    }

    /// In milliseconds.
    private var length: Int {
        switch self {
        case .hours: 3_600_000
        case .minutes: 60_000
        case .seconds: 1_000
        case .milliseconds: 1
        }
    }
}

/// Units of size, the largest first; a number without a unit is bytes.
enum ByteUnit: String, CaseIterable {
    case gibibytes = "GiB"
    case mebibytes = "MiB"
    case kibibytes = "KiB"
    case bytes = ""

    static func parse(_ text: String) -> Int? {
        guard let (count, suffix) = splitNumber(text), let unit = ByteUnit(rawValue: suffix) else { return nil }
        let product = count.multipliedReportingOverflow(by: unit.length)
        return product.overflow ? nil : product.partialValue
    }

    /// The size in the largest unit that gives a whole number.
    static func print(_ bytes: Int) -> String {
        let unit = allCases.first { bytes != 0 && bytes.isMultiple(of: $0.length) } ?? .bytes
        return "\(bytes / unit.length)\(unit.rawValue)"
    }

    private var length: Int {
        switch self {
        case .gibibytes: 1 << 30
        case .mebibytes: 1 << 20
        case .kibibytes: 1 << 10
        case .bytes: 1
        }
    }
}

/// The digits that `text` begins with, and what follows them; nil without digits or when they do not fit an `Int`.
private func splitNumber(_ text: String) -> (count: Int, suffix: String)? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    return Int(digits).map { ($0, String(text.dropFirst(digits.count))) }
}
