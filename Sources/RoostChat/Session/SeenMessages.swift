// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The ids of the messages shown last. After a move to another node some messages may come a second time, with the same
// `msgid` (https://ircv3.net/specs/extensions/message-ids); they are shown once.

/// Remembers a bounded number of message ids.
struct SeenMessages: Sendable {
    /// The oldest id is forgotten at this many.
    static let countMax = 2_048

    private var ids: Set<String> = []
    private var order: [String] = []
    /// The place in `order` that is overwritten next, once it is full.
    private var oldest = 0

    /// Whether this id is new; it is not from then on. Messages without an id are always new.
    mutating func isNew(_ id: String?) -> Bool {
        guard let id, !id.isEmpty else { return true }
        guard ids.insert(id).inserted else { return false }
        if order.count < Self.countMax {
            order.append(id)
        } else {
            ids.remove(order[oldest])
            order[oldest] = id
            oldest = (oldest + 1) % Self.countMax
        }
        return true
    }
}
