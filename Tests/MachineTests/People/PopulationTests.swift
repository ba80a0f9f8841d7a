// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import RoostModel
import RoostNode
import RoostRoster
import Testing

@testable import roost_machine

/// Aim: what a measurement says of its cluster is so. Method: build it, and look at every node's roster.
@Suite struct PopulationTests {
    @Test(arguments: [Shape(), Shape(users: 200, roomsPerUser: 7), Shape(users: 90, roomSize: 90)])
    func everyUserIsInSoManyRoomsOfThatSize(shape: Shape) {
        let population = Population(shape)
        #expect(population.rooms.count == shape.rooms)
        for members in population.rooms { #expect(Set(members).count == shape.roomSize) }
        for user in 0..<shape.users {
            #expect(population.roomsOfUser[user].count == shape.roomsPerUser)
            for room in population.roomsOfUser[user] { #expect(population.rooms[room].contains(user)) }
        }
    }

    @Test(arguments: [1, 2, 5])
    func everyUserIsInEveryNodesRoster(nodes: Int) throws {
        let population = Population(Shape(nodes: nodes, users: 60, roomsPerUser: 2))
        let cluster = try MachineCluster(population)
        for machine in cluster.machines {
            for user in 0..<population.visitors.upperBound {
                let known = try #require(machine.roster.user(named: Nick(Population.nick(of: user))))
                #expect(known.node == cluster.machines[population.node(of: user)].settings.node)
                let rooms = user < 60 ? population.roomsOfUser[user].map { ChannelName(Population.name(of: $0)) } : []
                #expect(known.channels == Set(rooms))
            }
            #expect(machine.roster.visibleUserCount == population.visitors.upperBound)
        }
    }

    @Test func aNodeThatMissesARoomIsFound() throws {
        let cluster = try MachineCluster(Population(Shape(users: 20)))
        #expect(throws: Mistold.self) { try cluster.checkRosters(Population(Shape(users: 20, roomsPerUser: 2))) }
    }
}
