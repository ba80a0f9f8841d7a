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
    /// The connection that was last told of it, by client.
    var client: Int
    /// How far the node had come after the step that told of its beginning.
    let from: Vector
    /// The event that began it, where it is known.
    let tag: EventID?
    /// From when on all nodes that are there have known of it.
    var firmAt: Instant?
    /// How far the node had come before the step that ended it; nil while it lasts.
    var until: Vector?
    /// Whether it goes on at another connection than it began on.
    var wasTakenOver = false
    /// Whether its person never came back, and the hold is over.
    var isForsaken = false

    /// In words that follow the name of who stays.
    var description: String {
        let end = isForsaken ? "never came back" : wasTakenOver ? "came back" : "was there"
        return "\(end) as \(user)\(until == nil ? "" : " and has left")"
    }

    /// Whether a message is one that the person must have got, or its sender must have been told of.
    func covers(_ message: FollowedMessage, now final: Vector) -> Bool {
        guard let event = message.event, !from.covers(event), (until ?? final).covers(event) else { return false }
        // On another node what came together with the beginning may have come before it.
        if wasTakenOver || isForsaken { return firmAt.map { message.sentAt > $0 } ?? false }
        return true
    }
}
