// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What people see in a simulation, and what is concluded from it: lines go to their views, messages to the book, and both
// to the checkers.

import RoostIRC
import RoostModel
import RoostNode
import RoostRoster

extension Simulation {
    /// Takes in all that was published and seen since the last time, and checks what must hold at every moment.
    mutating func observe() throws(Violation) {
        readPublished()
        let sightings = cluster.takeSightings()
        for sighting in sightings {
            switch sighting.sight {
            case .line(let client, let text):
                remember("person \(owners[client.number])< \(text)", at: sighting.at)
                try see(text, client, sighting)
            case .closed(let client):
                remember("\(client) is disconnected", at: sighting.at)
                try close(client, sighting)
            case .note(let node, let note):
                remember("\(node) notes: \(note)", at: sighting.at)
                if case .digestMismatch(let peer, _, _) = note, !plan.hasDeaths { try compare(node, peer) }
                try demand(.nothingAmiss) { () throws(Violation) in
                    let delays = cluster.network.delays.mesh
                    let isUneven = delays.upperBound - delays.lowerBound > NodeLimits().gapPatience
                    try NothingAmiss(isSound: plan.isSound, hasDeaths: plan.hasDeaths, isUneven: isUneven)
                        .check(note, of: node)
                }
            case .reload, .stopped:
                break
            }
        }
        try demand(.deadlinesPass) { () throws(Violation) in
            guard let node = cluster.overdue else { return }
            throw Violation(rule: .deadlinesPass, detail: "\(node) is overdue for ever")
        }
        if !sightings.isEmpty {
            try demand(.nickUnique) { () throws(Violation) in
                try NickUnique().check(people.filter(isTold), areApart: areApart)
            }
        }
        firmStays()
    }

    /// Says in what two nodes differ that report that they do, where they have not moved on meanwhile.
    private func compare(_ node: NodeID, _ peer: NodeID) throws(Violation) {
        let pair = cluster.machines.filter { $0.settings.node == node || $0.settings.node == peer }
        guard pair.count == 2, pair[0].roster.vector == pair[1].roster.vector else { return }
        try demand(.rostersEqual) { () throws(Violation) in try RostersEqual().check(pair) }
    }

    /// Learns what became of messages and who is who.
    private mutating func readPublished() {
        while publishedSeen < cluster.published.count {
            let event = cluster.published[publishedSeen].event
            publishedSeen += 1
            switch event.body {
            case .messageSent(let message): messages.publish(message, as: event.id)
            case .userIntroduced(let record): introduce(record.id, named: record.userName, by: event.id)
            case .userTakenOver(let takeOver):
                introduce(takeOver.user, named: takeOver.userName, by: event.id)
                loseUnknownPlaces(of: takeOver.user, but: Set(takeOver.memberships.map(\.channel)))
            case .userQuit(let user, _):
                // Its node has found the connection broken that it left: what came after that moment was for nobody.
                if let person = people.first(where: { $0.user == user }), person.brokeOff {
                    endStays(of: person.number, at: person.knows)
                }
                seeOff(user)
            case .killRequested(let user, _, _):
                killed.insert(user)
                if let person = people.first(where: { $0.user == user }) { people[person.number].mayQuit = true }
            default: break
            }
        }
    }

    private mutating func introduce(_ user: UserID, named name: String, by event: EventID) {
        guard let number = Int(name.dropFirst()), people.indices.contains(number) else { return }
        introduced[number] = (user, event)
    }

    /// Whether no line is on its way to a person that tells it that it goes by another nick now.
    private func isTold(_ person: Person) -> Bool {
        guard let user = person.user, let known = cluster.machines[person.node].roster.users[user] else { return true }
        return known.nick == person.view.nick
    }

    // MARK: Lines

    private mutating func see(
        _ text: String, _ client: SimulatedCluster.ClientID, _ sighting: SimulatedCluster.Sighting
    ) throws(Violation) {
        let number = owners[client.number]
        guard people[number].client == client else { return }
        let line: IRCLine
        do {
            line = try IRCLine(parsing: text, limits: .fromServer)
        } catch {
            let detail = "person \(number) was sent \"\(text)\": \(error)"
            return try demand(.linesLegal) { () throws(Violation) in
                throw Violation(rule: .linesLegal, detail: detail)
            }
        }
        try demand(.nobodyQuits) { () throws(Violation) in
            try NobodyQuits().check(line, seenBy: number, among: people, at: sighting.at)
        }
        if ["PRIVMSG", "NOTICE"].contains(line.command), line.parameters.count == 2,
            let key = MessageKey(line.parameters[1])
        {
            try receive(key, line, by: number, on: client.number, sighting)
        }
        messages.giveBack(line, to: number)
        try follow(line, of: number, sighting)
        if let problem = people[number].view.see(line) {
            try demand(.nobodyQuits) { () throws(Violation) in
                throw Violation(rule: .nobodyQuits, detail: "person \(number) is told that \(problem)")
            }
        }
        if people[number].view.nick != nil { people[number].knows = sighting.before }
        if line.command == Numeric.welcome.code { try welcome(number, sighting) }
        if let answer = answer(number, to: line) { answers.append((number, answer)) }
    }

    private mutating func receive(
        _ key: MessageKey, _ line: IRCLine, by number: Int, on client: Int, _ sighting: SimulatedCluster.Sighting
    ) throws(Violation) {
        guard let message = messages.all[key] else { return }
        try demand(.deliveredOnce) { () throws(Violation) in
            try deliveredOnce.check(message, by: number, on: client)
        }
        if watched.contains(.senderOrder) {
            // What was said before somebody came may be found when it goes on elsewhere.
            let isOlder = stays[number].contains { message.isFor($0) && message.sentAt < $0.startedAt }
            if !isOlder { try senderOrder.check(message, by: number, on: client, in: messages) }
        }
        let target = line.parameters[0]
        // Who comes back may be handed what was said in a channel that it was kicked from later.
        let isFirst = owners.firstIndex(of: number) == client
        if isFirst, number != key.sender, isChannelName(target),
            people[number].view.channels[ChannelName(target)] == nil
        {
            try demand(.deliveredOnce) { () throws(Violation) in
                throw Violation(
                    rule: .deliveredOnce, detail: "person \(number) got \(key), and is not in \(target)")
            }
        }
        messages.receive(key, by: number, on: client)
        guard number == key.sender, message.isEchoNext(on: client), messages.accept(key, at: sighting.at)
        else { return }
        try demand(.acceptedIsKept) { () throws(Violation) in
            try AcceptedIsKept().check(message, at: people[number].node, in: cluster, areApart: areApart)
        }
    }

    // MARK: Coming and going

    /// Somebody is welcomed: as who it was before, or as somebody new.
    private mutating func welcome(_ number: Int, _ sighting: SimulatedCluster.Sighting) throws(Violation) {
        people[number].welcomedAt = sighting.after
        let person = people[number]
        people[number].brokeOff = false
        let user = introduced[number]?.user
        if let user, let event = introduced[number]?.event {
            deliveredOnce.welcome(person.client.number, as: user, by: event)
        }
        if let user, user == person.user {
            people[number].formerHold = nil
            // A node that it left while that stood still does not hold it.
            let until = person.brokeOff ? cluster.now.instant : person.heldUntil
            if let until, let event = introduced[number]?.event {
                people[number].formerHold = (until, event)
            }
            people[number].mayQuit = people[number].hasQuit || killed.contains(user)
            people[number].heldUntil = nil
            takeOver(number, as: user)
            return
        }
        // Whom it spoke for before is held, or gone.
        if person.user != nil { people[number].hasFormerSelf = true }
        forsake(number)
        people[number].mayQuit = people[number].hasQuit
        people[number].heldUntil = nil
        people[number].user = user
        people[number].sawElsewhere = Vector()
        guard let user else { return }
        stays[number].append(
            Stay(
                channel: nil, user: user, startedAt: sighting.at, client: person.client.number, from: sighting.after,
                fromElsewhere: Vector(), tag: user))
    }

    private mutating func close(
        _ client: SimulatedCluster.ClientID, _ sighting: SimulatedCluster.Sighting
    ) throws(Violation) {
        let number = owners[client.number]
        let person = people[number]
        guard person.client == client, person.isThere else { return }
        let isNodeLost = !cluster.isAlive(person.node) || cluster.machines[person.node].isDraining
        let wasRestarted = cluster.life(of: client) != cluster.life(of: person.node)
        if isNodeLost || wasRestarted || person.view.nick == nil && !person.hasQuit {
            loseNode(number)
            return
        }
        people[number].state = .gone
        // Who it was on another connection it still is.
        if person.view.nick == nil { return }
        if person.mayQuit {
            endStays(of: number, at: sighting.before)
            return
        }
        try demand(.nobodyQuits) { () throws(Violation) in
            throw Violation(rule: .nobodyQuits, detail: "person \(number) was disconnected by its node")
        }
    }
}
