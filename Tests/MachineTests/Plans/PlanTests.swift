// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import roost_machine

/// Aim: what is measured really happens, to everybody whom it concerns. Method: carry plans out, and read what every
/// client was told.
@Suite struct PlanTests {
    private let shape = Shape(nodes: 3, users: 60)

    @Test(arguments: [1, 3])
    func aChannelMessageReachesEveryOtherMember(nodes: Int) throws {
        let (cluster, population, plan) = try carriedOut(.channelMessages, nodes: nodes)[0]
        for action in plan.actions {
            guard case .line(let sender, let bytes) = action else { continue }
            let line = String(decoding: bytes, as: UTF8.self)
            let members = population.rooms[population.roomsOfUser[sender][0]]
            for user in 0..<population.visitors.upperBound {
                let isTold = cluster.mail.transcripts?[user]?.contains {
                    $0.hasSuffix(line) && $0.hasPrefix(":u\(sender)!")
                }
                #expect(isTold ?? false == (members.contains(user) && user != sender))
            }
        }
        #expect(plan.expectedCount == plan.actions.count * 9)
    }

    @Test(arguments: [1, 3])
    func aPrivateMessageReachesOne(nodes: Int) throws {
        let (cluster, _, plan) = try carriedOut(.privateMessages, nodes: nodes)[0]
        let told = (cluster.mail.transcripts ?? [:]).values.joined().filter { $0.contains(" PRIVMSG u") }
        #expect(told.count == plan.actions.count)
    }

    @Test(arguments: [1, 3])
    func aJoinAndAPartAreSeenByTheRoomAndWhoDidThem(nodes: Int) throws {
        let rounds = try carriedOut(.visits, nodes: nodes)
        #expect(rounds.map(\.plan.operation) == [.join, .part])
        for (cluster, population, plan) in rounds {
            for action in plan.actions {
                guard case .line(let visitor, let bytes) = action else { continue }
                let line = String(decoding: bytes, as: UTF8.self)
                let seen = (cluster.mail.transcripts ?? [:]).filter { $0.value.contains { $0 == told(visitor, line) } }
                let members = population.rooms.first { Set($0).union([visitor]) == Set(seen.keys) }
                #expect(members != nil)
            }
        }
    }

    @Test(arguments: [1, 3])
    func nicksChangeThereAndBack(nodes: Int) throws {
        let rounds = try carriedOut(.nickChanges, nodes: nodes)
        #expect(rounds.count == 2)
        #expect(rounds.allSatisfy { $0.plan.expectedCount == 10 * $0.plan.actions.count })
    }

    @Test(arguments: [1, 3])
    func newcomersAreWelcomedAndLeave(nodes: Int) throws {
        let rounds = try carriedOut(.sessions, nodes: nodes)
        #expect(rounds.map(\.plan.operation) == [.registration, .quit])
        #expect(rounds[0].plan.expectedCount == rounds[0].plan.actions.count)
    }

    @Test func whatWasNotToldIsFound() throws {
        let cluster = try MachineCluster(Population(shape))
        var plan = Plan(.privateMessage)
        plan.add(.line(client: 1, bytes: Array("PRIVMSG u2 :hello".utf8)), toldTo: [2, 3])
        cluster.carryOut(plan)
        #expect(throws: Mistold.self) { try cluster.check(plan) }
    }

    @Test func whatWasToldTwiceIsFound() throws {
        let cluster = try MachineCluster(Population(shape))
        var plan = Plan(.privateMessage)
        plan.add(.line(client: 1, bytes: Array("PRIVMSG u2 :hello".utf8)), toldTo: [2])
        cluster.carryOut(plan)
        cluster.carryOut(plan)
        #expect(throws: Mistold.self) { try cluster.check(plan) }
    }

    @Test func theSameSeedGivesTheSamePlans() {
        for exercise in Exercise.allCases {
            var one = Planner(Population(shape), seed: 7)
            var other = Planner(Population(shape), seed: 7)
            let plans = one.round(of: exercise, operationsMax: 20).map { "\($0.actions)" }
            #expect(plans == other.round(of: exercise, operationsMax: 20).map { "\($0.actions)" })
            #expect(plans.allSatisfy { $0 != "[]" })
        }
    }

    /// How others see what a visitor did.
    private func told(_ visitor: Int, _ line: String) -> String {
        ":u\(visitor)!user@\(Population.host(of: visitor)) \(line)"
    }

    /// A round of an exercise, carried out; nobody is where it was not before.
    private func carriedOut(
        _ exercise: Exercise, nodes: Int
    ) throws -> [(cluster: MachineCluster, population: Population, plan: Plan)] {
        var shape = shape
        shape.nodes = nodes
        let population = Population(shape)
        let cluster = try MachineCluster(population, transcribed: true)
        cluster.mail.transcripts = [:]
        var planner = Planner(population, seed: 1)
        let plans = planner.round(of: exercise, operationsMax: 20)
        for plan in plans {
            #expect(!plan.actions.isEmpty)
            cluster.carryOut(plan)
            try cluster.check(plan)
        }
        try cluster.checkRosters(population)
        return plans.map { (cluster, population, $0) }
    }
}
