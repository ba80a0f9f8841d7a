// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Reads what `IDWriter` writes, and the simple fields of all messages: each is checked here, once, so that what comes
// out can stand in the roster and go to clients.

import RoostModel
import RoostRoster

/// Reads event ids, stamps and simple fields. `field` names the field in errors.
struct IDReader {
    /// The lives in order of number.
    private let lives: [Life]
    /// The node that a stamp without one means: nil in a snapshot.
    private let ownNode: NodeID?

    /// A reader for a run of events of the life `own`, or for a snapshot.
    init(own: Life?, lives others: [WireLife]) throws(WireError) {
        try checkCount(others.count, WireLimits.livesMax, "lives")
        var lives: [Life] = []
        lives.reserveCapacity(others.count + 1)
        if let own { lives.append(own) }
        for life in others {
            lives.append(try Life(life, "lives"))
        }
        self.lives = lives
        ownNode = own?.node
    }

    func id(_ wire: WireEventID, _ field: StaticString) throws(WireError) -> EventID {
        try id(wire.life, wire.sequence, field)
    }

    func id(_ number: UInt32, _ sequence: UInt64, _ field: StaticString) throws(WireError) -> EventID {
        guard sequence > 0 else { throw WireError(.missing, "\(field): no event id") }
        let life = try life(number, field)
        return EventID(node: life.node, epoch: life.epoch, sequence: sequence)
    }

    func life(_ number: UInt32, _ field: StaticString) throws(WireError) -> Life {
        guard number < lives.count else {
            throw WireError(.outOfRange, "\(field): life \(number), of \(lives.count) in the frame")
        }
        return lives[Int(number)]
    }

    func ids(_ wire: [WireEventID], _ field: StaticString) throws(WireError) -> [EventID] {
        try checkCount(wire.count, WireLimits.idsMax, field)
        return try wire.map { id throws(WireError) in try self.id(id, field) }
    }

    func stamp(_ wire: WireStamp, _ field: StaticString) throws(WireError) -> (time: HybridTime, node: NodeID) {
        let time = HybridTime(rawValue: wire.time)
        if wire.node == 0, let ownNode { return (time, ownNode) }
        return (time, try readNode(wire.node, field))
    }

    func birth(_ isThere: Bool, _ wire: WireStamp, _ field: StaticString) throws(WireError) -> Birth {
        guard isThere else { throw WireError(.missing, "\(field): no birth") }
        let (time, node) = try stamp(wire, field)
        return Birth(time: time, node: node)
    }
}

extension Life {
    init(_ wire: WireLife, _ field: StaticString) throws(WireError) {
        self.init(node: try readNode(wire.node, field), epoch: Epoch(wire.epoch))
    }
}

func readNode(_ packed: UInt64, _ field: StaticString) throws(WireError) -> NodeID {
    guard let node = NodeID(rawValue: packed) else {
        throw WireError(.outOfRange, "\(field): \(packed) packs no node name")
    }
    return node
}

/// The option set with those bits.
func readBits<Bits: OptionSet>(
    _ bits: UInt32, in known: Bits, _ field: StaticString
) throws(WireError) -> Bits where Bits.RawValue == UInt8 {
    guard let value = UInt8(exactly: bits), value & ~known.rawValue == 0 else {
        throw WireError(.outOfRange, "\(field): bits \(bits), of which only \(known.rawValue) are known")
    }
    return Bits(rawValue: value)
}

/// The one bit, as the registers of single flags name it.
func readBit<Bits: OptionSet>(
    _ bit: UInt32, in known: Bits, _ field: StaticString
) throws(WireError) -> UInt8 where Bits.RawValue == UInt8 {
    let bits = try readBits(bit, in: known, field).rawValue
    guard bits.nonzeroBitCount == 1 else { throw WireError(.outOfRange, "\(field): \(bits) is not one bit") }
    return bits
}

/// A text without NUL, CR and LF, so that it can go into a line to a client.
func readText(
    _ text: String, upTo bytesMax: Int = WireLimits.textBytesMax, _ field: StaticString
) throws(WireError) -> String {
    try checkCount(text.utf8.count, bytesMax, field)
    guard !text.hasLineEnd else { throw WireError(.illegalText, "\(field): has NUL, CR or LF") }
    return text
}

/// A text that is not empty and has no space.
func readName(_ name: String, _ field: StaticString) throws(WireError) -> String {
    guard !name.isEmpty else { throw WireError(.missing, "\(field): is empty") }
    guard !name.utf8.contains(0x20) else { throw WireError(.illegalText, "\(field): has a space") }
    return try readText(name, upTo: WireLimits.nameBytesMax, field)
}

func checkCount(_ count: Int, _ countMax: Int, _ field: StaticString) throws(WireError) {
    guard count <= countMax else { throw WireError(.tooMuch, "\(field): \(count), at most \(countMax)") }
}

extension String {
    /// Whether there is a NUL, CR or LF in it. Looked for in every text received, so without a branch for each byte.
    fileprivate var hasLineEnd: Bool {
        let bytes = utf8.span
        var found: UInt8 = 0
        for index in bytes.indices {
            let byte = bytes[index]
            found |= (byte == 0 ? 1 : 0) | (byte == 0x0A ? 1 : 0) | (byte == 0x0D ? 1 : 0)
        }
        return found != 0
    }
}
