// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import roost_machine

/// Aim: no operation is left out, and each is what the table says that it is. Method: one sample, whatever it costs.
@Suite struct SamplerTests {
    @Test func everyOperationIsSampled() throws {
        var sampler = try Sampler(Shape(nodes: 2, users: 60), seed: 1)
        let costs = try sampler.costs(samples: 1)
        #expect(costs.map(\.operation) == Operation.allCases)
        #expect(costs.map { Int($0.cost.toldTo) } == [9, 1, 11, 11, 10, 1, 0])
        #expect(costs.allSatisfy { $0.cost.samples.count == 1 })
        try sampler.cluster.checkRosters(sampler.population)
    }

    @Test func aLostNodeAndASnapshotAreSampled() throws {
        let sampler = try Sampler(Shape(nodes: 3, users: 60), seed: 1)
        let (hiding, merging) = try sampler.costsOfRewriting(samples: 2)
        #expect((hiding.samples.count, merging.samples.count) == (2, 2))
        try sampler.cluster.checkRosters(sampler.population)
    }

    @Test func theMedianIsTheMiddleSample() {
        let cost = Cost(samples: [9, 1, 5], toldTo: 1)
        #expect((cost.least, cost.median, cost.greatest) == (1, 5, 9))
    }
}
