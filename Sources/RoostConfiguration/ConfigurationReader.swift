// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Puts values from a file's nodes, the environment and the caller's overrides into a configuration, each over the one
// before, and remembers where every value came from. It reads on after a problem, so that all of them are told at once.
// What must hold between keys is left to `ConfigurationChecks.swift`.

import Yams

/// Calls in order: `read(file:)`, `read(environment:)`, `read(overrides:)`.
struct ConfigurationReader {
    private(set) var configuration = Configuration()
    /// Where each key that somebody set was set last.
    private(set) var sources: [String: ConfigurationSource] = [:]
    private(set) var problems: [ConfigurationProblem] = []

    private static let keys = Dictionary(uniqueKeysWithValues: Key<Configuration>.all.map { ($0.path, $0) })
    /// `node`, `mesh`, …: the names under which keys stand.
    private static let groups = Set(
        Key<Configuration>.all.compactMap { $0.path.split(separator: ".").dropLast().first })

    mutating func report(_ source: ConfigurationSource, _ key: String, _ message: String) {
        problems.append(ConfigurationProblem(source: source, key: key, message: message))
    }

    /// Where a key was set, for problems found later.
    func source(of key: String) -> ConfigurationSource {
        sources[key] ?? .standard
    }

    /// Values that were worked out rather than read.
    mutating func derive(_ change: (inout Configuration) -> Void) {
        change(&configuration)
    }

    // MARK: File

    /// Reads a whole document; `name` is what errors call the file.
    mutating func read(file name: String, root: Yams.Node) {
        if root.isNull { return }
        guard case .mapping(let mapping) = root else {
            let place = source(name, root.mark)
            return report(place, "", "a configuration is a mapping of keys to values, such as `lobby: \"#lobby\"`")
        }
        read(mapping, under: "", in: name)
    }

    private mutating func read(_ mapping: Yams.Node.Mapping, under group: String, in name: String) {
        for (key, value) in mapping {
            let path = group + (key.scalar?.string ?? "?")
            let place = source(name, key.mark)
            if let known = Self.keys[path] {
                if sources[path] != nil {
                    report(place, path, "is set twice; keep one")
                } else {
                    sources[path] = place
                    read(value, for: known, in: name)
                }
            } else if group.isEmpty, Self.groups.contains(Substring(path)) {
                switch value {
                case .mapping(let inner): read(inner, under: path + ".", in: name)
                case _ where value.isNull: break
                default: report(place, path, "is a group of keys and has no value of its own")
                }
            } else {
                let names = Self.keys.keys.sorted() + Self.groups.map(String.init).sorted()
                report(place, path, Self.unknown("key", path, among: names))
            }
        }
    }

    private mutating func read(_ value: Yams.Node, for key: Key<Configuration>, in name: String) {
        switch (key.shape, value) {
        case (.records, .sequence(let items)):
            configuration.operators = items.compactMap { readOperator($0, in: name) }
        case (.records, _):
            report(source(name, value.mark), key.path, "has no such form; allowed: \(key.allowed)")
        default:
            var changed = configuration
            read(value, for: key, called: key.path, into: &changed, in: name)
            configuration = changed
        }
    }

    private mutating func readOperator(_ item: Yams.Node, in name: String) -> Configuration.Operator? {
        guard case .mapping(let mapping) = item else {
            report(source(name, item.mark), "operators", "each operator is a mapping with name and password")
            return nil
        }
        var result = Configuration.Operator()
        let keys = Key<Configuration.Operator>.all
        for (field, value) in mapping {
            let path = field.scalar?.string ?? "?"
            if let known = keys.first(where: { $0.path == path }) {
                read(value, for: known, called: "operators." + path, into: &result, in: name)
            } else {
                let message = Self.unknown("key", path, among: keys.map(\.path))
                report(source(name, field.mark), "operators." + path, message)
            }
        }
        for field in ["name", "password"] where mapping[field] == nil {
            report(source(name, item.mark), "operators.\(field)", "is missing; every operator has one")
        }
        return result
    }

    private mutating func read<Root>(
        _ value: Yams.Node, for key: Key<Root>, called path: String, into root: inout Root, in name: String
    ) {
        let items: [Yams.Node]
        switch (key.shape, value) {
        case (.list, .sequence(let sequence)): items = Array(sequence)
        case (_, .scalar) where key.shape != .records && !value.isNull: items = [value]
        default:
            return report(source(name, value.mark), path, "has no such value; allowed: \(key.allowed)")
        }
        var texts: [String] = []
        for item in items {
            guard let text = item.scalar?.string else {
                return report(source(name, item.mark), path, "has no such item; allowed: \(key.allowed)")
            }
            texts.append(text)
        }
        if let refusal = key.decode(texts, &root) {
            let node = items.indices.contains(refusal.item) ? items[refusal.item] : value
            report(source(name, node.mark), path, refusal.message)
        }
    }

    private func source(_ name: String, _ mark: Mark?) -> ConfigurationSource {
        .file(name, line: mark?.line, column: mark?.column)
    }

    // MARK: Environment and overrides

    /// Reads the variables that belong to keys and leaves all others alone.
    mutating func read(environment: [String: String]) {
        for key in Key<Configuration>.all {
            guard let variable = key.variable, let text = environment[variable] else { continue }
            set(key, Self.split(text, for: key), from: .environment(variable))
        }
    }

    /// Reads what the caller sets over everything else.
    mutating func read(overrides: [ConfigurationOverride]) {
        for override in overrides {
            if let key = Self.keys[override.key] {
                set(key, override.values, from: .flag(override.flag))
            } else {
                let message = Self.unknown("key", override.key, among: Self.keys.keys.sorted())
                report(.flag(override.flag), override.key, message)
            }
        }
    }

    private mutating func set(_ key: Key<Configuration>, _ values: [String], from source: ConfigurationSource) {
        sources[key.path] = source
        if let refusal = key.decode(values, &configuration) {
            report(source, key.path, refusal.message)
        }
    }

    private static func split(_ text: String, for key: Key<Configuration>) -> [String] {
        guard key.shape == .list else { return [text] }
        return text.split(separator: ",").map { item in
            String(item.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
    }

    static func unknown(_ what: String, _ name: String, among names: [String]) -> String {
        guard let nearest = nearestName(to: name, among: names) else {
            return "unknown \(what); docs/configuration.md lists them all"
        }
        return "unknown \(what); the nearest known one is \(nearest)"
    }
}

extension Yams.Node {
    /// Whether nothing was written, or `null`.
    fileprivate var isNull: Bool {
        guard case .scalar(let scalar) = self else { return false }
        return scalar.style == .plain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }
}
