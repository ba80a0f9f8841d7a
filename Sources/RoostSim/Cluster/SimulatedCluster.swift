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
        /// A client's connection was closed by its node, or with it.
        case closed(ClientID)
        /// A node told its operators something.
        case note(NodeID, Note)
        /// A node wants its configuration read again.
        case reload(NodeID)
        /// A node is done.
        case stopped(NodeID)
    }

    /// What was seen, when, and what the node knew that showed it.
    public struct Sighting: Sendable {
        /// When it was seen. With clients, some time after the step that told it.
        public var at: Instant
        /// What was seen.
        public let sight: Sight
        /// How far the node had applied all streams before the step that told it.
        public let before: Progress
        /// And after that step.
        public let after: Progress
    }

    /// A connection as its front end knows it.
    struct Client: Sendable {
        let node: Int
        let life: Int
        let epoch: Epoch
        let connection: ConnectionID
        var capabilities: CapabilitySet = []
        /// Whether the client can send.
        var isOpen = true
        /// Whether the node still sends to it.
        var isServed = true
    }

    /// Midnight of 2026-01-01, UTC: when the virtual clock starts.
    static let beginning: UInt64 = 1_767_225_600_000

    /// The machines, in the order in which their settings were given. One that was killed stays as it was.
    public internal(set) var machines: [Node]
    /// The virtual time. Each node's time of day is off it as `setClock` says.
    public internal(set) var now = Moment(
        instant: Instant(nanoseconds: 1_000_000_000), wall: WallTime(milliseconds: Self.beginning + 1_000))
    /// The hash of the run so far.
    public internal(set) var trace = Trace()
    /// The most frames that wait on a way that is blocked, or for a node that is paused. Later ones are lost.
    public var highWaterMark = 1_024
    /// Of a million frames of a stream, how many are lost on their way.
    public var lossPerMillion = 0

    var processes: [SimulatedProcess]
    var network: Network
    var random: SeededRandom
    /// The ways on which everything is lost without anybody noticing.
    var losses: Set<Path> = []
    /// The ways on which nothing moves, with what waits there; the kernel gives up in the end.
    var blocks: [Path: [Delivery]] = [:]
    /// The ways on which frames of the stream are lost until then: the queue is full.
    var overflows: [Path: Instant] = [:]
    var clients: [Client] = []
    var clientNumbers: [ConnectionID: Int] = [:]
    var places: [String: Int] = [:]
    var wireCount: UInt64 = 0
    var sightings: [Sighting] = []
    /// How many processes have ended.
    var deaths = 0
    /// A node that wanted to be woken at a moment that was past, after it was.
    var overdue: NodeID?
    /// What is done wrong on purpose; nil for nothing.
    var sabotage: Sabotage?
    /// Every event that was published, in order, with the moment.
    var published: [PublishedEvent] = []
    /// When a node last heard a sign of life of another, through the network: by hearer, then by who was heard.
    var heartbeats: [Int: [Int: Instant]] = [:]
    /// The latest report of deliveries that a node has heard of each life of another.
    var deliveryReports: [Int: [Life: Vector]] = [:]
    /// Those that a node had heard when it took a user over last.
    var reportsAtTakeOver: [Int: [UserID: [Life: Vector]]] = [:]

    /// A cluster of nodes with those settings, which starts at once. Clients are told at once.
    ///
    /// - Parameter latency: how long a packet takes from node to node, at least and at most.
    public init(_ settings: [NodeSettings], seed: UInt64, latency: ClosedRange<Duration>) {
        self.init(settings, seed: seed, delays: Delays(mesh: latency))
    }

    /// A cluster of nodes with those settings, which starts at once.
    public init(_ settings: [NodeSettings], seed: UInt64, delays: Delays) {
        machines = settings.map { Node(settings: $0) }
        processes = settings.map { _ in SimulatedProcess() }
        network = Network(seed: seed, delays: delays)
        random = SeededRandom(seed: seed ^ 0x5EED)
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

    // MARK: Queries

    /// Whether a node's process is there and not paused.
    public func isRunning(_ node: Int) -> Bool { processes[node].state == .running }

    /// Whether a node's process is there, paused or not.
    public func isAlive(_ node: Int) -> Bool { processes[node].state != .dead }

    /// The place of a node.
    public func place(of node: NodeID) -> Int? { machines.firstIndex { $0.settings.node == node } }

    /// What was seen since this was called last, in order, and when.
    public mutating func takeSights() -> [(at: Instant, sight: Sight)] {
        takeSightings().map { ($0.at, $0.sight) }
    }

    /// What was seen since this was called last, in order.
    public mutating func takeSightings() -> [Sighting] {
        defer { sightings.removeAll(keepingCapacity: true) }
        return sightings
    }

    /// Whether some node that is there has an event, and not only what a snapshot told of it.
    func isKnown(_ event: EventID) -> Bool {
        processes.indices.contains { isAlive($0) && processes[$0].has(event) }
    }

    /// Whether some node that is there knows of an event, be it by a snapshot.
    func isHeardOf(_ event: EventID) -> Bool {
        processes.indices.contains { isAlive($0) && processes[$0].known[event.life] ?? 0 >= event.sequence }
    }

    /// The take-over that a node published as that event.
    func takeOver(by id: EventID) -> TakeOver? {
        for entry in published.reversed() where entry.event.id == id {
            if case .userTakenOver(let takeOver) = entry.event.body { return takeOver }
        }
        return nil
    }

    /// Whether a node knows of an event, be it by a snapshot.
    func knows(_ event: EventID, at node: Int) -> Bool { processes[node].known[event.life] ?? 0 >= event.sequence }

    /// Whether a node has an event, and not only what a snapshot told of it.
    func has(_ event: EventID, at node: Int) -> Bool { processes[node].has(event) }

    /// What a node knows by snapshots only.
    func passedOver(at node: Int) -> PassedOver { processes[node].passedOver }

    /// Whether a node has applied an event, in this life or one before.
    func hasEverKnown(_ event: EventID, at node: Int) -> Bool {
        processes[node].everKnown[event.life] ?? 0 >= event.sequence
    }

    /// A node that heard another, in which of its lives, and when last.
    struct Witness: Sendable {
        let node: Int
        let life: Int
        let at: Instant
    }

    /// Who has heard a node.
    func witnesses(of node: Int) -> [Witness] {
        processes.indices.compactMap { other in
            heartbeats[other]?[node].map { Witness(node: other, life: processes[other].life, at: $0) }
        }
    }

    /// Whether who heard a node is still there.
    func isThere(_ witness: Witness) -> Bool { isAlive(witness.node) && processes[witness.node].life == witness.life }

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
        for process in processes {
            if let deadline = process.deadline { next = min(next ?? deadline, deadline) }
        }
        return next
    }

    /// Does the one thing that happens next.
    private mutating func advance() {
        let arrival = network.next
        var due: (node: Int, at: Instant)?
        for (node, process) in processes.enumerated() {
            guard let deadline = process.deadline, deadline < due?.at ?? .never else { continue }
            due = (node, deadline)
        }
        if let due, due.at < arrival ?? .never {
            set(max(now.instant, due.at))
            if sabotage?.kind != .wakesNobody { step(due.node, .deadlineReached) }
            if let next = processes[due.node].deadline, next <= now.instant {
                // It would be woken for ever.
                overdue = overdue ?? machines[due.node].settings.node
                processes[due.node].deadline = now.instant + .milliseconds(1)
            }
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

/// An event as it left its node.
struct PublishedEvent: Sendable {
    let event: Event
    let at: Instant
}

extension Instant {
    /// Later than anything that happens.
    static let never = Instant(nanoseconds: .max)
}
