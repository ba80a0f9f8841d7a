// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Machines in one process, joined in memory: the driver's part for all of them, and no more than that, so that what is
// measured is the machines. Faults, delays and checkers are the business of RoostSim.

import RoostIRC
import RoostModel
import RoostNode
import RoostRoster
import RoostWire

/// Some machines under a virtual clock, on which only `advance` moves the time.
///
/// Lines of clients come in as bytes, frames cross as bytes, and a line for clients is encoded once; frames take no time.
/// Make it, then `connect` clients and let them `send`; nothing of it is timed here.
final class MachineCluster {
    /// How often a node is told what has reached the kernel.
    private static let reportInterval = Duration.milliseconds(5)
    /// How long it takes until what was begun is settled: a claim that all peers acknowledge 5 ms later, say.
    static let settleTime = Duration.milliseconds(20)
    /// Midnight of 2026-01-01, UTC: when the virtual clock starts.
    private static let beginning: UInt64 = 1_767_225_600_000

    /// The machines, in order of their names.
    var machines: [Node]
    /// What clients were told.
    var mail = Mailroom()
    /// What machines told their operators: nothing that a measurement could be built on.
    var complaints: [Note] = []
    /// The node that gets no events for now, and those that it would have got.
    var held: (node: Int, frames: [Packet])?

    /// The virtual time.
    private(set) var now = Moment(instant: Instant(nanoseconds: 0), wall: WallTime(milliseconds: 0))
    var effects = NodeEffects()
    var packets: [Packet] = []
    /// For each node, the nodes that its links lead to.
    var places: [[LinkID: Int]]
    /// For each node, its link to each other.
    var links: [[LinkID?]]
    private var deadlines: [Instant?]
    private var reportDue: Instant
    private let start = Instant(nanoseconds: 1_000_000_000)

    /// A cluster of so many nodes that are in step with each other.
    ///
    /// - Parameter prepare: changes a node's settings before it starts.
    init(nodes: Int, prepare: (inout NodeSettings) -> Void = { _ in }) {
        machines = (0..<nodes).map { place in
            var settings = Self.settings(of: place, among: nodes)
            prepare(&settings)
            return Node(settings: settings)
        }
        places = Array(repeating: [:], count: nodes)
        links = Array(repeating: Array(repeating: nil, count: nodes), count: nodes)
        deadlines = Array(repeating: nil, count: nodes)
        reportDue = start
        set(start)
        for node in machines.indices { step(node, .started) }
        deliver()
        advance(by: .seconds(3))
        precondition(machines.allSatisfy(\.isServing), "nodes did not find each other: \(complaints)")
        complaints = []
    }

    /// What the node in that place is told; all limits that a measurement could meet are wide.
    private static func settings(of place: Int, among nodes: Int) -> NodeSettings {
        guard let node = NodeID("node\(place + 1)") else { preconditionFailure("node\(place + 1) is no name") }
        var settings = NodeSettings(node: node, epoch: Epoch(beginning))
        settings.lobby = nil
        settings.limits.channelsPerUser = 10_000
        settings.limits.clients = 10_000_000
        if nodes > 1 {
            settings.address.mesh = address(of: place)
            if place > 0 { settings.seeds = [address(of: 0)] }
        }
        return settings
    }

    static func address(of place: Int) -> String { "127.0.0.1:\(7600 + 10 * place)" }

    // MARK: Clients

    /// Connects a client, and gives its number.
    func connect(to node: Int, host: String) -> Int {
        let number = mail.boxes.count
        mail.boxes.append(Mailbox(node: node))
        step(node, .clientConnected(Self.connection(of: number), host: host))
        deliver()
        return number
    }

    /// Has a client send a line, given without its end.
    func send(_ line: [UInt8], from client: Int) {
        let connection = Self.connection(of: client)
        do {
            step(mail.boxes[client].node, .lineReceived(connection, try IRCLine(parsing: line)))
        } catch {
            step(mail.boxes[client].node, .lineRefused(connection, error))
        }
        deliver()
    }

    /// Breaks a client's connection.
    func drop(_ client: Int) {
        step(mail.boxes[client].node, .clientLost(Self.connection(of: client), reason: "Connection closed"))
        deliver()
    }

    private static func connection(of client: Int) -> ConnectionID { ConnectionID(lane: 0, serial: UInt64(client)) }

    // MARK: Time

    /// Lets so much time pass, with all that is due in it.
    func advance(by duration: Duration) {
        let end = now.instant + duration
        while true {
            let (node, due) = earliest
            let next = machines.count > 1 ? min(due, reportDue) : due
            guard next <= end else { break }
            if next > now.instant { set(next) }
            if due <= next {
                step(node, .deadlineReached)
            } else {
                reportDeliveries()
            }
            deliver()
        }
        set(end)
    }

    /// Lets time pass until all nodes have just given a sign of life, which they do together. Until the next there is
    /// nearly a quarter of a second.
    func passSignsOfLife() {
        let interval = NodeLimits().heartbeatInterval
        let passed = (now.instant - start) / interval
        advance(by: start + interval * (Int(passed) + 1) + .milliseconds(1) - now.instant)
    }

    private var earliest: (node: Int, at: Instant) {
        var earliest = (node: 0, at: Instant(nanoseconds: .max))
        for (node, deadline) in deadlines.enumerated() {
            if let deadline, deadline < earliest.at { earliest = (node, deadline) }
        }
        return earliest
    }

    /// Whatever a node told its clients has reached its kernel.
    private func reportDeliveries() {
        reportDue = now.instant + Self.reportInterval
        for node in machines.indices { step(node, .delivered(machines[node].roster.vector)) }
    }

    private func set(_ instant: Instant) {
        let wall = Self.beginning + instant.nanoseconds / 1_000_000
        now = Moment(instant: instant, wall: WallTime(milliseconds: wall))
    }

    // MARK: Steps

    /// Gives a machine what happened, and performs what it orders.
    func step(_ node: Int, _ input: NodeInput) {
        deadlines[node] = machines[node].deadline(after: input, at: now, into: &effects)
        perform(of: node)
    }
}

extension Node {
    /// One step and the question when the next is due, in place: asked of an element of an array, it copies the machine.
    fileprivate mutating func deadline(
        after input: NodeInput, at now: Moment, into effects: inout NodeEffects
    ) -> Instant? {
        step(input, at: now, into: &effects)
        return nextDeadline
    }
}
