// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Several machines in one process, joined by a simulated network, with a virtual clock: the driver's part for all of
// them. What the clients do, and what must hold, is for those who use it: scenarios and the simulation.

import RoostIRC
import RoostModel
import RoostNode
import RoostRoster
import RoostWire

/// A cluster of machines under a virtual clock.
///
/// The same settings, seed and calls give the same run, to the byte.
public struct SimulatedCluster: Sendable {
    /// A client, by its number in order of connection.
    public struct ClientID: Hashable, Comparable, Sendable, CustomStringConvertible {
        /// Counts from 0.
        public let number: Int

        /// By number.
        public static func < (left: Self, right: Self) -> Bool { left.number < right.number }

        /// As it is named in traces: `client 7`.
        public var description: String { "client \(number)" }
    }

    /// What somebody outside of the cluster saw of it.
    public enum Sight: Equatable, Sendable {
        /// A client was sent a line, given here without its end.
        case line(ClientID, String)
        /// A client's connection was closed by its node.
        case closed(ClientID)
        /// A node told its operators something.
        case note(NodeID, Note)
        /// A node wants its configuration read again.
        case reload(NodeID)
        /// A node is done.
        case stopped(NodeID)
    }

    /// A connection as its front end knows it.
    struct Client: Sendable {
        let node: Int
        let connection: ConnectionID
        var capabilities: CapabilitySet = []
        var isOpen = true
    }

    /// Midnight of 2026-01-01, UTC: when the virtual clock starts.
    static let beginning: UInt64 = 1_767_225_600_000

    /// The machines, in the order in which their settings were given.
    public internal(set) var machines: [Node]
    /// The virtual time.
    public internal(set) var now = Moment(
        instant: Instant(nanoseconds: 1_000_000_000), wall: WallTime(milliseconds: Self.beginning + 1_000))
    /// The hash of the run so far.
    public internal(set) var trace = Trace()

    var network: Network
    /// The paths on which everything is lost.
    var cuts: Set<Path> = []
    var clients: [Client] = []
    var clientNumbers: [[ConnectionID: Int]]
    /// For each node, the node at the other end of each of its links.
    var links: [[LinkID: Int]]
    /// For each node, who hears its stream: node and that node's link.
    var subscribers: [[(node: Int, link: LinkID)]]
    var places: [String: Int] = [:]
    var sights: [(at: Instant, sight: Sight)] = []

    /// A cluster of nodes with those settings, which starts at once.
    ///
    /// - Parameter latency: how long a packet takes from node to node, at least and at most.
    public init(_ settings: [NodeSettings], seed: UInt64, latency: ClosedRange<Duration>) {
        machines = settings.map { Node(settings: $0) }
        network = Network(seed: seed, latency: latency)
        clientNumbers = settings.map { _ in [:] }
        links = settings.map { _ in [:] }
        subscribers = settings.map { _ in [] }
        for (index, node) in settings.enumerated() where !node.address.mesh.isEmpty {
            places[node.address.mesh] = index
        }
        for index in machines.indices { step(index, .started) }
    }

    /// Settings for nodes of one cluster that know the first of them.
    public static func settings(of names: [String]) -> [NodeSettings] {
        names.compactMap { NodeID($0) }.enumerated().map { index, node in
            var settings = NodeSettings(node: node, epoch: Epoch(Self.beginning))
            settings.address = NodeAddress(mesh: "127.0.0.1:\(7600 + 10 * index)", stats: "")
            if index > 0 { settings.seeds = ["127.0.0.1:7600"] }
            if names.count == 1 { settings.address.mesh = "" }
            settings.lobby = nil
            return settings
        }
    }

    // MARK: Clients

    /// Connects a client from a host to the node in that place.
    public mutating func connect(to node: Int, host: String) -> ClientID {
        let number = clients.count
        let connection = ConnectionID(lane: number % 2, serial: UInt64(number))
        clients.append(Client(node: node, connection: connection))
        clientNumbers[node][connection] = number
        step(node, .clientConnected(connection, host: host))
        return ClientID(number: number)
    }

    /// Has a client send a line, given without its end.
    public mutating func send(_ bytes: [UInt8], from id: ClientID) {
        let client = clients[id.number]
        guard client.isOpen else { return }
        trace.note(bytes, to: -1 - id.number, at: now.instant)
        do {
            step(client.node, .lineReceived(client.connection, try IRCLine(parsing: bytes)))
        } catch {
            step(client.node, .lineRefused(client.connection, error))
        }
    }

    /// Has a client send a line.
    public mutating func send(_ line: String, from id: ClientID) { send(Array(line.utf8), from: id) }

    /// Breaks a client's connection.
    public mutating func drop(_ id: ClientID, reason: String) {
        let client = clients[id.number]
        guard client.isOpen else { return }
        clients[id.number].isOpen = false
        step(client.node, .clientLost(client.connection, reason: reason))
    }

    /// Whether a client is connected.
    public func isOpen(_ id: ClientID) -> Bool { clients[id.number].isOpen }

    /// Asks a node to end.
    public mutating func shutDown(_ node: Int, reason: String) { step(node, .shutdownRequested(reason: reason)) }

    /// What was seen since this was called last, in order, and when.
    public mutating func takeSights() -> [(at: Instant, sight: Sight)] {
        defer { sights.removeAll(keepingCapacity: true) }
        return sights
    }

    // MARK: Time

    /// Lets so much time pass, with all that happens in it.
    public mutating func run(for duration: Duration) {
        let end = now.instant + duration
        while let next = nextMoment, next <= end { advance() }
        set(end)
    }

    /// When something happens next.
    var nextMoment: Instant? {
        var next = network.next
        for machine in machines {
            if let deadline = machine.nextDeadline { next = min(next ?? deadline, deadline) }
        }
        return next
    }

    /// Does the one thing that happens next.
    private mutating func advance() {
        let arrival = network.next
        let due = machines.indices.min {
            (machines[$0].nextDeadline ?? .never) < (machines[$1].nextDeadline ?? .never)
        }
        if let due, let deadline = machines[due].nextDeadline, deadline < arrival ?? .never {
            set(max(now.instant, deadline))
            step(due, .deadlineReached)
            let next = machines[due].nextDeadline
            precondition(next.map { $0 > now.instant } ?? true, "\(machines[due].settings.node) is overdue for ever")
            return
        }
        guard let arrival, let delivery = network.take() else { return }
        set(max(now.instant, arrival))
        arrive(delivery)
    }

    private mutating func set(_ instant: Instant) {
        let wall = Self.beginning + instant.nanoseconds / 1_000_000
        now = Moment(instant: instant, wall: WallTime(milliseconds: wall))
    }
}

extension Instant {
    /// Later than anything that happens.
    static let never = Instant(nanoseconds: .max)
}
