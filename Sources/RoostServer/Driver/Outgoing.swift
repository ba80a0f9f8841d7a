// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Sorts the effects of one entry into the machine by who performs them. Part of the driver, used under its lock.

import RoostModel
import RoostNode

/// Effects on their way to the queues of the threads that they concern. Empty between two entries.
struct Outgoing: Sendable {
    private var lanes: [[Delivery]]
    private var touched: [Int] = []
    private var mesh: [MeshOrder] = []

    init(lanes count: Int) {
        lanes = Array(repeating: [], count: count)
    }

    /// Takes the next effect.
    ///
    /// - Parameter isHeard: whether anybody is subscribed to what is published.
    mutating func sort(_ effect: NodeEffect, isHeard: Bool, into afterwards: inout Afterwards) {
        switch effect {
        case .send(let message, let connection):
            append(.send(message, to: connection), to: connection.lane)
        case .fanOut(let message, let audience, let except):
            for (lane, connections) in audience.lanes.enumerated() where !connections.isEmpty {
                append(.fanOut(message, to: connections, except: except), to: lane)
            }
        case .setCapabilities(let connection, let capabilities):
            append(.setCapabilities(connection, capabilities), to: connection.lane)
        case .registered(let connection):
            append(.registered(connection), to: connection.lane)
        case .disconnect(let connection):
            append(.disconnect(connection), to: connection.lane)
            afterwards.disconnected.append(connection)

        case .openLink(let link, let address): mesh.append(.openLink(link, address: address))
        case .closeLink(let link): mesh.append(.closeLink(link))
        case .probe(let link, let address): mesh.append(.probe(link, address: address))
        case .publish(let event): if isHeard { mesh.append(.publish(event)) }
        case .publishAcknowledgement(let report): mesh.append(.publishAcknowledgement(report))
        case .publishHeartbeat(let heartbeat): mesh.append(.publishHeartbeat(heartbeat))
        case .sendControl(let frame, let source): mesh.append(.sendControl(frame, to: source))

        case .checkPassword(let connection, let purpose, let given, let stored):
            afterwards.actions.append(.checkPassword(connection, purpose, given: given, stored: stored))
        case .acceptClients: afterwards.actions.append(.acceptClients)
        case .reloadSettings: afterwards.actions.append(.reloadSettings)
        case .stop: afterwards.actions.append(.stop)
        case .note(let note): afterwards.actions.append(.note(note))
        }
    }

    /// Moves all that was taken into the queues.
    mutating func handOut(
        to inboxes: [LaneInbox], and outbox: MeshOutbox, step: UInt64, readAt: Instant?, now: Instant,
        waking afterwards: inout Afterwards
    ) {
        for lane in touched
        where inboxes[lane].append(&lanes[lane], step: step, readAt: readAt, now: now) {
            afterwards.lanesToWake.append(lane)
        }
        touched.removeAll(keepingCapacity: true)
        if !mesh.isEmpty && outbox.append(&mesh) { afterwards.wakesMesh = true }
    }

    private mutating func append(_ delivery: Delivery, to lane: Int) {
        // The driver made up the connection, so a lane that does not exist is a bug of ours, and says so here.
        precondition(lane < lanes.count, "a delivery for lane \(lane) of \(lanes.count)")
        if lanes[lane].isEmpty { touched.append(lane) }
        lanes[lane].append(delivery)
    }
}

/// What is left to do once the machine's lock is released.
struct Afterwards: Sendable {
    enum Action: Sendable {
        case acceptClients
        case reloadSettings
        case stop
        case note(Note)
        case checkPassword(ConnectionID, PasswordPurpose, given: String, stored: String)
    }

    var lanesToWake: [Int] = []
    var wakesMesh = false
    /// Clients that the machine knows no more.
    var disconnected: [ConnectionID] = []
    var actions: [Action] = []
}
