// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What a snapshot says of the lives of nodes: those that are over, those that are down and held, those that were ended.

import RoostModel
import RoostRoster

extension Snapshot {
    func writeLives(to wire: inout WireSnapshot, ids: inout IDWriter) {
        wire.formerLives = formerLives.last.sorted { $0.key < $1.key }.map { life, last in
            var wire = WireFormerLife()
            wire.life = ids.number(of: life)
            wire.last = last
            return wire
        }
        wire.horizons = Vector(formerLives.horizons.mapValues { Vector.Position(epoch: $0, sequence: 0) }).wire
        wire.holds = holds.sorted { $0.key < $1.key }.map { life, until in
            var wire = WireHold()
            wire.life = ids.number(of: life)
            wire.until = until.milliseconds
            return wire
        }
        wire.endings = endings.sorted { $0.key < $1.key }.map { life, time in
            var wire = WireEnding()
            wire.life = ids.number(of: life)
            wire.time = time.rawValue
            return wire
        }
        wire.delivered = delivered.sorted { $0.key < $1.key }.map { life, vector in
            var wire = WireDelivery()
            wire.life = ids.number(of: life)
            wire.delivered = vector.wire
            return wire
        }
    }

    mutating func readLives(of wire: WireSnapshot, ids: IDReader) throws(WireError) {
        try checkCount(wire.holds.count, WireLimits.livesMax, "snapshot.holds")
        try checkCount(wire.endings.count, WireLimits.livesMax, "snapshot.endings")
        try checkCount(wire.delivered.count, WireLimits.livesMax, "snapshot.delivered")
        for hold in wire.holds {
            holds[try ids.life(hold.life, "snapshot.holds.life")] = WallTime(milliseconds: hold.until)
        }
        for ending in wire.endings {
            endings[try ids.life(ending.life, "snapshot.endings.life")] = HybridTime(rawValue: ending.time)
        }
        for delivery in wire.delivered {
            delivered[try ids.life(delivery.life, "snapshot.delivered.life")] = try Vector(
                delivery.delivered, "snapshot.delivered.delivered")
        }
    }
}

extension FormerLives {
    init(_ wire: WireSnapshot, ids: IDReader) throws(WireError) {
        try checkCount(wire.formerLives.count, WireLimits.livesMax, "snapshot.former_lives")
        self.init()
        for former in wire.formerLives {
            last[try ids.life(former.life, "snapshot.former_lives.life")] = former.last
        }
        horizons = try Vector(wire.horizons, "snapshot.horizons").positions.mapValues(\.epoch)
    }
}
