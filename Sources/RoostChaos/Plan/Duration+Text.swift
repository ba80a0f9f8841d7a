// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Times as plans write them and tables print them.

extension Duration {
    /// Reads `5s`, `1.5s`, `250ms`, `2m`; nil for anything else, and for what is below zero or above an hour.
    init?(brief text: String) {
        let units: [(suffix: String, seconds: Double)] = [("ms", 0.001), ("s", 1), ("m", 60)]
        guard let unit = units.first(where: { text.hasSuffix($0.suffix) }),
            let first = text.utf8.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first),
            let amount = Double(text.dropLast(unit.suffix.count))
        else { return nil }
        let seconds = amount * unit.seconds
        guard (0...3_600).contains(seconds) else { return nil }
        self = .milliseconds(Int64((seconds * 1_000).rounded()))
    }

    /// In seconds.
    var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }

    /// In whole milliseconds.
    var inMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000 + attoseconds / 1_000_000_000_000_000
    }

    /// `250 ms`, `1.50 s`, `12 s`.
    var brief: String {
        let milliseconds = inMilliseconds
        if milliseconds < 1_000 { return "\(milliseconds) ms" }
        if milliseconds % 1_000 == 0 { return "\(milliseconds / 1_000) s" }
        let hundredths = (milliseconds + 5) / 10
        let fraction = hundredths % 100
        return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction) s"
    }
}
