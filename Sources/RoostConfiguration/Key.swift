// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// One key of the configuration: everything that is known about it. Reading, errors, printing, the page of keys and
// the environment's names all come from a list of these.

/// A key that sets one field of `Root`.
struct Key<Root: Sendable>: Sendable {
    enum Shape: Sendable {
        /// One value.
        case scalar
        /// Any number of values; in the environment separated by commas.
        case list
        /// Any number of mappings, which only a file can hold.
        case records
    }

    /// Names from the top down, separated by dots: `mesh.down-after`.
    let path: String
    let shape: Shape
    /// What may be written.
    let allowed: String
    /// The default where it is worked out when the node starts and so cannot be read from `Root`.
    let derivedDefault: String?
    let takesEffect: ConfigurationChange.TakesEffect
    /// One line for the page of keys.
    let meaning: String
    /// Errors never repeat the value of a secret.
    let isSecret: Bool
    /// Sets the field, or says which of the values is refused and why.
    let decode: @Sendable ([String], inout Root) -> Refusal?
    /// The values that `decode` would read to the same effect.
    let encode: @Sendable (Root) -> [String]
    /// Gives the second the first's value.
    let copy: @Sendable (Root, inout Root) -> Void

    struct Refusal {
        let item: Int
        let message: String
    }
}

extension Key {
    static func scalar<Value>(
        _ path: String, _ field: any WritableKeyPath<Root, Value> & Sendable, _ format: ValueFormat<Value>,
        _ takesEffect: ConfigurationChange.TakesEffect, _ meaning: String,
        derivedDefault: String? = nil, isSecret: Bool = false
    ) -> Self {
        Self(
            path: path, shape: .scalar, allowed: format.allowed, derivedDefault: derivedDefault,
            takesEffect: takesEffect, meaning: meaning, isSecret: isSecret,
            decode: { texts, root in
                guard texts.count == 1, let text = texts.first, let value = format.parse(text) else {
                    let given = isSecret || texts.count != 1 ? "the value" : "\"\(texts[0])\""
                    return Refusal(item: 0, message: "\(given) is not allowed; allowed: \(format.allowed)")
                }
                root[keyPath: field] = value
                return nil
            },
            encode: { [format.print($0[keyPath: field])] }, copy: { $1[keyPath: field] = $0[keyPath: field] })
    }

    static func list<Value>(
        _ path: String, _ field: any WritableKeyPath<Root, [Value]> & Sendable, _ format: ValueFormat<Value>,
        _ takesEffect: ConfigurationChange.TakesEffect, _ meaning: String
    ) -> Self {
        Self(
            path: path, shape: .list, allowed: "a list, each item " + format.allowed, derivedDefault: nil,
            takesEffect: takesEffect, meaning: meaning, isSecret: false,
            decode: { texts, root in
                var values: [Value] = []
                for (item, text) in texts.enumerated() {
                    guard let value = format.parse(text) else {
                        let message = "\"\(text)\" is not allowed; allowed: \(format.allowed)"
                        return Refusal(item: item, message: message)
                    }
                    values.append(value)
                }
                root[keyPath: field] = values
                return nil
            },
            encode: { $0[keyPath: field].map(format.print) }, copy: { $1[keyPath: field] = $0[keyPath: field] })
    }
}

extension Key<Configuration> {
    /// The variable that overrides the key: `ROOST_` and its path in capitals, with `_` for each `.` and `-`.
    /// Nil for records.
    var variable: String? {
        guard shape != .records else { return nil }
        return "ROOST_" + path.uppercased().replacing(#/[.\-]/#, with: "_")
    }
}
