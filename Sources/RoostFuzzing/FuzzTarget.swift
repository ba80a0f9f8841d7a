// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The fuzz targets: for each, the one function that libFuzzer and the replay of the corpora both call. What each of
// them does with the bytes stands in the files beside this one; who calls them is in `Sources/roost-fuzz`.

/// Something that takes bytes from outside, with the rules that hold whatever the bytes are.
///
/// No bytes may trap. Beyond that each target has rules of its own, and throws the one that was broken.
public enum FuzzTarget: String, CaseIterable, Sendable {
    /// A line of a client or a server, and what is read from its parameters: capabilities, modes, masks, names.
    case line
    /// What is published on topic `E`.
    case events
    /// What is published on topics `A` and `H`.
    case reports
    /// What comes on the control sockets.
    case control
    /// A snapshot, all its chunks together.
    case snapshot
    /// A roster that is given snapshots and events of several nodes.
    case roster
    /// A node whose peers send it anything.
    case peer
    /// Two nodes whose clients send them anything.
    case clients
    /// A configuration in YAML.
    case configuration

    /// Whether its inputs are rows of records.
    public var takesRecords: Bool { self == .roster || self == .peer }

    /// Does with the bytes what is done with bytes from outside.
    ///
    /// - Throws: The rule that did not hold.
    public func run(on bytes: [UInt8]) throws(BrokenRule) {
        switch self {
        case .line: try checkLine(bytes)
        case .events: try checkEvents(bytes)
        case .reports: try checkReports(bytes)
        case .control: try checkControl(bytes)
        case .snapshot: try checkSnapshot(bytes)
        case .roster: try checkRoster(bytes)
        case .peer: try checkPeer(bytes)
        case .clients: try checkClients(bytes)
        case .configuration: try checkConfiguration(bytes)
        }
    }
}

/// A rule that did not hold.
public struct BrokenRule: Error, Hashable, Sendable, CustomStringConvertible {
    /// The rule, and what was seen instead.
    public let description: String

    /// That rule was broken.
    public init(_ description: String) { self.description = description }
}

/// Throws where a rule does not hold.
func check(_ holds: Bool, _ rule: @autoclosure () -> String) throws(BrokenRule) {
    if !holds { throw BrokenRule(rule()) }
}
