// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Who was where when: the bookkeeping by which it is known for whom a message was.

import RoostIRC
import RoostModel
import RoostNode
import RoostRoster

extension Simulation {
    /// Sees whether a line begins or ends a stay of whom it was sent to.
    mutating func follow(
        _ line: IRCLine, of number: Int, _ sighting: SimulatedCluster.Sighting
    ) throws(Violation) {
        let view = people[number].view
        guard let name = line.parameters.first.map({ ChannelName($0) }) else { return }
        switch line.command {
        case "JOIN" where line.sender == view.nick: try begin(name, of: number, sighting)
        case "PART" where line.sender == view.nick: end(name, of: number, at: sighting.before)
        case "KICK" where line.parameters.count > 1 && Nick(line.parameters[1]) == view.nick:
            end(name, of: number, at: sighting.before)
        default: break
        }
    }

    private mutating func begin(
        _ name: ChannelName, of number: Int, _ sighting: SimulatedCluster.Sighting
    ) throws(Violation) {
        let person = people[number]
        if let index = openStay(in: name, of: number) {
            if sighting.after == person.welcomedAt {
                // It is told again, after a take-over.
                stays[number][index].client = person.client.number
                return
            }
            try settlePlaces(of: number)
        }
        guard let user = person.user else { return }
        let tag = cluster.machines[person.node].roster.channels[name]?.members[user]?.last?.id
        stays[number].append(
            Stay(
                channel: name, user: user, startedAt: sighting.at, client: person.client.number, from: sighting.after,
                fromElsewhere: person.sawElsewhere, tag: tag))
    }

    private mutating func end(_ name: ChannelName, of number: Int, at progress: Progress) {
        guard let index = openStay(in: name, of: number) else { return }
        stays[number][index].until = progress
        stays[number][index].passedOver = cluster.passedOver(at: people[number].node)
    }

    private func openStay(in name: ChannelName, of number: Int) -> Int? {
        stays[number].firstIndex { $0.channel == name && $0.until == nil && !$0.isForsaken }
    }

    /// Somebody is gone, of its own will or by somebody's.
    mutating func endStays(of number: Int, at progress: Progress) {
        for (index, stay) in stays[number].enumerated() where stay.until == nil {
            // It may have gone before its new connection had to tell it of a place, which it had lost.
            let isTold = stay.channel == nil || stay.client == people[number].client.number
            stays[number][index].until = isTold || !wasEnded(stay) ? progress : Progress()
            stays[number][index].passedOver = cluster.passedOver(at: people[number].node)
        }
    }

    /// Somebody goes on at another node as who it was.
    mutating func takeOver(_ number: Int, as user: UserID) {
        let person = people[number]
        people[number].placesDue = cluster.now.instant + .seconds(1)
        let former = stays[number].last { $0.channel == nil && $0.until == nil }?.client
        people[number].sawElsewhere =
            former.map { cluster.reportOfDeliveries(to: $0, heardBy: person.node, takingOver: user) } ?? Vector()
        for index in stays[number].indices where stays[number][index].until == nil {
            stays[number][index].wasTakenOver = true
            if stays[number][index].channel == nil { stays[number][index].client = person.client.number }
        }
        let forerunners = forerunners(of: person.client.number, of: number)
        for (client, owner) in owners.enumerated() where owner == number && client != person.client.number {
            // A node that never heard that it was there asks nobody what it got there, be it known to one that is no more.
            // Nor does it where two nodes had taken it over, each without knowing of the other, and that one gave it up.
            let isUnheard = deliveredOnce.welcomes[client].map { !cluster.knows($0, at: person.node) } ?? false
            let isAsked = !isUnheard && forerunners.contains(client)
            let delivered =
                isAsked ? cluster.reportOfDeliveries(to: client, heardBy: person.node, takingOver: user) : Vector()
            deliveredOnce.takeOver(number, as: user, from: client, knowing: delivered)
        }
    }

    /// The clients on which somebody was the same user before, each taken over from the one before by who knew of it.
    private func forerunners(of client: Int, of number: Int) -> Set<Int> {
        let clients = owners.indices.filter { owners[$0] == number }
        var found: Set<Int> = []
        var welcome = deliveredOnce.welcomes[client]
        while let event = welcome, let after = cluster.takeOver(by: event)?.after {
            let former = clients.last { former in
                deliveredOnce.welcomes[former].map { $0.life == after.life && $0.sequence <= after.sequence } ?? false
            }
            guard let former, found.insert(former).inserted else { break }
            welcome = deliveredOnce.welcomes[former]
        }
        return found
    }

    /// Somebody has come back as another user, or never will: who it was is held until the hold ends.
    mutating func forsake(_ number: Int) {
        for index in stays[number].indices where stays[number][index].until == nil {
            stays[number][index].isForsaken = true
            stays[number][index].heldUntil = stays[number][index].heldUntil ?? people[number].heldUntil
        }
        endSeenOff(of: number)
    }

    /// The node of a user has said that it left. Whoever it was has left that node while it stood still, or was made to:
    /// it is not held, and gets nothing more as who it was.
    mutating func seeOff(_ user: UserID) {
        seenOff.insert(user)
        for number in people.indices { endSeenOff(of: number) }
    }

    private mutating func endSeenOff(of number: Int) {
        for (index, stay) in stays[number].enumerated()
        where stay.until == nil && stay.isForsaken && seenOff.contains(stay.user) {
            stays[number][index].until = Progress()
        }
    }

    /// Nobody is held any more: who was kicked meanwhile, or had left, was to get nothing more of that channel.
    mutating func settleForsaken() {
        for number in people.indices {
            for (index, stay) in stays[number].enumerated() where stay.isForsaken && wasEnded(stay) {
                stays[number][index].until = Progress()
            }
        }
    }

    /// Whether it was kicked from there, or has said PART and lost its node before that could tell it so.
    private func wasEnded(_ stay: Stay) -> Bool {
        guard let name = stay.channel else { return false }
        return cluster.published.contains {
            switch $0.event.body {
            case .kicked(stay.user, name, _, _, _): true
            case .parted(stay.user, name, let tags, _): stay.tag.map { tags.contains($0) } ?? false
            default: false
            }
        }
    }

    /// Nodes have died. What nobody is left to know of is over, for everybody.
    mutating func forgetUnknownStays() {
        for number in people.indices {
            for (index, stay) in stays[number].enumerated() where stay.until == nil {
                guard let tag = stay.tag, !cluster.isHeardOf(tag), !people[number].isThere else { continue }
                stays[number][index].until = Progress()
            }
        }
    }

    /// Takes note of stays that all nodes have come to know of.
    mutating func firmStays() {
        for number in people.indices {
            for index in stays[number].indices where stays[number][index].firmAt == nil {
                guard let tag = stays[number][index].tag, stays[number][index].until == nil else { continue }
                let isFirm = cluster.machines.indices.allSatisfy {
                    !cluster.isAlive($0) || cluster.knows(tag, at: $0)
                }
                if isFirm { stays[number][index].firmAt = cluster.now.instant }
            }
        }
    }

    /// A node takes somebody over, who loses the places that only its dead node and some others knew of.
    mutating func loseUnknownPlaces(of user: UserID, but known: Set<ChannelName>) {
        for number in people.indices {
            for (index, stay) in stays[number].enumerated() where stay.user == user && stay.until == nil {
                guard let name = stay.channel, !known.contains(name), !wasKnown(stay, of: number) else { continue }
                stays[number][index].until = Progress()
            }
        }
    }

    /// Whether all nodes knew of a stay when its person connected where it is now: no node knows of places that reach it
    /// only later.
    private func wasKnown(_ stay: Stay, of number: Int) -> Bool {
        stay.firmAt.map { $0 < people[number].connectedAt } ?? false
    }

    /// Somebody who came back has been told by now where it is. What it was not told of it has lost: places that only its
    /// dead node knew of, and those that it was kicked from meanwhile.
    mutating func settlePlaces(of number: Int) throws(Violation) {
        let person = people[number]
        for (index, stay) in stays[number].enumerated() where stay.until == nil && !stay.isForsaken {
            guard let name = stay.channel, stay.client != person.client.number else { continue }
            // Whoever was kicked while it was held, or had left, gets nothing more of that channel.
            stays[number][index].until = Progress()
            if wasEnded(stay) || !wasKnown(stay, of: number) { continue }
            try demand(.nobodyQuits) { () throws(Violation) in
                throw Violation(
                    rule: .nobodyQuits, detail: "person \(number) came back, and has lost its place in \(name)")
            }
        }
    }
}
