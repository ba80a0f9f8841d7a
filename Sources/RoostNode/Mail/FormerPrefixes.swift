// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Who has left, as others saw them: what they said before is kept for users who are held, and handed over in their name.

import RoostModel
import RoostRoster

/// The prefixes of the users who left last.
struct FormerPrefixes: Sendable {
    /// The most that are remembered; the oldest is forgotten, and what that user said is not handed over any more.
    static let countMax = 10_000

    private var prefixes: [UserID: String] = [:]
    private var order: [UserID] = []
    /// Where the oldest stands; those before it wait to be cut off in one go.
    private var head = 0

    /// How a user was seen who has left; nil where that is not remembered.
    subscript(user: UserID) -> String? { prefixes[user] }

    /// Takes note that a user has left.
    mutating func remember(_ user: UserID, as prefix: String) {
        if prefixes.updateValue(prefix, forKey: user) == nil { order.append(user) }
        guard order.count - head > Self.countMax else { return }
        prefixes[order[head]] = nil
        head += 1
        if head > Self.countMax {
            order.removeFirst(head)
            head = 0
        }
    }
}
