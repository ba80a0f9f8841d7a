// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import roost_machine

/// Aim: what is counted is the path, and it is taken as often as is said. Method: take it; it throws where what it does is
/// not seen by those who must see it.
@Suite struct HotPathTests {
    @Test(arguments: HotPath.allCases)
    func everyPathIsTaken(path: HotPath) throws { try path.take(100, of: 200, seed: 1) }

    @Test func framesThatAreHeldReachNobodyUntilTheyAreApplied() throws {
        let population = Population(Shape(nodes: 2, users: 20))
        let cluster = try MachineCluster(population)
        var plan = Plan(.privateMessage)
        plan.add(.line(client: 0, bytes: Array("PRIVMSG u1 :hello".utf8)), toldTo: [1])
        cluster.held = (node: 1, frames: [])
        cluster.perform(plan)
        #expect(cluster.mail.boxes[1].told == 0)
        for frame in cluster.held?.frames ?? [] { cluster.receive(frame) }
        #expect(cluster.mail.boxes[1].told == 1)
        try cluster.check(plan)
    }
}
