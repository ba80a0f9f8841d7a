// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// How one value is written: what is allowed, and the way from text to value and back. A format knows nothing of keys,
// files or where the text came from.

/// The written form of a value. `parse(print(x)) == x` for every allowed value.
struct ValueFormat<Value: Sendable & Equatable>: Sendable {
    /// What may be written, for errors and for the page of keys: "a whole number from 1 to 64".
    let allowed: String
    /// Nil when the text is not allowed.
    let parse: @Sendable (String) -> Value?
    let print: @Sendable (Value) -> String
}

extension ValueFormat where Value == Int {
    static func number(_ range: ClosedRange<Int>) -> Self {
        Self(
            allowed: "a whole number from \(range.lowerBound) to \(range.upperBound)",
            parse: { text in Int(text).flatMap { range.contains($0) ? $0 : nil } },
            print: { String($0) })
    }

    /// Bytes.
    static func size(_ range: ClosedRange<Int>) -> Self {
        Self(
            allowed: "a size from \(ByteUnit.print(range.lowerBound)) to \(ByteUnit.print(range.upperBound))",
            parse: { text in ByteUnit.parse(text).flatMap { range.contains($0) ? $0 : nil } },
            print: { ByteUnit.print($0) })
    }
}

extension ValueFormat where Value == Int? {
    static func numberOrOff(_ range: ClosedRange<Int>) -> Self {
        let number = ValueFormat<Int>.number(range)
        return Self(
            allowed: number.allowed + ", or off",
            parse: { text in text == "off" ? .some(nil) : number.parse(text).map { .some($0) } },
            print: { $0.map(number.print) ?? "off" })
    }
}

extension ValueFormat where Value == Duration {
    static func duration(_ range: ClosedRange<Duration>) -> Self {
        Self(
            allowed: "a duration from \(TimeUnit.print(range.lowerBound)) to \(TimeUnit.print(range.upperBound))",
            parse: { text in TimeUnit.parse(text).flatMap { range.contains($0) ? $0 : nil } },
            print: { TimeUnit.print($0) })
    }
}

extension ValueFormat where Value == String {
    /// Text of so many bytes that passes `check`; `allowed` describes both.
    static func text(
        _ bytes: ClosedRange<Int>, _ allowed: String, where check: @escaping @Sendable (String) -> Bool
    ) -> Self {
        Self(
            allowed: allowed,
            parse: { text in bytes.contains(text.utf8.count) && check(text) ? text : nil },
            print: { $0 })
    }

    /// Any text without line breaks and other control characters.
    static func line(_ bytes: ClosedRange<Int>) -> Self {
        text(bytes, "one line of text, \(bytes.lowerBound) to \(bytes.upperBound) bytes") { text in
            text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
        }
    }

    /// Only the bytes of `alphabet`.
    static func word(_ bytes: ClosedRange<Int>, of alphabet: String, called name: String) -> Self {
        let known = Set(alphabet.utf8)
        return text(bytes, "\(bytes.lowerBound) to \(bytes.upperBound) of \(name)") { text in
            text.utf8.allSatisfy(known.contains)
        }
    }
}

extension ValueFormat where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    static var choice: Self {
        Self(
            allowed: "one of " + Value.allCases.map(\.rawValue).joined(separator: ", "),
            parse: { Value(rawValue: $0) },
            print: { $0.rawValue })
    }
}

extension ValueFormat where Value == Endpoint {
    static func endpoint(portMax: Int = 65_535) -> Self {
        Self(
            allowed: "HOST:PORT such as 127.0.0.1:6667 or [::1]:6667, with a port from 1 to \(portMax)",
            parse: { text in Endpoint(text).flatMap { $0.port <= portMax ? $0 : nil } },
            print: { $0.description })
    }
}

extension ValueFormat where Value == Endpoint? {
    static func endpointOrNone(portMax: Int = 65_535) -> Self {
        let endpoint = ValueFormat<Endpoint>.endpoint(portMax: portMax)
        return Self(
            allowed: endpoint.allowed + ", or \"\" for none",
            parse: { text in text.isEmpty ? .some(nil) : endpoint.parse(text).map { .some($0) } },
            print: { $0.map(endpoint.print) ?? "" })
    }
}

extension ValueFormat where Value == Configuration.Threads {
    static var threads: Self {
        let number = ValueFormat<Int>.number(1...1_024)
        return Self(
            allowed: "auto, per-client, or \(number.allowed)",
            parse: { text in
                switch text {
                case "auto": .auto
                case "per-client": .perClient
                default: number.parse(text).map { .count($0) }
                }
            },
            print: { threads in
                switch threads {
                case .auto: "auto"
                case .perClient: "per-client"
                case .count(let count): number.print(count)
                }
            })
    }
}
