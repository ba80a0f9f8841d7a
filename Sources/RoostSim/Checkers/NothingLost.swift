// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What was accepted reaches everybody who is there, whatever becomes of the nodes on its way, or its sender is told that
// it did not.

import RoostModel
import RoostNode
import RoostRoster

/// Judges at the end, when everything has arrived.
struct NothingLost {
    /// Sees whether everybody got what was for them.
    ///
    /// - Parameter isRoomy: whether there is room to keep whatever may have to be kept. Where there is not, a message to
    ///   somebody who is held may have been kept by its sender's node and not by the one that took the receiver over.
    func finish(
        _ book: Messages, stays: [[Stay]], people: [Person], in cluster: SimulatedCluster, isSound: Bool, isRoomy: Bool
    ) throws(Violation) {
        for message in book.all.values.sorted(by: { $0.key < $1.key }) {
            guard message.acceptedAt != nil else {
                let sender = people[message.key.sender]
                if !isSound || message.receipts.isEmpty || !sender.isThere { continue }
                throw Violation(rule: .nothingLost, detail: "\(message.key) was delivered, and not accepted")
            }
            // With all nodes that ever had it, it is gone.
            guard let event = message.event, cluster.isKnown(event) else { continue }
            for person in people where person.number != message.key.sender {
                guard message.receipts[person.number] == nil else { continue }
                let final = cluster.machines[person.node].roster.progress
                let hasEvent = cluster.has(event, at: person.node)
                for stay in stays[person.number]
                where message.isFor(stay)
                    && stay.covers(
                        message, now: final, hasEvent: stay.passedOver.map { !$0.contains(event) } ?? hasEvent)
                {
                    let sender = people[message.key.sender]
                    if !isRoomy && (stay.isForsaken || stay.wasTakenOver) { continue }
                    let mayMiss = sender.user != message.user || sender.missed(person)
                    if stay.isForsaken && (mayMiss || book.wasReturned(message)) { continue }
                    throw Violation(
                        rule: .nothingLost,
                        detail: "\(message.key) to \(message.target), event \(event), did not reach person"
                            + " \(person.number), who \(stay)")
                }
            }
        }
    }
}

extension Person {
    /// Whether it was not there when the hold of another ended, and so could not be told of it.
    fileprivate func missed(_ other: Person) -> Bool {
        !isThere || other.heldUntil.map { connectedAt >= $0 } ?? true
    }
}

extension FollowedMessage {
    /// Whether it goes to whoever stays there.
    func isFor(_ stay: Stay) -> Bool {
        switch destination {
        case .channel(let name, _): stay.channel == name
        case .user(let user): stay.channel == nil && stay.user == user
        case nil: false
        }
    }
}
