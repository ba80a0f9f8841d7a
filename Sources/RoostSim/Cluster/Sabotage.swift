// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Faults of the driver, which no network has: a checker that does not see one of them is worth nothing. Only tests ask
// for them.

import RoostModel
import RoostRoster

/// What is done wrong on purpose.
struct Sabotage: Sendable {
    /// Nothing.
    init() {}

    mutating func tamper(with sights: [SimulatedCluster.Sighting]) -> [SimulatedCluster.Sighting] { sights }

    mutating func tamper(with events: [Event]) -> [Event] { events }
}
