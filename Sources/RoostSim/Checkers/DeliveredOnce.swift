// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Nobody gets a message twice on one connection, but who writes to itself, and sees the message and its echo. Who comes
// back elsewhere after losing its node may get again what came after the last report of that node, of what it had
// delivered, that the new node had heard when it took them over (DESIGN §2): it hands out what was missed there and then,
// and a report that is on its way may come before its welcome has reached the client. It cannot know what somebody got at
// a node where it never heard of it being, nor at one of two nodes that took it over in two parts of the network, which
// gave it up when it learned of the other: what that reported from then on was delivered to others. Nor does this hold of
// who comes back as somebody new, and loses its node again: nothing ties it to who it was, and where nobody heard its node
// report, what was said to its channel shortly before it came cannot be told from what was said shortly after.

import RoostModel
import RoostRoster

/// Judges a message as it arrives.
struct DeliveredOnce {
    /// For each person, what the node that took it over knew to be delivered by each of its earlier connections.
    private var reported: [Int: [Int: Vector]] = [:]

    /// The event that welcomed each client, and by which it was handed what it had missed.
    private(set) var welcomes: [Int: EventID] = [:]
    /// The user that each client was welcomed as.
    private var users: [Int: UserID] = [:]

    /// A client was welcomed as a user by that event.
    mutating func welcome(_ client: Int, as user: UserID, by event: EventID) {
        welcomes[client] = event
        users[client] = user
    }

    /// A person has come back: so much was known to be delivered on an earlier connection.
    mutating func takeOver(_ person: Int, as user: UserID, from client: Int, knowing delivered: Vector) {
        guard users[client] == user else { return }
        reported[person, default: [:]][client] = delivered
    }

    /// A person gets a message on a client. It is not in the book yet.
    func check(_ message: FollowedMessage, by person: Int, on client: Int) throws(Violation) {
        let receipts = message.receipts[person] ?? []
        guard receipts.count(where: { $0 == client }) < (message.isToItsSender ? 2 : 1) else {
            throw Violation(rule: .deliveredOnce, detail: "person \(person) got \(message.key) twice")
        }
        for earlier in receipts where earlier != client && users[earlier] == users[client] {
            guard let event = message.event, let known = reported[person]?[earlier], known.covers(event),
                welcomes[earlier].map({ known.covers($0) }) ?? true
            else { continue }
            throw Violation(
                rule: .deliveredOnce,
                detail: "person \(person) got \(message.key) again on client \(client), and client \(earlier)'s node"
                    + " had reported it delivered")
        }
    }
}
