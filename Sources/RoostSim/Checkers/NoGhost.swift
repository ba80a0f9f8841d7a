// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// In quiet times everybody whom a node lists is connected to the node that it is listed at, or held for a node that is
// down. So is whoever left its node while that stood still, as long as there is a node down to which it may have gone.

import RoostModel
import RoostNode
import RoostRoster

/// Compares rosters with people.
struct NoGhost {
    /// Whether a hold may be on: not when enough time has passed since the last node went down.
    let canBeHeld: Bool

    func check(_ people: [Person], in cluster: SimulatedCluster) throws(Violation) {
        let owners = Dictionary(people.compactMap { person in person.user.map { ($0, person) } }) { _, last in last }
        for (place, machine) in cluster.machines.enumerated() where cluster.isRunning(place) {
            for user in machine.roster.users.values.sorted(by: { $0.id < $1.id }) where !user.isHidden {
                let home = cluster.place(of: user.node)
                let isHeld = home.map { !cluster.isAlive($0) || cluster.epoch(of: $0) != user.life.epoch } ?? false
                if canBeHeld, isHeld || mayHaveGoneOn(user, from: home, people, in: cluster) { continue }
                guard let person = owners[user.id], person.isThere, person.node == home else {
                    throw Violation(
                        rule: .noGhost,
                        detail:
                            "\(machine.settings.node) lists \(user.nick) at \(user.node), where nobody speaks for it")
                }
            }
        }
    }
    private func mayHaveGoneOn(
        _ user: User, from home: Int?, _ people: [Person], in cluster: SimulatedCluster
    ) -> Bool {
        guard let home, cluster.machines.indices.contains(where: { !cluster.isAlive($0) }) else { return false }
        return people.contains { $0.userName == user.record.userName && $0.hasLeftStanding.contains(home) }
    }
}
