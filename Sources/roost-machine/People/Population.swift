// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Who is where: the users of a measured cluster and their rooms, by number.

import RoostModel
import RoostNode
import RoostRoster

/// Users, rooms and visitors. A user's number is that of its client.
struct Population: Sendable {
    let shape: Shape
    /// The members of each room.
    let rooms: [[Int]]
    /// The rooms of each user.
    let roomsOfUser: [[Int]]
    /// Those who are in no room.
    var visitors: Range<Int> { shape.users..<(shape.users + shape.visitors) }

    /// Spreads users over rooms. Those who share a room of one layer share none of the next, where that can be.
    init(_ shape: Shape) {
        self.shape = shape
        var rooms: [[Int]] = []
        var roomsOfUser: [[Int]] = Array(repeating: [], count: shape.users)
        for layer in 0..<shape.roomsPerUser {
            let order = Self.order(of: shape.users, layer: layer)
            for start in stride(from: 0, to: shape.users, by: shape.roomSize) {
                let members = Array(order[start..<(start + shape.roomSize)])
                for user in members { roomsOfUser[user].append(rooms.count) }
                rooms.append(members)
            }
        }
        self.rooms = rooms
        self.roomsOfUser = roomsOfUser
    }

    /// All numbers below `count`, by steps that grow with the layer and share no divisor with it.
    private static func order(of count: Int, layer: Int) -> [Int] {
        var step = 10 * layer + 1
        while greatestCommonDivisor(step, count) != 1 { step += 1 }
        return (0..<count).map { $0 * step % count }
    }

    private static func greatestCommonDivisor(_ one: Int, _ other: Int) -> Int {
        other == 0 ? one : greatestCommonDivisor(other, one % other)
    }

    /// The node that a user is connected to, by its place.
    func node(of user: Int) -> Int { user % shape.nodes }

    /// The nick that a user has come with.
    static func nick(of user: Int) -> String { "u\(user)" }

    /// The nick that it changes to and back from.
    static func otherNick(of user: Int) -> String { "another\(user)" }

    /// The name of a room.
    static func name(of room: Int) -> String { "#room\(room)" }

    /// The address that a user connects from, each from its own.
    static func host(of user: Int) -> String { "10.\(user >> 16 & 255).\(user >> 8 & 255).\(user & 255)" }

    /// Everybody arrives.
    func arrivals() -> Plan {
        var plan = Plan(.registration)
        for user in 0..<visitors.upperBound { plan.add(arrival(of: user), toldTo: [user]) }
        return plan
    }

    /// Everybody who is to be in rooms joins them, and is told of those who come later.
    func joins() -> Plan {
        var plan = Plan(.join)
        for (room, members) in rooms.enumerated() {
            let line = Array("JOIN \(Self.name(of: room))".utf8)
            for (index, user) in members.enumerated() {
                plan.add(.line(client: user, bytes: line), toldTo: members[...index])
            }
        }
        return plan
    }

    /// A user connects and gives its names.
    func arrival(of user: Int) -> Plan.Action {
        let nick = Self.nick(of: user)
        return .arrival(
            node: node(of: user), host: Self.host(of: user),
            lines: [Array("NICK \(nick)".utf8), Array("USER user 0 * :Example of \(nick)".utf8)])
    }
}

extension MachineCluster {
    /// A cluster of that shape with everybody in their rooms, or `Mistold` where not all of them got there.
    convenience init(
        _ population: Population, transcribed: Bool = false, prepare: (inout NodeSettings) -> Void = { _ in }
    ) throws {
        self.init(nodes: population.shape.nodes, prepare: prepare)
        if transcribed { mail.transcripts = [:] }
        // One node needs no time to decide; several wait for each other.
        let interval = population.shape.nodes > 1 ? Duration.microseconds(10) : .zero
        for plan in [population.arrivals(), population.joins()] {
            carryOut(plan, interval: interval)
            try check(plan)
        }
        passSignsOfLife()
        try checkRosters(population)
    }

    /// Throws unless every node knows every user and every room, and all know the same.
    func checkRosters(_ population: Population) throws {
        for machine in machines {
            let name = machine.settings.node
            let users = machine.roster.visibleUserCount
            guard users == population.visitors.upperBound else {
                throw Mistold(description: "\(name) knows \(users) users, not \(population.visitors.upperBound)")
            }
            for (room, members) in population.rooms.enumerated() {
                let count = machine.roster.channels[ChannelName(Population.name(of: room))]?.members.count ?? 0
                guard count == members.count else {
                    throw Mistold(description: "\(name) knows \(count) members of room \(room), not \(members.count)")
                }
            }
            guard machine.roster.digest == machines[0].roster.digest else {
                throw Mistold(description: "\(name) has another roster than \(machines[0].settings.node)")
            }
        }
    }
}
