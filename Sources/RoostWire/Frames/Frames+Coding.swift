// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Encoding and decoding of what is published. Decoding takes a span, so that a received message is read in place, and
// throws on any bytes that are not a whole frame within `WireLimits`; it never traps.

import RoostModel
import RoostRoster

extension EventFrame {
    /// The frame's bytes. The ids of the events must share a node and an epoch, and count up by one.
    public func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(delimited: header.wire.bytes)
        bytes += RunWriter.run(of: events, of: events.first?.id.life ?? header.life, in: header)
        return bytes
    }

    /// The frame that those bytes hold. An event whose content cannot be read is in it as `quarantined`.
    public init(decoding bytes: RawSpan) throws(WireError) { try self.init(decoding: bytes, quarantine: true) }

    init(decoding bytes: RawSpan, quarantine: Bool) throws(WireError) {
        try checkCount(bytes.byteCount, WireLimits.frameBytesMax, "frame")
        var cursor = Cursor()
        let wire = try WireHeader(bytes: bytes.extracting(try cursor.part(of: bytes, "header")))
        let header = try FrameHeader(wire)
        self.init(header: header, events: try readRun(bytes, from: cursor, in: header, quarantine: quarantine).events)
    }
}

extension Acknowledgement {
    /// The report's bytes.
    public func encoded() -> [UInt8] { wire.bytes }

    /// The report that those bytes hold.
    public init(decoding bytes: RawSpan) throws(WireError) {
        try self.init(try WireAcknowledgement(frame: bytes))
    }

    fileprivate var wire: WireAcknowledgement {
        var wire = WireAcknowledgement()
        wire.header = header.wire
        wire.applied = applied.wire
        wire.delivered = delivered.wire
        return wire
    }

    fileprivate init(_ wire: WireAcknowledgement) throws(WireError) {
        self.init(
            header: try FrameHeader(wire.header),
            applied: try Vector(wire.applied, "acknowledgement.applied"),
            delivered: try Vector(wire.delivered, "acknowledgement.delivered"))
    }
}

extension Heartbeat {
    /// The heartbeat's bytes.
    public func encoded() -> [UInt8] {
        var wire = WireHeartbeat()
        wire.acknowledgement = acknowledgement.wire
        wire.peers = Set(ages.keys).union(inStep.keys).sorted().map { node in
            var peer = WirePeerState()
            peer.node = node.rawValue
            if let age = ages[node] { peer.age = age }
            if let epoch = inStep[node] { peer.inStep = epoch.rawValue }
            return peer
        }
        wire.digest = digest
        wire.wall = wall.milliseconds
        wire.isDraining = isDraining
        wire.formerLives = formerLives.sorted { $0.key < $1.key }.map { life, last in
            var position = WirePosition()
            position.node = life.node.rawValue
            position.epoch = life.epoch.rawValue
            position.sequence = last
            return position
        }
        return wire.bytes
    }

    /// The heartbeat that those bytes hold.
    public init(decoding bytes: RawSpan) throws(WireError) {
        let wire = try WireHeartbeat(frame: bytes)
        try checkCount(wire.peers.count, WireLimits.nodesMax, "heartbeat.peers")
        var ages: [NodeID: UInt32] = [:]
        var inStep: [NodeID: Epoch] = [:]
        for peer in wire.peers {
            let node = try readNode(peer.node, "heartbeat.peers")
            if peer.hasAge { ages[node] = peer.age }
            if peer.hasInStep { inStep[node] = Epoch(peer.inStep) }
        }
        try checkCount(wire.formerLives.count, WireLimits.livesMax, "heartbeat.former_lives")
        var formerLives: [Life: UInt64] = [:]
        for position in wire.formerLives {
            let node = try readNode(position.node, "heartbeat.former_lives")
            formerLives[Life(node: node, epoch: Epoch(position.epoch))] = position.sequence
        }
        self.init(
            acknowledgement: try Acknowledgement(wire.acknowledgement), ages: ages, inStep: inStep,
            digest: wire.digest, wall: WallTime(milliseconds: wire.wall), isDraining: wire.isDraining,
            formerLives: formerLives)
    }
}
