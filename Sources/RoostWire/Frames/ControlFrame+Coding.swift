// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Encoding and decoding of what two nodes say to each other on the control sockets.

import RoostModel
import RoostRoster

extension ControlFrame {
    /// The frame's bytes. The ids of replayed events must be of the life stated, and count up by one.
    public func encoded() -> [UInt8] {
        var wire = WireControlFrame()
        wire.header = header.wire
        switch message {
        case .hello(let introduction):
            wire.hello = introduction.wire
        case .welcome(let introduction):
            wire.welcome = introduction.wire
        case .refused(let reason):
            wire.refused = reason
        case .snapshotRequest(let id, let credit):
            wire.snapshotRequest.id = id
            wire.snapshotRequest.credit = credit
        case .snapshotChunk(let id, let index, let count, let bytes):
            wire.snapshotChunk.id = id
            wire.snapshotChunk.index = index
            wire.snapshotChunk.count = count
            wire.snapshotChunk.content = bytesField(bytes)
        case .snapshotCredit(let id, let credit):
            wire.snapshotCredit.id = id
            wire.snapshotCredit.credit = credit
        case .replayRequest(let life, let first, let last):
            wire.replayRequest.node = life.node.rawValue
            wire.replayRequest.epoch = life.epoch.rawValue
            wire.replayRequest.first = first
            wire.replayRequest.last = last
        case .replay(let life, let events):
            wire.replay = bytesField(RunWriter.run(of: events, of: life, in: header))
        case .replayUnavailable(let life, let oldest):
            wire.replayUnavailable.node = life.node.rawValue
            wire.replayUnavailable.epoch = life.epoch.rawValue
            wire.replayUnavailable.oldest = oldest
        }
        return wire.bytes
    }

    /// The frame that those bytes hold.
    public init(decoding bytes: RawSpan) throws(WireError) {
        let wire = try WireControlFrame(frame: bytes)
        let header = try FrameHeader(wire.header)
        guard let message = wire.message else {
            throw WireError(.missing, "control.message: none, or of an unknown kind")
        }
        self.init(header: header, message: try ControlMessage(message, in: header))
    }
}

extension ControlMessage {
    fileprivate init(_ message: WireControlFrame.OneOf_Message, in header: FrameHeader) throws(WireError) {
        switch message {
        case .hello(let wire):
            self = .hello(try Introduction(wire))
        case .welcome(let wire):
            self = .welcome(try Introduction(wire))
        case .refused(let reason):
            self = .refused(reason: try readText(reason, "refused"))
        case .snapshotRequest(let wire):
            self = .snapshotRequest(id: wire.id, credit: wire.credit)
        case .snapshotChunk(let wire):
            guard wire.count <= WireLimits.chunksMax, wire.index < wire.count else {
                throw WireError(
                    .outOfRange, "snapshot_chunk: \(wire.index) of \(wire.count), at most \(WireLimits.chunksMax)")
            }
            let content = [UInt8](wire.content)
            try checkCount(content.count, WireLimits.chunkBytesMax, "snapshot_chunk.content")
            self = .snapshotChunk(id: wire.id, index: wire.index, count: wire.count, bytes: content)
        case .snapshotCredit(let wire):
            self = .snapshotCredit(id: wire.id, credit: wire.credit)
        case .replayRequest(let wire):
            guard wire.first > 0, wire.first <= wire.last else {
                throw WireError(.outOfRange, "replay_request: from \(wire.first) to \(wire.last)")
            }
            self = .replayRequest(
                life: Life(node: try readNode(wire.node, "replay_request.node"), epoch: Epoch(wire.epoch)),
                first: wire.first, last: wire.last)
        case .replay(let content):
            let run = [UInt8](content)
            let (life, events) = try readRun(run.span.bytes, from: Cursor(), in: header)
            self = .replay(life: life, events: events)
        case .replayUnavailable(let wire):
            self = .replayUnavailable(
                life: Life(node: try readNode(wire.node, "replay_unavailable.node"), epoch: Epoch(wire.epoch)),
                oldest: wire.oldest)
        }
    }
}

extension Introduction {
    fileprivate var wire: WireIntroduction {
        var wire = WireIntroduction()
        wire.applied = applied.wire
        wire.oldestReplayable = oldestReplayable
        wire.address = address.wire(of: nil)
        wire.peers = peers.sorted { $0.key < $1.key }.map { $0.value.wire(of: $0.key) }
        wire.wall = wall.milliseconds
        wire.greeting = greeting
        return wire
    }

    fileprivate init(_ wire: WireIntroduction) throws(WireError) {
        try checkCount(wire.peers.count, WireLimits.nodesMax, "introduction.peers")
        var peers: [NodeID: NodeAddress] = [:]
        for peer in wire.peers {
            peers[try readNode(peer.node, "introduction.peers")] = try NodeAddress(peer)
        }
        self.init(
            applied: try Vector(wire.applied, "introduction.applied"), oldestReplayable: wire.oldestReplayable,
            address: try NodeAddress(wire.address), peers: peers, wall: WallTime(milliseconds: wire.wall),
            greeting: wire.greeting)
    }
}

extension NodeAddress {
    fileprivate func wire(of node: NodeID?) -> WireAddress {
        var wire = WireAddress()
        if let node { wire.node = node.rawValue }
        wire.mesh = mesh
        wire.stats = stats
        return wire
    }

    fileprivate init(_ wire: WireAddress) throws(WireError) {
        self.init(
            mesh: try readText(wire.mesh, upTo: WireLimits.nameBytesMax, "address.mesh"),
            stats: try readText(wire.stats, upTo: WireLimits.nameBytesMax, "address.stats"))
    }
}
