// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Signs of life and reports: what they tell of their sender and of others. What is made of silence stands in
// Health.swift.

import RoostModel
import RoostRoster
import RoostWire

extension Node {
    /// How many reports of a peer are kept that wait for its stream; the oldest are dropped.
    private static let reportsKept = 1_000
    /// How long a digest may differ at equal vectors until a snapshot is asked for.
    private static let mismatchPatience = Duration.seconds(1)
    /// How long a peer's clock may be off until the peer is refused: a backlog of old signs of life is no wrong clock.
    private static let skewPatience = Duration.seconds(2)

    // MARK: Saying

    /// Gives a sign of life where one is due, and looks after what has to be seen to now and then.
    mutating func beat() {
        guard let due = mesh.nextHeartbeat, now.instant >= due else { return }
        let late = now.instant - due
        if late > settings.limits.heartbeatInterval { excuseSilence(of: late) }
        mesh.nextHeartbeat = now.instant + settings.limits.heartbeatInterval
        // Whoever asks for it in between, for the statistics say, must not wait until a whole roster is counted.
        roster.refreshDigest()
        publishHeartbeat()
        greetAgain()
        watchPeers()
        if mesh.catchingUpUntil != nil || !farewells.isEmpty { probeWhoIsDown() }
        reviewLives()
        decideTakeOvers()
        forgetInherited()
        forgetSeen()
        endEmptyChannels()
        if now.instant - lastCollected >= .seconds(10) {
            lastCollected = now.instant
            roster.collect(at: now.wall)
            collectLogs()
            tidyLinks()
        }
    }

    mutating func publishHeartbeat() {
        guard !settings.address.mesh.isEmpty else { return }
        var ages: [NodeID: UInt32] = [:]
        var inStep: [NodeID: Epoch] = [:]
        for (node, peer) in mesh.peers where peer.health != .down {
            if let heard = peer.lastHeard { ages[node] = UInt32(clamping: (now.instant - heard).milliseconds) }
            if peer.isFollowed { inStep[node] = peer.epoch }
        }
        effects.append(
            .publishHeartbeat(
                Heartbeat(
                    acknowledgement: report, ages: ages, inStep: inStep, digest: roster.refreshDigest(), wall: now.wall,
                    isDraining: isDraining, formerLives: roster.heldFormerLives)))
    }

    private var report: Acknowledgement {
        Acknowledgement(header: header, applied: roster.vector, delivered: mesh.delivered)
    }

    /// Reports what was applied, where that is due.
    mutating func acknowledgeIfDue() {
        guard let due = mesh.acknowledgementDue, now.instant >= due else { return }
        mesh.acknowledgementDue = nil
        effects.append(.publishAcknowledgement(report))
    }

    /// Orders a report of what was applied now.
    mutating func acknowledgeSoon() {
        if mesh.acknowledgementDue == nil {
            mesh.acknowledgementDue = now.instant + settings.limits.acknowledgeAfter
        }
    }

    /// Deliveries have come so far: what a peer does not know of, it would hand out again if this node died now.
    mutating func reportDelivered(_ vector: Vector) {
        mesh.handedOver = vector
        var vector = vector
        if let most = mesh.deliveredMax {
            vector.positions = vector.positions.filter { most[$0.key] != nil }
            for (node, position) in most.positions { vector[node] = vector[node].map { min($0, position) } }
        }
        guard mesh.delivered != vector else { return }
        mesh.delivered = vector
        if isDraining {
            // There may be no time later.
            effects.append(.publishAcknowledgement(report))
        } else if !mesh.peers.isEmpty {
            acknowledgeSoon()
        }
    }

    // MARK: Hearing

    mutating func receive(_ heartbeat: Heartbeat, on link: LinkID) {
        let header = heartbeat.acknowledgement.header
        guard keepsTime(heartbeat.wall, on: link), hear(header, on: link) else {
            receiveLastReport(heartbeat.acknowledgement, on: link)
            return
        }
        let node = header.node
        receiveReport(heartbeat.acknowledgement, from: node)
        mesh.peers[node]?.formerLives = heartbeat.formerLives
        if heartbeat.isDraining { return }
        mesh.peers[node]?.isInStepWithUs = heartbeat.inStep[settings.node] == settings.epoch
        receiveEvidence(heartbeat, from: node)
        seekTails(heartbeat, from: node)
        if mesh.links[link]?.greetedAt == nil || mesh.peers[node]?.stage == .greeting { greetIfDue(link) }
        drain(node)
        compareDigest(heartbeat, from: node)
    }

    /// Whether the time of day at the other end of a link is near ours. Where it is not for long, the link is closed.
    private mutating func keepsTime(_ wall: WallTime, on link: LinkID) -> Bool {
        let skew = Int64(clamping: wall.milliseconds) - Int64(clamping: now.wall.milliseconds)
        guard Duration.milliseconds(skew.magnitude) > settings.limits.clockSkew else {
            mesh.links[link]?.skewedSince = nil
            return true
        }
        guard let since = mesh.links[link]?.skewedSince else {
            mesh.links[link]?.skewedSince = now.instant
            return false
        }
        if now.instant - since >= Self.skewPatience {
            refuse(link, reason: "its clock is \(skew) ms off ours; set both by NTP")
        }
        return false
    }

    private mutating func greetIfDue(_ link: LinkID) {
        if let last = mesh.links[link]?.greetedAt, now.instant - last < settings.limits.heartbeatInterval { return }
        greet(link)
    }

    mutating func receive(_ report: Acknowledgement, on link: LinkID) {
        guard hear(report.header, on: link) else {
            receiveLastReport(report, on: link)
            return
        }
        receiveReport(report, from: report.header.node)
        drain(report.header.node)
    }

    /// A life that is over reports what it delivered until then: its node has said goodbye, or lives anew by the time that
    /// what was on its way comes.
    private mutating func receiveLastReport(_ report: Acknowledgement, on link: LinkID) {
        let life = report.header.life
        guard mesh.links[link]?.node == life.node, isDown(life) else { return }
        mesh.peers[life.node]?.noteDelivered(report.delivered, in: life)
        mail[life]?.noteDelivered(report.delivered)
    }

    private mutating func receiveReport(_ report: Acknowledgement, from node: NodeID) {
        guard var peer = mesh.peers[node] else { return }
        let life = Life(node: node, epoch: peer.epoch)
        let theirs = report.applied.sequence(of: life)
        peer.highest = max(peer.highest, theirs)
        peer.note(report)
        let ours = min(report.applied.sequence(of: self.life), sequence)
        if ours > peer.confirmed, ours > peer.unconfirmed.last?.ours ?? 0 {
            peer.unconfirmed.append((ours: ours, theirs: theirs))
            // Each newer report says what the older ones said, and more.
            if peer.unconfirmed.count > Self.reportsKept { peer.unconfirmed.removeFirst() }
        }
        mesh.peers[node] = peer
        // Others may have found it down before us, and a user of it may have been taken over since.
        mail[life]?.noteDelivered(report.delivered)
        accept(upTo: ours)
        forgetHanded(by: node)
        noteBeginning(of: node, report.applied)
        for (origin, position) in report.applied.sorted where origin != settings.node && origin != node {
            hearOf(origin, position, from: node)
        }
    }

    /// A peer that is followed tells that it has joined. It may have said nothing yet.
    mutating func noteBeginning(of node: NodeID, _ applied: Vector) {
        guard mesh.hasJoined, let peer = mesh.peers[node], peer.isFollowed, applied[node]?.epoch == peer.epoch,
            roster.vector[node].map({ $0.epoch < peer.epoch }) ?? true
        else { return }
        beginLife(peer.epoch, of: node)
    }

    /// A peer tells how far it has come in the stream of another node. Of one that we hear ourselves, and heard just now,
    /// that is no news.
    private mutating func hearOf(_ origin: NodeID, _ position: Vector.Position, from node: NodeID) {
        guard mesh.hasJoined else { return }
        if mesh.peers[origin] == nil { makeKnown(origin, in: position.epoch) }
        guard let peer = mesh.peers[origin] else { return }
        let isHeard =
            peer.isReachable && peer.lastHeard.map { now.instant - $0 < settings.limits.heartbeatInterval * 2 } ?? false
        if position.epoch > peer.epoch {
            if mesh.peers[node]?.isFollowed == true { beginAnew(origin, in: position.epoch) }
        } else if position.epoch == peer.epoch, position.sequence > peer.highest, !isHeard {
            mesh.peers[origin]?.highest = position.sequence
            noteGap(in: origin)
        } else if position == Vector.Position(epoch: peer.epoch, sequence: 0), peer.stage == .following,
            !peer.isReachable, mesh.peers[node]?.isFollowed == true,
            roster.vector[origin].map({ $0.epoch < peer.epoch }) ?? true
        {
            // It lived, said nothing, and is gone: no event of its own will tell.
            beginLife(peer.epoch, of: origin)
        }
    }

    /// Counts the acknowledgements whose sender's stream is applied here as far as it was when it sent them (§6.1):
    /// only then has everything that it had done before it heard of our event been seen here.
    mutating func confirm(_ node: NodeID) {
        guard var peer = mesh.peers[node], !peer.unconfirmed.isEmpty else { return }
        let applied = roster.sequence(of: Life(node: node, epoch: peer.epoch))
        for report in peer.unconfirmed where report.theirs <= applied {
            peer.confirmed = max(peer.confirmed, report.ours)
        }
        peer.unconfirmed.removeAll { $0.theirs <= applied }
        let isNews = peer.confirmed != mesh.peers[node]?.confirmed
        mesh.peers[node] = peer
        if isNews { settleClaims() }
    }

    private mutating func compareDigest(_ heartbeat: Heartbeat, from node: NodeID) {
        guard heartbeat.acknowledgement.applied == roster.vector, mesh.peers[node]?.isFollowed == true else { return }
        let ours = roster.refreshDigest()
        guard ours != heartbeat.digest else {
            mesh.peers[node]?.mismatchSince = nil
            return
        }
        guard let since = mesh.peers[node]?.mismatchSince else {
            mesh.peers[node]?.mismatchSince = now.instant
            mesh.peers[node]?.counters.mismatches += 1
            effects.append(.note(.digestMismatch(node, ours: ours, theirs: heartbeat.digest)))
            return
        }
        // Both ask each other, and both keep what both have: whatever the difference was, it is gone then.
        if now.instant - since >= Self.mismatchPatience {
            mesh.peers[node]?.mismatchSince = nil
            requestSnapshot(from: node)
        }
    }

    mutating func refuseFrame(on link: LinkID, reason: String) {
        let node = mesh.links[link]?.node
        if let node { mesh.peers[node]?.counters.malformed += 1 }
        effects.append(.note(.frameMalformed(node, reason: reason)))
    }
}

extension Duration {
    /// In whole milliseconds.
    var milliseconds: Int64 { components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000 }
}
