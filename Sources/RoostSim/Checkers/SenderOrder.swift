// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Of one sender's messages nobody gets a later one before an earlier one. Who comes back elsewhere may get some again,
// from the first of those on. Who writes to itself gets that at once, as every receiver does, and the echo of what it said
// before when that is accepted (DESIGN §2): its echoes have an order of their own.

import RoostModel

/// Judges a message as it arrives.
struct SenderOrder {
    /// What comes to somebody of one sender in order.
    private struct Strand: Hashable {
        let sender: Int
        let isEchoes: Bool
    }

    /// The last message of each sender that came to each client.
    private var last: [Int: [Strand: Int]] = [:]
    /// The highest message of each sender that each person got on whatever connection.
    private var highest: [Int: [Strand: Int]] = [:]

    /// A person gets a message on a client. It is not in the book yet.
    mutating func check(
        _ message: FollowedMessage, by person: Int, on client: Int, in book: Messages
    ) throws(Violation) {
        let (sender, number) = (message.key.sender, message.key.number)
        let strand = Strand(sender: sender, isEchoes: person == sender && message.isEchoNext(on: client))
        let before = last[client]?[strand] ?? 0
        last[client, default: [:]][strand] = max(before, number)
        let highest = highest[person]?[strand] ?? 0
        self.highest[person, default: [:]][strand] = max(highest, number)
        let isAgain = message.receipts[person] != nil
        let later = isAgain ? before : max(before, highest)
        guard later > number, !(message.receipts[person] ?? []).contains(client) else { return }
        // What was said on a connection that is lost may be found later than what its sender said on the next.
        let other = book.all[MessageKey(sender: sender, number: later)]
        if let other, other.connection != message.connection { return }
        throw Violation(rule: .senderOrder, detail: "person \(person) got \(message.key) after message \(later)")
    }
}
