// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Snapshots on the wire: a node that has none of a peer's stream, or lost too much of it, is sent all that the peer
// knows, in chunks under credit, and merges it.

import RoostModel
import RoostRoster
import RoostWire

extension Node {
    /// The most bytes of a snapshot that are taken in: about what a million users need.
    static let snapshotBytesMax = 512 << 20
    /// How long a snapshot waits for streams that are behind it.
    static let snapshotPatience = Duration.seconds(2)
    /// How long a peer may take for the next chunk until the snapshot is asked for again.
    static let chunkPatience = Duration.seconds(3)

    // MARK: Giving one

    mutating func beginSnapshot(to source: ControlSource, id: UInt32, credit: UInt32) {
        guard case .router(let route) = source else { return }
        mesh.snapshotsSent = mesh.snapshotsSent.filter { now.instant - $0.value.startedAt < .seconds(120) }
        mesh.snapshotsSent[route] = OutgoingSnapshot(
            id: id, bytes: roster.snapshot.encoded(), chunkBytes: settings.limits.snapshotChunkBytes,
            startedAt: now.instant)
        continueSnapshot(to: source, id: id, credit: credit)
    }

    mutating func continueSnapshot(to source: ControlSource, id: UInt32, credit: UInt32) {
        guard case .router(let route) = source, var snapshot = mesh.snapshotsSent[route], snapshot.id == id
        else { return }
        for _ in 0..<min(credit, 64) where snapshot.next < snapshot.count {
            let chunk = snapshot.chunk(snapshot.next)
            send(.snapshotChunk(id: id, index: snapshot.next, count: snapshot.count, bytes: chunk), to: source)
            snapshot.next += 1
        }
        mesh.snapshotsSent[route] = snapshot.next < snapshot.count ? snapshot : nil
    }

    // MARK: Taking one

    mutating func requestSnapshot(from node: NodeID) {
        guard var peer = mesh.peers[node] else { return }
        peer.stage = .fetching
        peer.chunks = []
        peer.snapshot = nil
        peer.snapshotID &+= 1
        peer.snapshotDeadline = now.instant + Self.chunkPatience
        mesh.peers[node] = peer
        send(.snapshotRequest(id: peer.snapshotID, credit: settings.limits.snapshotCredit), to: .link(peer.link))
    }

    mutating func takeChunk(_ index: UInt32, of count: UInt32, bytes: [UInt8], from node: NodeID) {
        guard var peer = mesh.peers[node], peer.stage == .fetching, peer.snapshot == nil else { return }
        // The first chunk of an answer to a later request; what was left of an earlier one is passed over.
        if index == 0 { peer.chunks = [] }
        let total = peer.chunks.reduce(bytes.count) { $0 + $1.count }
        // Whatever does not fit is asked for again when no more comes.
        guard Int(index) == peer.chunks.count, index < count, total <= Self.snapshotBytesMax else { return }
        peer.chunks.append(bytes)
        peer.snapshotDeadline = now.instant + Self.chunkPatience
        guard peer.chunks.count == Int(count) else {
            mesh.peers[node] = peer
            send(.snapshotCredit(id: peer.snapshotID, credit: 1), to: .link(peer.link))
            return
        }
        do {
            peer.snapshot = try Snapshot(decoding: Array(peer.chunks.joined()).span.bytes)
        } catch {
            effects.append(.note(.frameMalformed(node, reason: "its snapshot cannot be read: \(error)")))
            peer.counters.malformed += 1
        }
        peer.chunks = []
        peer.snapshotDeadline = now.instant + Self.snapshotPatience
        mesh.peers[node] = peer
        mergeSnapshotsThatWait()
    }

    /// Merges the snapshots that no stream is behind any more, and those that have waited long enough.
    ///
    /// A snapshot may tell of events that are still on their way to us in a stream that we follow. Merged at once, it
    /// would cover them, and the messages among them would never reach our clients.
    mutating func mergeSnapshotsThatWait() {
        for (node, peer) in mesh.peers.sorted(by: { $0.key < $1.key }) where peer.stage == .fetching {
            guard let snapshot = peer.snapshot else { continue }
            let isBehind = snapshot.vector.positions.contains { origin, position in
                origin != node && mesh.peers[origin]?.stage == .following
                    && (roster.vector[origin].map { $0 < position } ?? false)
            }
            let isOverdue = peer.snapshotDeadline.map { now.instant >= $0 } ?? true
            if !isBehind || isOverdue { merge(snapshot, of: node) }
        }
    }

    private mutating func merge(_ snapshot: Snapshot, of node: NodeID) {
        var snapshot = snapshot
        // Nobody knows our own stream better than we do.
        snapshot.vector[settings.node] = snapshot.vector[settings.node].flatMap {
            $0 <= Vector.Position(epoch: settings.epoch, sequence: sequence) ? $0 : nil
        }
        mesh.peers[node]?.snapshot = nil
        mesh.peers[node]?.snapshotDeadline = nil
        mesh.peers[node]?.counters.snapshots += 1
        mesh.peers[node]?.stage = .following
        var changes: [RosterChange] = []
        // A snapshot tells of the users of nodes that are down, too. Nobody may see them before we hear their node.
        for (origin, _) in snapshot.vector.sorted where origin != settings.node && origin != node {
            let stage = mesh.peers[origin]?.stage ?? .down
            if stage == .down, let position = snapshot.vector[origin] {
                roster.hide(
                    Life(node: origin, epoch: position.epoch), reason: "\(origin) is out of reach", into: &changes)
            }
        }
        let former = snapshot.users.map(\.introduced.life).filter { life in
            life != Life(node: node, epoch: mesh.peers[node]?.epoch ?? life.epoch)
                && (snapshot.vector[life.node].map { life.epoch < $0.epoch } ?? true || life.node == settings.node)
                && life != Life(node: settings.node, epoch: settings.epoch)
        }
        roster.setHidden(roster.hiddenLives.union(former), reason: "restarted", into: &changes)
        roster.merge(snapshot, into: &changes)
        knownDigest = nil
        if let epoch = mesh.peers[node]?.epoch { roster.reveal(Life(node: node, epoch: epoch), into: &changes) }
        announce(changes, at: clock.latest)
        noteEmptyChannels(in: changes, isOurs: false)
        // It may have told of an earlier life of its own, as others knew it when it asked them.
        if let peer = mesh.peers[node], roster.vector[node] != nil { beginLife(peer.epoch, of: node) }
        settleClaims()
        effects.append(
            .note(.snapshotMerged(node, users: snapshot.users.count, channels: snapshot.channels.count)))
        if mesh.acknowledgementDue == nil {
            mesh.acknowledgementDue = now.instant + settings.limits.acknowledgeAfter
        }
        drain(node)
    }

    /// Asks again for snapshots that stopped coming.
    mutating func watchSnapshots() {
        for (node, peer) in mesh.peers.sorted(by: { $0.key < $1.key }) where peer.stage == .fetching {
            guard let deadline = peer.snapshotDeadline, now.instant >= deadline else { continue }
            if peer.snapshot == nil { requestSnapshot(from: node) }
        }
        mergeSnapshotsThatWait()
    }
}
