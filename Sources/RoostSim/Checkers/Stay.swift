// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// When somebody was there, in a channel or in the network, in terms of what its node had applied: what came in between
// is for it, and nothing else.

import RoostModel
import RoostRoster

/// A stay of a user in a channel, or of the user in the network.
struct Stay: Sendable, CustomStringConvertible {
    /// nil for the stay in the network.
    let channel: ChannelName?
    let user: UserID
    /// When its person saw it begin.
    let startedAt: Instant
    /// The connection that was last told of it, by client.
    var client: Int
    /// How far the node had come after the step that told of its beginning.
    let from: Progress
    /// How far the node that its user was at before had reported its deliveries when another took the user over: that was
    /// said before the stay began, and handed out there to whom it was for then.
    let fromElsewhere: Vector
    /// The event that began it, where it is known.
    let tag: EventID?
    /// From when on all nodes that are there have known of it.
    var firmAt: Instant?
    /// How far the node had come before the step that ended it; nil while it lasts.
    var until: Progress?
    /// What the node knew then by snapshots only; nil while it lasts.
    var passedOver: PassedOver?
    /// Whether it goes on at another connection than it began on.
    var wasTakenOver = false
    /// Whether its person never came back, and then, when the hold is over, at the earliest.
    var isForsaken = false
    var heldUntil: Instant?

    /// In words that follow the name of who stays.
    var description: String {
        let end = isForsaken ? "never came back" : wasTakenOver ? "came back" : "was there"
        return "\(end) as \(user)\(until == nil ? "" : " and has left")"
    }

    /// Whether a message is one that the person must have got, or its sender must have been told of.
    ///
    /// - Parameter hasEvent: whether the node that the stay is at, or was when it ended, has the message's event itself, and
    ///   not only what a snapshot told of it.
    func covers(_ message: FollowedMessage, now final: Progress, hasEvent: Bool) -> Bool {
        guard let event = message.event, !from.covers(event), !fromElsewhere.covers(event),
            (until ?? final).covers(event)
        else { return false }
        // On another node, and in a snapshot, what came together with the beginning may have come before it.
        if let heldUntil, message.sentAt >= heldUntil { return false }
        if wasTakenOver || isForsaken || !hasEvent { return firmAt.map { message.sentAt > $0 } ?? false }
        return true
    }
}
