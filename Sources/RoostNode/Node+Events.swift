// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// From a fact to what it does: an event of our own or of a peer goes into the roster, and what changed for people's
// eyes goes to our clients. There is no other way to change the roster.

import RoostModel
import RoostRoster
import RoostWire

extension Node {
    /// Publishes a fact: numbers it, applies it here, tells our clients, and orders it sent to the peers.
    @discardableResult
    mutating func publish(_ body: EventBody) -> EventID {
        sequence += 1
        let event = Event(
            id: EventID(node: settings.node, epoch: settings.epoch, sequence: sequence),
            time: clock.tick(at: now.wall), body: body)
        if !settings.address.mesh.isEmpty { effects.append(.publish(event)) }
        take(event)
        return event.id
    }

    /// Applies an event, the next in its stream, and does what it asks of this node.
    mutating func take(_ event: Event) {
        record(event)
        if case .lifeEnded(let life) = event.body { returnMail(of: life) }
        if case .userTakenOver(let takeOver) = event.body { insist(against: takeOver, by: event) }
        let taken = mailTaken(by: event)
        var changes: [RosterChange] = []
        roster.apply(event, into: &changes)
        if case .lifeEnded(let life) = event.body {
            announceSplit(changes, leaving: [life], returning: [])
        } else {
            announce(changes, at: event.time)
        }
        if case .messageSent(let message) = event.body {
            deliver(message, of: event)
            return
        }
        noteHeldMembers(in: changes)
        noteEmptyChannels(in: changes, isOurs: event.id.node == settings.node)
        switch event.body {
        case .nickClaimed(let claim):
            if event.id.node != settings.node { settleClaims(on: claim.nick) }
        case .userTakenOver(let takeOver):
            if roster.users[takeOver.user]?.introduced == event.id {
                finish(takeOver, by: event, mail: taken)
            }
            settleClaims(on: takeOver.nick)
        case .quarantined(let reason):
            mesh.peers[event.id.node]?.counters.malformed += 1
            effects.append(.note(.eventQuarantined(event.id, reason: reason)))
        case .nodeDown(let life, _):
            hearVerdict(on: life, from: event.id.node)
        case .killRequested(let user, let by, let reason):
            if let connection = connections[user] { kill(connection, by: by, reason: reason) }
        case .wallopsSent(let by, let text):
            deliverWallops(text, by: by, at: event.time)
        case .nodeLeft(let reason):
            if event.id.node != settings.node { peerLeft(event.id.life, reason: reason) }
        default:
            break
        }
    }
}
