// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What users got at nodes that they were at before: they do not get it again where they are now, though it may come there
// later, or may not have been reported delivered by a node that they were at in between.

import RoostModel
import RoostRoster

extension Node {
    /// A user is about to be taken over. What its node reported delivered it has got, where that report came after it
    /// came there.
    mutating func noteSeen(by user: User) {
        guard let delivered = user.life == life ? mesh.delivered : mail[user.life]?.delivered,
            delivered.covers(user.introduced)
        else { return }
        seenElsewhere[user.id, default: Vector()].positions.merge(delivered.positions) { max($0, $1) }
    }

    /// Whether a user got a message at a node that it was at before.
    func hasSeen(_ event: EventID, _ user: UserID) -> Bool { seenElsewhere[user]?.covers(event) ?? false }

    /// Our clients whose users got a message elsewhere.
    func seers(of event: EventID) -> [ConnectionID] {
        seenElsewhere.compactMap { user, seen in seen.covers(event) ? connections[user] : nil }.sorted()
    }

    /// Forgets what users got elsewhere, where it has all come here, and to where they are.
    mutating func forgetSeen() {
        guard !seenElsewhere.isEmpty else { return }
        seenElsewhere = seenElsewhere.filter { user, seen in
            guard let user = roster.users[user] else { return false }
            let delivered = user.life == life ? mesh.delivered : mesh.peers[user.life.node]?.delivered ?? Vector()
            return !seen.isCovered(by: roster.vector) || !seen.isCovered(by: delivered)
        }
    }
}

extension Vector {
    fileprivate func isCovered(by other: Vector) -> Bool {
        positions.allSatisfy { node, position in other[node].map { position <= $0 } ?? false }
    }
}
