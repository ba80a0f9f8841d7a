// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// From file, environment and flags to a valid configuration, or to all that is wrong with them.

import Foundation
import Glibc
import Yams

extension Configuration {
    /// Reads a configuration: the defaults, over them the file, over that the environment, over that the overrides.
    ///
    /// - Parameters:
    ///   - file: The path of a YAML file; nil for none.
    ///   - environment: Variables by name; those of no key are ignored (`unknownVariables(in:)` lists likely slips).
    ///   - overrides: What the command line sets; later ones win.
    /// - Throws: All problems that were found.
    public static func load(
        file: String?, environment: [String: String] = [:], overrides: [ConfigurationOverride] = []
    ) throws(ConfigurationErrors) -> Configuration {
        guard let file else { return try read(nil, named: "", in: nil, environment, overrides) }
        guard let data = FileManager.default.contents(atPath: file) else {
            throw .one(file, nil, "cannot be read; see that it exists and that this user may read it")
        }
        guard let text = String(bytes: data, encoding: .utf8) else {
            throw .one(file, nil, "is not UTF-8 text")
        }
        let folder = file.contains("/") ? (file as NSString).deletingLastPathComponent : "."
        return try read(compose(text, named: file), named: file, in: folder, environment, overrides)
    }

    /// Reads a configuration from YAML that is in memory; relative paths are taken from the working directory.
    ///
    /// - Parameters:
    ///   - yaml: The text of a configuration.
    ///   - name: What errors call it.
    /// - Throws: All problems that were found.
    public static func load(
        yaml: String, named name: String, environment: [String: String] = [:],
        overrides: [ConfigurationOverride] = []
    ) throws(ConfigurationErrors) -> Configuration {
        try read(compose(yaml, named: name), named: name, in: nil, environment, overrides)
    }

    /// Reads a configuration from a part of another YAML file, whose lines and columns errors then name.
    package static func load(
        node: Yams.Node?, named name: String, folder: String?, environment: [String: String],
        overrides: [ConfigurationOverride]
    ) throws(ConfigurationErrors) -> Configuration {
        try read(node, named: name, in: folder, environment, overrides)
    }

    /// Variables that begin as ours do and belong to no key, as lines for a warning. They are no errors because
    /// others use the prefix too: a cluster manager that knows a service "roost" sets `ROOST_SERVICE_HOST`.
    public static func unknownVariables(in environment: [String: String]) -> [String] {
        // The last is for `roost stats`, and may stand in the same environment.
        let known = Key<Configuration>.all.compactMap(\.variable) + ["ROOST_STATS_KEY"]
        return environment.keys.filter { $0.hasPrefix("ROOST_") && !known.contains($0) }.sorted().map { name in
            "\(name): \(ConfigurationReader.unknown("variable", name, among: known))"
        }
    }

    private static func read(
        _ root: Yams.Node?, named name: String, in folder: String?, _ environment: [String: String],
        _ overrides: [ConfigurationOverride]
    ) throws(ConfigurationErrors) -> Configuration {
        var reader = ConfigurationReader()
        if let root { reader.read(file: name, root: root) }
        reader.read(environment: environment)
        reader.read(overrides: overrides)
        reader.deriveDefaults(folder: folder, hostName: hostName())
        reader.checkConflicts()
        guard reader.problems.isEmpty else { throw ConfigurationErrors(problems: reader.problems) }
        return reader.configuration
    }

    private static func hostName() -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { name in
            name.initialize(repeating: 0)
            // One byte is kept for the end, which a name that was cut off lacks.
            guard let base = name.baseAddress, gethostname(base, name.count - 1) == 0 else { return "" }
            return String(cString: base)
        }
    }
}

extension ConfigurationErrors {
    static func one(_ file: String, _ mark: Mark?, _ message: String) -> Self {
        one(.file(file, line: mark?.line, column: mark?.column), "", message)
    }

    static func one(_ source: ConfigurationSource, _ key: String, _ message: String) -> Self {
        ConfigurationErrors(problems: [ConfigurationProblem(source: source, key: key, message: message)])
    }
}

/// The root of a YAML document; nil when there is none.
package func compose(_ text: String, named name: String) throws(ConfigurationErrors) -> Yams.Node? {
    do {
        return try Yams.compose(yaml: text)
    } catch let error as YamlError {
        throw problem(error, in: text, named: name)
    } catch {
        throw .one(name, nil, "is not YAML: \(error)")
    }
}

private func problem(_ error: YamlError, in text: String, named name: String) -> ConfigurationErrors {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
        .composer(_, let problem, let mark, _):
        return .one(name, mark, "is not YAML: \(problem)")
    case .duplicatedKeysInMapping(let keys, let context):
        let key = keys.first ?? ""
        let line = secondLine(of: key, in: text, from: context.mark)
        return .one(.file(name, line: line, column: context.mark.column), key, "is set twice; keep one")
    default:
        return .one(name, nil, "is not YAML: \(error)")
    }
}

/// The line where a key of the block mapping that begins at `start` stands for the second time; that of `start` when
/// the mapping is written in another way. (The parser tells only where the mapping begins.)
private func secondLine(of key: String, in text: String, from start: Mark) -> Int {
    let indent = String(repeating: " ", count: max(0, start.column - 1))
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().dropFirst(start.line - 1)
    let found = lines.filter { $0.element.hasPrefix(indent + key + ":") }
    return found.dropFirst().first.map { $0.offset + 1 } ?? start.line
}
