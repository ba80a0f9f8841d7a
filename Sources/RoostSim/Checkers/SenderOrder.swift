// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Of one sender's messages nobody gets a later one before an earlier one. Who comes back elsewhere may get some again,
// from the first of those on.

import RoostModel

/// Judges a message as it arrives.
struct SenderOrder {
    /// The last message of each sender that came to each client.
    private var last: [Int: [Int: Int]] = [:]
    /// The highest message of each sender that each person got on whatever connection.
    private var highest: [Int: [Int: Int]] = [:]

    /// A person gets a message on a client. It is not in the book yet.
    mutating func check(
        _ message: FollowedMessage, by person: Int, on client: Int, in book: Messages
    ) throws(Violation) {
        let (sender, number) = (message.key.sender, message.key.number)
        let before = last[client]?[sender] ?? 0
        last[client, default: [:]][sender] = max(before, number)
        let highest = highest[person]?[sender] ?? 0
        self.highest[person, default: [:]][sender] = max(highest, number)
        let isAgain = message.receipts[person] != nil
        let later = isAgain ? before : max(before, highest)
        guard later > number, !(message.receipts[person] ?? []).contains(client) else { return }
        // What was said on a connection that is lost may be found later than what its sender said on the next.
        let other = book.all[MessageKey(sender: sender, number: later)]
        if let other, other.connection != message.connection { return }
        throw Violation(rule: .senderOrder, detail: "person \(person) got \(message.key) after message \(later)")
    }
}
