// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Event ids as they are written: most belong to the life whose events the frame holds, so a life is named once for the
// whole frame, and an id is a small number and a sequence. `IDReader` reads them.

import RoostModel
import RoostRoster

extension Life {
    var wire: WireLife {
        var wire = WireLife()
        wire.node = node.rawValue
        wire.epoch = epoch.rawValue
        return wire
    }
}

/// Writes event ids and stamps, and gathers the lives that they refer to.
struct IDWriter {
    /// The life that number 0 stands for in a run of events; nil in a snapshot.
    let own: Life?
    /// The other lives, in order of number.
    private(set) var lives: [Life] = []

    private var numbers: [Life: UInt32] = [:]

    /// A writer for a run of events of that life, or for a snapshot.
    init(own: Life?) { self.own = own }

    mutating func id(_ id: EventID) -> WireEventID {
        var wire = WireEventID()
        wire.life = number(of: id)
        wire.sequence = id.sequence
        return wire
    }

    mutating func ids(_ ids: some Sequence<EventID>) -> [WireEventID] {
        ids.map { id($0) }
    }

    func stamp(_ time: HybridTime, _ node: NodeID) -> WireStamp {
        var wire = WireStamp()
        wire.time = time.rawValue
        if node != own?.node { wire.node = node.rawValue }
        return wire
    }

    func stamp(_ birth: Birth) -> WireStamp { stamp(birth.time, birth.node) }

    /// The number of the life that the event belongs to.
    mutating func number(of id: EventID) -> UInt32 { number(of: id.life) }

    mutating func number(of life: Life) -> UInt32 {
        if life == own { return 0 }
        if let number = numbers[life] { return number }
        let number = UInt32(lives.count + (own == nil ? 0 : 1))
        lives.append(life)
        numbers[life] = number
        return number
    }
}
