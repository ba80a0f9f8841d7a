// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// A person of a simulation: who it is through all its connections, what it knows, and what it is about to do when it
// has lost its node.

import RoostModel
import RoostRoster

/// Somebody who uses the cluster.
struct Person: Sendable {
    /// How things stand with its connection.
    enum State: Sendable {
        /// It is connected, welcomed or not.
        case there
        /// It lost its node, and comes back then: to that node, or to any that is there.
        case away(until: Instant, to: Int?)
        /// It is not coming back.
        case gone
    }

    /// Its place in the list of people.
    let number: Int
    /// Its user name and host: by these a node knows it again.
    let userName: String
    let host: String
    /// Its client, and the node that this is connected to.
    var client: SimulatedCluster.ClientID
    var node: Int
    var state = State.there
    /// What it knows from what this connection was told.
    var view = ClientView()
    /// The nick that it asks for when it connects.
    var wish: String
    /// The user that it speaks for, once it was welcomed.
    var user: UserID?
    /// When it connected; and since when it has waited for an answer of its node.
    var connectedAt: Instant
    var waitingSince: Instant?
    /// Whether it has said QUIT on this connection.
    var hasQuit = false
    /// Whether it broke its last connection itself, to a node that did not answer, and has not been welcomed since.
    var brokeOff = false
    /// Whether others may see it quit: it meant to, or was made to.
    var mayQuit = false
    /// Whether it was somebody else before, who is still held, or was: others may see that one quit.
    var hasFormerSelf = false
    /// The nodes that it left while they stood still.
    var hasLeftStanding: Set<Int> = []
    /// Until when it is held, for one who has lost its node; from then on, others may see it quit.
    var heldUntil: Instant?
    /// Until when it would be held had it not come back since, and by which event it did; one that broke off its connection
    /// would not be.
    var formerHold: (until: Instant, end: EventID)?
    /// Who had heard that node when it went down.
    var witnesses: [SimulatedCluster.Witness] = []
    /// How far the node that it was at before had reported its deliveries to the one that took it over.
    var sawElsewhere = Vector()
    /// How far its node had come, before the step that told it something last.
    var knows = Progress()
    /// How far it had come after the step that welcomed it, and told it in which channels it still is.
    var welcomedAt = Progress()
    /// When it must have been told in which channels it still is, having come back; nil where nothing is due.
    var placesDue: Instant?

    /// Whether it is connected.
    var isThere: Bool { if case .there = state { true } else { false } }
    /// Whether it may come back.
    var isAway: Bool { if case .away = state { true } else { false } }
}
