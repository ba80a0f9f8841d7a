// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Thinks out who does what: the same seed gives the same plans.

import RoostModel

/// Makes plans for a population. Those of one exercise are to be carried out in the order in which they were made, and
/// all of them: the next begin where they end.
struct Planner: Sendable {
    /// What people say: sixty characters, as the load generator says them.
    private static let text = String(repeating: "0123456789", count: 6)

    let population: Population
    private var random: SeededRandom
    /// The number of the next client.
    private var nextClient: Int

    init(_ population: Population, seed: UInt64) {
        self.population = population
        random = SeededRandom(seed: seed)
        nextClient = population.visitors.upperBound
    }

    /// The plans of one round of an exercise, each of at most so many operations.
    ///
    /// - Parameter node: who does something is at that node; nil for anywhere.
    mutating func round(of exercise: Exercise, operationsMax: Int, at node: Int? = nil) -> [Plan] {
        switch exercise {
        case .channelMessages: [channelMessages(operationsMax, at: node)]
        case .privateMessages: [privateMessages(operationsMax)]
        case .visits: visits(operationsMax, at: node)
        case .nickChanges: nickChanges(operationsMax)
        case .sessions: sessions(operationsMax)
        }
    }

    private mutating func channelMessages(_ count: Int, at node: Int?) -> Plan {
        var plan = Plan(.channelMessage)
        while plan.actions.count < count {
            let room = population.rooms.indices.randomElement(using: &random) ?? 0
            let members = population.rooms[room]
            guard let user = members.randomElement(using: &random),
                node ?? population.node(of: user) == population.node(of: user)
            else { continue }
            let line = "PRIVMSG \(Population.name(of: room)) :\(Self.text)"
            plan.add(.line(client: user, bytes: Array(line.utf8)), toldTo: members.lazy.filter { $0 != user })
        }
        return plan
    }

    private mutating func privateMessages(_ count: Int) -> Plan {
        var plan = Plan(.privateMessage)
        for _ in 0..<count {
            let user = Int.random(in: 0..<population.shape.users, using: &random)
            let step = Int.random(in: 1..<population.shape.users, using: &random)
            let other = (user + step) % population.shape.users
            let line = "PRIVMSG \(Population.nick(of: other)) :\(Self.text)"
            plan.add(.line(client: user, bytes: Array(line.utf8)), toldTo: [other])
        }
        return plan
    }

    /// Each visitor comes into a room of its own choice where no other is, and leaves it.
    private mutating func visits(_ count: Int, at node: Int?) -> [Plan] {
        var joins = Plan(.join)
        var parts = Plan(.part)
        let visitors = population.visitors.filter { node ?? population.node(of: $0) == population.node(of: $0) }
        let chosen = choice(of: min(count, visitors.count), below: population.rooms.count)
        for (visitor, room) in zip(visitors, chosen) {
            let told = population.rooms[room] + [visitor]
            joins.add(.line(client: visitor, bytes: Array("JOIN \(Population.name(of: room))".utf8)), toldTo: told)
            parts.add(.line(client: visitor, bytes: Array("PART \(Population.name(of: room))".utf8)), toldTo: told)
        }
        return [joins, parts]
    }

    private mutating func nickChanges(_ count: Int) -> [Plan] {
        var there = Plan(.nickChange)
        var back = Plan(.nickChange)
        for user in choice(of: min(count, population.shape.users / 2), below: population.shape.users) {
            var told: Set<Int> = [user]
            for room in population.roomsOfUser[user] { told.formUnion(population.rooms[room]) }
            there.add(.line(client: user, bytes: Array("NICK \(Population.otherNick(of: user))".utf8)), toldTo: told)
            back.add(.line(client: user, bytes: Array("NICK \(Population.nick(of: user))".utf8)), toldTo: told)
        }
        return [there, back]
    }

    private mutating func sessions(_ count: Int) -> [Plan] {
        var registrations = Plan(.registration)
        var quits = Plan(.quit)
        for _ in 0..<count {
            registrations.add(population.arrival(of: nextClient), toldTo: [nextClient])
            quits.add(.loss(client: nextClient), toldTo: [])
            nextClient += 1
        }
        return [registrations, quits]
    }

    /// So many different numbers, all of them below `limit`.
    private mutating func choice(of count: Int, below limit: Int) -> [Int] {
        var chosen: Set<Int> = []
        var order: [Int] = []
        while order.count < min(count, limit) {
            let number = Int.random(in: 0..<limit, using: &random)
            if chosen.insert(number).inserted { order.append(number) }
        }
        return order
    }
}
