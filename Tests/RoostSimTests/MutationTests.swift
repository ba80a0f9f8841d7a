// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The checkers checked: a driver that does a wrong on purpose, in small runs that are sound without it. Each rule must
// see its wrong by itself, when no other is watched.

import RoostSim
import Testing

struct MutationTests {
    @Test(arguments: Sabotage.Kind.allCases.flatMap { kind in kind.rules.map { (kind, $0) } })
    func aWrongIsSeenByItsRule(_ kind: Sabotage.Kind, _ rule: Rule) {
        let runs =
            switch (kind, rule) {
            case (.keepsCuts, _): Run.cut
            case (.hidesDeliveries, _), (.stretchesHolds, _), (.liftsLimits, _), (.hidesJoins, .nobodyQuits): Run.deadly
            case (.hidesRemovals, _): Run.bereaved
            default: Run.sound
            }
        // One run may have nothing that the wrong can be done to.
        #expect(runs.contains { $0.violation(of: [rule], with: kind)?.rule == rule })
    }

    @Test func eachRuleHasItsWrong() {
        #expect(Set(Sabotage.Kind.allCases.flatMap(\.rules)) == Set(Rule.allCases))
    }

    @Test(arguments: Run.sound + Run.cut + Run.deadly + Run.bereaved)
    func withoutAWrongAllRulesHold(_ run: Run) {
        #expect(run.violation(of: Set(Rule.allCases), with: nil) == nil)
    }

    /// A small run.
    struct Run {
        let seed: UInt64
        var steps = 100
        var faults: Set<FaultKind> = []

        /// Nothing goes wrong, and all sorts of things happen.
        static let sound = [Run(seed: 14), Run(seed: 32)]
        static let cut = [Run(seed: 2, faults: [.cut]), Run(seed: 6, faults: [.cut])]
        /// Some never come back, and there is little room for messages to those who are held.
        static let deadly = [75, 112].map { Run(seed: $0, steps: 200, faults: [.kill]) }
        /// A node takes a ban back and dies, before others notice that they differ and ask it.
        static let bereaved = [Run(seed: 135, faults: [.kill]), Run(seed: 36, steps: 200, faults: [.kill])]

        /// What is seen of those rules alone.
        func violation(of rules: Set<Rule>, with sabotage: Sabotage.Kind?) -> Violation? {
            var simulation = Simulation(seed: seed, nodes: 3, faults: faults, sabotage: sabotage)
            simulation.watched = rules
            do throws(Violation) {
                try simulation.run(steps: steps)
                return nil
            } catch {
                return error
            }
        }
    }
}
