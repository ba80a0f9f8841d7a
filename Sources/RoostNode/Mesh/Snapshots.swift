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
    /// The same where nobody can be asked for what is behind, but others may be heard soon: a partition has just ended.
    static let lonelySnapshotPatience = Duration.milliseconds(500)
    /// How long a peer may take for the next chunk until the snapshot is asked for again.
    static let chunkPatience = Duration.seconds(3)

    /// How many snapshots are given at once; further askers wait, and ask again.
    static let snapshotsGivenMax = 4

    // MARK: Giving one

    mutating func beginSnapshot(_ id: UInt32, to source: ControlSource, credit: UInt32) {
        guard case .router(let route) = source else { return }
        mesh.snapshotsSent = mesh.snapshotsSent.filter { now.instant - $0.value.startedAt < .seconds(60) }
        guard mesh.snapshotsSent[route] != nil || mesh.snapshotsSent.count < Self.snapshotsGivenMax else { return }
        mesh.snapshotsSent[route] = OutgoingSnapshot(
            id: id, bytes: snapshot.encoded(), chunkBytes: settings.limits.snapshotChunkBytes, startedAt: now.instant)
        continueSnapshot(id, to: source, credit: credit)
    }

    /// All that this node knows, with what it keeps for users who are held, and what the nodes that are there may not
    /// have delivered yet: were one of them to die, whoever was told by a snapshot would have none of that.
    private var snapshot: Snapshot {
        var snapshot = roster.snapshot
        var kept: [EventID: Event] = [:]
        for (life, mail) in mail {
            for event in mail.all { kept[event.id] = event }
            for event in mail.unreported { kept[event.id] = event }
            snapshot.delivered[life] = mail.delivered
        }
        // Who is to hand this over may not have it: it took the user over before it had heard that much.
        for event in handed.values.lazy.flatMap(\.events) { kept[event.id] = event }
        var reports = mesh.peers.filter { $0.value.health != .down }.map { node, peer in
            (life: Life(node: node, epoch: peer.epoch), report: peer.report)
        }
        reports.append((life: life, report: DeliveryReport(delivered: mesh.delivered)))
        for (life, report) in reports where roster.userCount(of: life) > 0 && mail[life] == nil {
            for event in undelivered(in: life, since: report) { kept[event.id] = event }
        }
        for event in saidAlone { kept[event.id] = event }
        snapshot.kept = kept.values.filter(\.isMessage).sorted { $0.id < $1.id }
        for case .messageSent(let message) in snapshot.kept.map(\.body) {
            snapshot.formerSenders[message.sender] = formerPrefixes[message.sender]
        }
        return snapshot
    }

    /// What was said here lately, where this node began alone and has only just met others: whom they hold it does not
    /// know yet, and whoever passes over its stream may learn of them next.
    private var saidAlone: [Event] {
        guard mesh.beganAlone, mesh.isNewcomer(at: now.instant) else { return [] }
        let hold = UInt64(clamping: settings.limits.hold.milliseconds)
        var said: [Event] = []
        logs[life]?.forEach(after: 0) { event in
            if event.time.wall.milliseconds &+ hold >= now.wall.milliseconds { said.append(event) }
        }
        return said
    }

    mutating func continueSnapshot(_ id: UInt32, to source: ControlSource, credit: UInt32) {
        guard case .router(let route) = source, var snapshot = mesh.snapshotsSent[route], snapshot.id == id else {
            return
        }
        for _ in 0..<min(credit, 64) where snapshot.next < snapshot.count {
            let chunk = snapshot.chunk(snapshot.next)
            send(.snapshotChunk(id: id, index: snapshot.next, count: snapshot.count, bytes: chunk), to: source)
            snapshot.next += 1
        }
        mesh.snapshotsSent[route] = snapshot.next < snapshot.count ? snapshot : nil
    }

    // MARK: Taking one

    mutating func requestSnapshot(from node: NodeID) {
        guard var peer = mesh.peers[node], let link = peer.link else { return }
        peer.stage = .fetching
        peer.snapshotRequest &+= 1
        peer.chunks = []
        peer.snapshot = nil
        peer.snapshotDeadline = now.instant + Self.chunkPatience
        mesh.peers[node] = peer
        send(
            .snapshotRequest(id: peer.snapshotRequest, credit: settings.limits.snapshotCredit), to: .link(link))
    }

    mutating func takeChunk(_ index: UInt32, of count: UInt32, bytes: [UInt8], request: UInt32, from node: NodeID) {
        guard var peer = mesh.peers[node], peer.stage == .fetching, peer.snapshot == nil,
            request == peer.snapshotRequest, let link = peer.link
        else { return }
        let total = peer.chunks.reduce(bytes.count) { $0 + $1.count }
        // Whatever does not fit is asked for again when no more comes.
        guard Int(index) == peer.chunks.count, index < count, total <= Self.snapshotBytesMax else { return }
        peer.chunks.append(bytes)
        peer.snapshotDeadline = now.instant + Self.chunkPatience
        guard peer.chunks.count == Int(count) else {
            mesh.peers[node] = peer
            send(.snapshotCredit(id: request, credit: 1), to: .link(link))
            return
        }
        do {
            let snapshot = try Snapshot(decoding: Array(peer.chunks.joined()).span.bytes)
            peer.snapshot = snapshot
            peer.snapshotDeadline = now.instant + Self.snapshotPatience
            // Another's snapshot may have told enough of its stream to go on from there: what came since is not passed over.
            if mesh.hasJoined, roster.vector[node]?.epoch == peer.epoch {
                peer.stage = .following
                peer.highest = max(peer.highest, snapshot.vector.sequence(of: Life(node: node, epoch: peer.epoch)))
            }
            mesh.peers[node] = peer
            seekWhatItCovers(snapshot, of: node)
            drain(node)
        } catch {
            effects.append(.note(.frameMalformed(node, reason: "its snapshot cannot be read: \(error)")))
            peer.counters.malformed += 1
            mesh.peers[node] = peer
        }
        mesh.peers[node]?.chunks = []
        mergeSnapshotsThatWait()
    }

    /// A snapshot tells how far streams have come that may not have come so far here. What it covers and we have not
    /// heard is asked for first: merged, it would pass over the messages among that.
    private mutating func seekWhatItCovers(_ snapshot: Snapshot, of node: NodeID) {
        guard mesh.hasJoined else { return }
        for (origin, position) in snapshot.vector.sorted where origin != settings.node && origin != node {
            guard roster.vector[origin] != nil else { continue }
            if mesh.peers[origin] == nil { makeKnown(origin, in: position.epoch) }
            guard let peer = mesh.peers[origin] else { continue }
            if position.epoch > peer.epoch {
                beginAnew(origin, in: position.epoch)
            } else if position.epoch == peer.epoch, position.sequence > peer.highest {
                mesh.peers[origin]?.highest = position.sequence
                noteGap(in: origin)
            }
        }
    }

    /// Merges the snapshots that no stream is behind any more, and those that have waited long enough.
    mutating func mergeSnapshotsThatWait() {
        for node in mesh.peers.keys.sorted() {
            guard let peer = mesh.peers[node], let snapshot = peer.snapshot else { continue }
            let left = peer.snapshotDeadline.map { $0 - now.instant } ?? .zero
            let isLonely = left <= Self.snapshotPatience - Self.lonelySnapshotPatience
            let awaited = streamsBehind(snapshot).filter { !isLonely || canBeHad($0) }
            if left <= .zero || awaited.isEmpty { merge(snapshot, of: node) }
        }
    }

    /// The nodes of whose streams more is to come before a snapshot is merged.
    private func streamsBehind(_ snapshot: Snapshot) -> [NodeID] {
        snapshot.vector.positions.filter { origin, position in
            guard let ours = roster.vector[origin], ours < position, let peer = mesh.peers[origin] else { return false }
            if case .finishing = peer.stage { return true }
            return peer.isFollowed && peer.epoch == ours.epoch
        }.map(\.key)
    }

    /// Whether anybody is there who may have more of a node's stream.
    private func canBeHad(_ node: NodeID) -> Bool {
        guard let peer = mesh.peers[node] else { return false }
        if case .finishing = peer.stage { return true }
        return helper(for: node, peer) != nil
    }

    private mutating func merge(_ snapshot: Snapshot, of node: NodeID) {
        let snapshot = credible(snapshot)
        mesh.peers[node]?.snapshot = nil
        mesh.peers[node]?.snapshotDeadline = nil
        mesh.peers[node]?.counters.snapshots += 1
        mesh.peers[node]?.stage = .following
        countSkipped(by: snapshot)
        let passedOver = mesh.hasJoined ? snapshot.kept.filter { !roster.covers($0.id) } : []
        var changes: [RosterChange] = []
        roster.merge(snapshot, into: &changes)
        for (origin, position) in snapshot.vector.sorted where mesh.peers[origin] == nil {
            makeKnown(origin, in: position.epoch)
            // Whoever keeps messages for its users takes it for down.
            let isDown = snapshot.delivered[Life(node: origin, epoch: position.epoch)] != nil
            if isDown { mesh.peers[origin]?.health = .down }
        }
        announce(changes, at: clock.latest)
        noteHeldMembers(in: changes)
        noteEmptyChannels(in: changes, isOurs: false)
        // It may have told of an earlier life of its own, as others knew it when it asked them.
        if let peer = mesh.peers[node], roster.vector[node] != nil { beginLife(peer.epoch, of: node) }
        takeKept(of: snapshot)
        deliverPassedOver(passedOver)
        reviewLives()
        settleClaims()
        effects.append(
            .note(.snapshotMerged(node, users: snapshot.users.count, channels: snapshot.channels.count)))
        acknowledgeSoon()
        drain(node)
    }

    /// The snapshot without what it says of this life of ours that we have not done: nobody knows our own stream better
    /// than we do, and one said to be further would have no place for what we do next.
    private func credible(_ snapshot: Snapshot) -> Snapshot {
        var snapshot = snapshot
        snapshot.vector[settings.node] = snapshot.vector[settings.node].flatMap {
            $0 <= Vector.Position(epoch: settings.epoch, sequence: sequence) ? $0 : nil
        }
        snapshot.formerLives.last = snapshot.formerLives.last.filter {
            $0.key.node != settings.node || $0.key.epoch < settings.epoch
        }
        snapshot.formerLives.horizons[settings.node] = snapshot.formerLives.horizons[settings.node].map {
            min($0, settings.epoch)
        }
        return snapshot
    }

    /// Counts the events that a snapshot passes over and does not bring because they are not to be had any more, and tells
    /// our clients that messages may be among them.
    private mutating func countSkipped(by snapshot: Snapshot) {
        guard mesh.hasJoined else { return }
        let kept = Set(snapshot.kept.map(\.id))
        let theirs = Progress(vector: snapshot.vector, formerLives: snapshot.formerLives).lives
        for (life, last) in theirs.sorted(by: { $0.key < $1.key }) where life.node != settings.node {
            let (origin, ours) = (life.node, roster.sequence(of: life))
            guard ours < last, ours > 0 || roster.vector[origin]?.epoch == life.epoch else { continue }
            let brought = kept.count { $0.life == life && $0.sequence > ours && $0.sequence <= last }
            let skipped = last - ours - UInt64(brought)
            guard skipped > 0 else { continue }
            // The numbers are a peer's, and may add up to more than there are.
            mesh.peers[origin]?.counters.skipped &+= skipped
            effects.append(.note(.skipped(origin, first: ours + 1, count: skipped)))
            let text =
                "This node missed up to \(skipped) messages of users on \(origin) while it was out of reach,"
                + " and nobody has them any more."
            for connection in connections.values.sorted() { notice(text, to: connection) }
        }
    }

    /// Takes over what another node keeps for users who are held.
    private mutating func takeKept(of snapshot: Snapshot) {
        for (user, prefix) in snapshot.formerSenders.sorted(by: { $0.key < $1.key }) {
            formerPrefixes.remember(user, as: prefix)
        }
        inherit(snapshot.kept)
        for (life, delivered) in snapshot.delivered.sorted(by: { $0.key < $1.key })
        where isDown(life) && roster.userCount(of: life) > 0 {
            if mail[life] == nil { openMail(of: life, delivered: delivered) }
            for event in snapshot.kept { keep(event, in: life) }
        }
    }

    /// Keeps messages that our logs do not have: the newest, as many as may be kept for the users of one node.
    mutating func inherit(_ events: [Event]) {
        let known = Set(inherited.map(\.id))
        inherited += events.filter { $0.isMessage && !known.contains($0.id) }
        inherited.sort { ($0.time, $0.id) < ($1.time, $1.id) }
        var room = settings.limits.keptBytes
        let fitting = inherited.reversed().prefix { event in
            room -= event.approximateBytes
            return room >= 0
        }.count
        inherited.removeFirst(inherited.count - fitting)
    }

    /// Asks again for snapshots that stopped coming.
    mutating func watchSnapshots() {
        for node in mesh.peers.keys.sorted() {
            guard let peer = mesh.peers[node], peer.stage == .fetching, let deadline = peer.snapshotDeadline,
                now.instant >= deadline, peer.snapshot == nil
            else { continue }
            if peer.link == nil || peer.health == .down {
                mesh.peers[node]?.stage = mesh.hasJoined ? .following : .greeting
                mesh.peers[node]?.snapshotDeadline = nil
                drain(node)
            } else {
                requestSnapshot(from: node)
            }
        }
        mergeSnapshotsThatWait()
    }
}
