// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Names, numbers and times as people read them in narrow columns. Pure functions.

/// Adds without a trap: reports come from outside.
extension Int {
    func addingClamped(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }

    func subtractingClamped(_ other: Int) -> Int {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (other < 0 ? .max : .min) : difference
    }
}

/// Whole milliseconds of a time on our own clock.
func milliseconds(_ duration: Duration) -> Int { Int(duration / .milliseconds(1)) }

/// Whole seconds of a time on our own clock.
func seconds(_ duration: Duration) -> Int { Int(duration.components.seconds) }

/// `node2` before `node10`: runs of digits compare as numbers.
func naturallyPrecedes(_ left: String, _ right: String) -> Bool {
    var (left, right) = (Substring(left), Substring(right))
    while let leftFirst = left.first, let rightFirst = right.first {
        let leftDigits = left.prefix(while: \.isASCIIDigit)
        let rightDigits = right.prefix(while: \.isASCIIDigit)
        if leftDigits.isEmpty || rightDigits.isEmpty {
            if leftFirst != rightFirst { return leftFirst < rightFirst }
            left.removeFirst()
            right.removeFirst()
            continue
        }
        let leftNumber = leftDigits.drop { $0 == "0" }
        let rightNumber = rightDigits.drop { $0 == "0" }
        if leftNumber.count != rightNumber.count { return leftNumber.count < rightNumber.count }
        if leftNumber != rightNumber { return leftNumber < rightNumber }
        if leftDigits.count != rightDigits.count { return leftDigits.count < rightDigits.count }
        left.removeFirst(leftDigits.count)
        right.removeFirst(rightDigits.count)
    }
    return left.isEmpty && !right.isEmpty
}

extension Character {
    fileprivate var isASCIIDigit: Bool { isASCII && isNumber }
}

/// A count in at most 5 characters: `9999`, `12.3k`, `123k`, `1.2M`.
func shortCount(_ count: Int) -> String {
    count < 10_000 ? String(count) : scaled(Double(count), step: 1_000, units: decimalUnits, decimalBelow: 100)
}

/// A rate: `0`, `2.5`, `25`, `12.3k`.
func shortRate(_ rate: Double) -> String {
    guard rate.isFinite, rate >= 0.05 else { return "0" }
    if rate < 9.95 { return oneDecimal(rate) }
    return rate < 9_999.5
        ? String(whole(rate)) : scaled(rate, step: 1_000, units: decimalUnits, decimalBelow: 100)
}

/// Memory in binary units: `512K`, `20M`, `1.2G`.
func shortBytes(_ bytes: Int) -> String {
    scaled(Double(bytes), step: 1_024, units: ["B", "K", "M", "G", "T", "P"], decimalBelow: 10)
}

/// A latency: `850µs`, `1.2ms`, `12ms`, `1.2s`.
func shortLatency(microseconds: Int) -> String {
    scaled(Double(microseconds), step: 1_000, units: ["µs", "ms", "s"], decimalBelow: 10)
}

/// An age in at most 6 characters: `45s`, `3m12s`, `5h03m`, `12d04h`.
func shortAge(milliseconds: Int) -> String {
    let total = max(milliseconds, 0) / 1_000
    let (minutes, hours, days) = (total / 60, total / 3_600, total / 86_400)
    if total < 100 { return "\(total)s" }
    if hours < 1 { return "\(minutes)m\(twoDigits(total % 60))s" }
    if days < 1 { return "\(hours)h\(twoDigits(minutes % 60))m" }
    return days < 100 ? "\(days)d\(twoDigits(hours % 24))h" : "\(days)d"
}

private let decimalUnits = ["", "k", "M", "G", "T", "P", "E"]

/// The time of day in UTC: `14:03:22`.
func clockTime(_ timeMs: Int) -> String {
    let second = ((timeMs / 1_000) % 86_400 + 86_400) % 86_400
    return "\(twoDigits(second / 3_600)):\(twoDigits(second / 60 % 60)):\(twoDigits(second % 60))"
}

private func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }

private func oneDecimal(_ value: Double) -> String {
    let tenths = whole(value * 10)
    return tenths % 10 == 0 ? String(tenths / 10) : "\(tenths / 10).\(tenths % 10)"
}

/// The nearest integer, or the last one there is.
private func whole(_ value: Double) -> Int { Int(exactly: value.rounded()) ?? (value < 0 ? .min : .max) }

/// Divides until the number is short; below `decimalBelow` it keeps a decimal, if it was divided at all.
private func scaled(_ value: Double, step: Double, units: [String], decimalBelow: Double) -> String {
    var value = value
    var unit = 0
    // 999.5 would be rounded to a digit too many.
    while value >= 999.5, unit + 1 < units.count {
        value /= step
        unit += 1
    }
    let decimal = unit > 0 && value < decimalBelow - 0.05
    return (decimal ? oneDecimal(value) : String(whole(value))) + units[unit]
}
