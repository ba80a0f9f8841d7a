// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What is wrong with a configuration, told so that its writer can mend it: where, which key, what is allowed.

/// Where a value came from.
public enum ConfigurationSource: Sendable, Hashable, CustomStringConvertible {
    /// A file; lines and columns begin at 1, and nil means the file as a whole.
    case file(String, line: Int?, column: Int?)
    /// A variable of the environment.
    case environment(String)
    /// A flag of the command line.
    case flag(String)
    /// Nobody set it.
    case standard

    /// The higher goes over the lower.
    var rank: Int {
        switch self {
        case .standard: 0
        case .file: 1
        case .environment: 2
        case .flag: 3
        }
    }

    /// The beginning of an error's line.
    public var description: String {
        switch self {
        case .file(let name, let line?, let column?): "\(name):\(line):\(column)"
        case .file(let name, _, _): name
        case .environment(let variable): "environment variable \(variable)"
        case .flag(let flag): "flag \(flag)"
        case .standard: "default"
        }
    }
}

/// One thing that is wrong.
public struct ConfigurationProblem: Sendable, Equatable, CustomStringConvertible {
    /// Where the value stands.
    public var source: ConfigurationSource
    /// The key's path; empty when the file could not be understood at all.
    public var key: String
    /// What is wrong and what would be right.
    public var message: String

    /// A problem with a key.
    public init(source: ConfigurationSource, key: String, message: String) {
        self.source = source
        self.key = key
        self.message = message
    }

    /// One line: place, key, message.
    public var description: String {
        key.isEmpty ? "\(source): \(message)" : "\(source): \(key): \(message)"
    }
}

/// Everything that is wrong with a configuration, in the order in which it was read. Never empty.
public struct ConfigurationErrors: Error, Equatable, CustomStringConvertible {
    /// All that was found.
    public var problems: [ConfigurationProblem]

    /// Errors made of problems.
    public init(problems: [ConfigurationProblem]) {
        self.problems = problems
    }

    /// A line for each problem.
    public var description: String {
        problems.map(\.description).joined(separator: "\n")
    }
}

/// A value set over file and environment, by a flag of the command line or by a program.
public struct ConfigurationOverride: Sendable, Equatable {
    /// The key's path, such as `mesh.peers`.
    public var key: String
    /// One value, or all the items of a list.
    public var values: [String]
    /// What errors call it, such as `--peer`.
    public var flag: String

    /// An override of one key.
    public init(key: String, values: [String], flag: String) {
        self.key = key
        self.values = values
        self.flag = flag
    }
}

/// A key whose value differs between two configurations.
public struct ConfigurationChange: Sendable, Equatable {
    /// When a changed value is obeyed.
    public enum TakesEffect: String, Sendable {
        /// On SIGHUP and REHASH.
        case reload
        /// Only when the node starts again.
        case restart
    }

    /// The key's path.
    public var key: String
    /// When the change is obeyed.
    public var takesEffect: TakesEffect

    /// A change of one key.
    public init(key: String, takesEffect: TakesEffect) {
        self.key = key
        self.takesEffect = takesEffect
    }
}
