// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Signs of life and reports: what a node says four times a second and after new events, and what it concludes from
// hearing, or not hearing, the same of its peers (DESIGN §7 and §8).

import RoostModel
import RoostRoster
import RoostWire

extension Node {
    /// How many reports of a peer are kept that wait for its stream; the oldest are dropped.
    private static let reportsKept = 1_000

    // MARK: Saying

    /// Gives a sign of life where one is due.
    mutating func beat() {
        guard let due = mesh.nextHeartbeat, now.instant >= due else { return }
        // A node that was itself held up must not take its own sleep for its peers' silence.
        let late = now.instant - due
        if late > settings.limits.heartbeatInterval {
            for (node, peer) in mesh.peers { mesh.peers[node]?.lastHeard = min(now.instant, peer.lastHeard + late) }
        }
        mesh.nextHeartbeat = now.instant + settings.limits.heartbeatInterval
        publishHeartbeat()
        greetAgain()
        if now.instant - lastCollected >= .seconds(10) {
            lastCollected = now.instant
            roster.collect(at: now.wall)
            // A seed that was refused may have been mended: its clock set, its name changed.
            openSeeds()
        }
    }

    mutating func publishHeartbeat() {
        guard !settings.address.mesh.isEmpty else { return }
        var ages: [NodeID: UInt32] = [:]
        var inStep: [NodeID: Epoch] = [:]
        for (node, peer) in mesh.peers where peer.stage != .down {
            ages[node] = UInt32(clamping: (now.instant - peer.lastHeard).milliseconds)
            if peer.stage == .following { inStep[node] = peer.epoch }
        }
        effects.append(
            .publishHeartbeat(
                Heartbeat(
                    acknowledgement: report, ages: ages, inStep: inStep, digest: digest, wall: now.wall,
                    isDraining: isDraining)))
    }

    /// The roster's digest, computed once for each state of it.
    private var digest: UInt64 {
        mutating get {
            if let knownDigest { return knownDigest }
            let value = roster.digest
            knownDigest = value
            return value
        }
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

    // MARK: Hearing

    mutating func receive(_ heartbeat: Heartbeat, on link: LinkID) {
        let header = heartbeat.acknowledgement.header
        let skew = Int64(clamping: heartbeat.wall.milliseconds) - Int64(clamping: now.wall.milliseconds)
        if Duration.milliseconds(skew.magnitude) > settings.limits.clockSkew {
            refuse(link, reason: "its clock is \(skew) ms off ours; set both by NTP")
            return
        }
        guard hear(header, on: link) != nil else { return }
        let node = header.node
        if heartbeat.isDraining { return }
        if mesh.peers[node]?.stage == .down { mesh.peers[node]?.stage = .greeting }
        mesh.peers[node]?.isInStepWithUs = heartbeat.inStep[settings.node] == settings.epoch
        if mesh.links[link]?.greetedAt == nil || mesh.peers[node]?.stage == .greeting { greetIfDue(link) }
        receiveReport(heartbeat.acknowledgement, from: node)
        compareDigest(heartbeat, from: node)
    }

    private mutating func greetIfDue(_ link: LinkID) {
        if let last = mesh.links[link]?.greetedAt, now.instant - last < settings.limits.heartbeatInterval { return }
        greet(link)
    }

    mutating func receive(_ report: Acknowledgement, on link: LinkID) {
        guard hear(report.header, on: link) != nil else { return }
        receiveReport(report, from: report.header.node)
    }

    private mutating func receiveReport(_ report: Acknowledgement, from node: NodeID) {
        guard var peer = mesh.peers[node] else { return }
        let theirs = report.applied.sequence(of: Life(node: node, epoch: peer.epoch))
        peer.highest = max(peer.highest, theirs)
        if let ours = report.applied[settings.node], ours.epoch == settings.epoch, ours.sequence > peer.confirmed {
            peer.unconfirmed.append((ours: ours.sequence, theirs: theirs))
            // Each newer report says what the older ones said, and more.
            if peer.unconfirmed.count > Self.reportsKept { peer.unconfirmed.removeFirst() }
        }
        mesh.peers[node] = peer
        // It has joined and said nothing yet.
        if mesh.hasJoined, peer.stage == .following, roster.vector[node] == nil,
            report.applied[node]?.epoch == peer.epoch
        {
            beginLife(peer.epoch, of: node)
        }
        drain(node)
    }

    /// Counts the acknowledgements whose sender's stream is applied here as far as it was when it sent them (§6.1):
    /// only then has everything that it had done before it heard of our event been seen here.
    mutating func confirm(_ node: NodeID) {
        guard var peer = mesh.peers[node], !peer.unconfirmed.isEmpty else { return }
        let applied = roster.vector[node]?.sequence ?? 0
        for report in peer.unconfirmed where report.theirs <= applied {
            peer.confirmed = max(peer.confirmed, report.ours)
        }
        peer.unconfirmed.removeAll { $0.theirs <= applied }
        let isNews = peer.confirmed != mesh.peers[node]?.confirmed
        mesh.peers[node] = peer
        if isNews { settleClaims() }
    }

    private mutating func compareDigest(_ heartbeat: Heartbeat, from node: NodeID) {
        guard heartbeat.acknowledgement.applied == roster.vector, mesh.peers[node]?.stage == .following else { return }
        let ours = digest
        if ours != heartbeat.digest {
            effects.append(.note(.digestMismatch(node, ours: ours, theirs: heartbeat.digest)))
        }
    }

    // MARK: Not hearing

    /// Sees who has been silent for too long.
    mutating func watchPeers() {
        for (node, peer) in mesh.peers.sorted(by: { $0.key < $1.key }) where peer.stage != .down {
            let silent = now.instant - peer.lastHeard
            if silent >= settings.limits.downAfter {
                giveUp(node, reason: "not heard for \(silent.milliseconds) ms", quit: "\(node) is out of reach")
            } else if silent >= settings.limits.suspectAfter, !peer.isSuspect {
                mesh.peers[node]?.isSuspect = true
                effects.append(.note(.peerSuspect(node, silent: silent)))
            }
        }
    }

    /// A peer said goodbye: its users leave with it.
    mutating func peerLeft(_ node: NodeID, reason: String) {
        giveUp(node, reason: "it left: \(reason)", quit: reason)
    }

    private mutating func giveUp(_ node: NodeID, reason: String, quit: String) {
        let users = roster.users.values.count { $0.node == node && !$0.isHidden }
        mesh.peers[node]?.stage = .down
        mesh.peers[node]?.isAnnounced = false
        mesh.peers[node]?.waiting = []
        mesh.peers[node]?.gapSince = nil
        mesh.peers[node]?.chunks = []
        mesh.peers[node]?.snapshot = nil
        effects.append(.note(.peerDown(node, reason: reason, users: users)))
        var changes: [RosterChange] = []
        hideUsers(of: node, before: nil, reason: quit, into: &changes)
        announce(changes, at: clock.latest)
        noteEmptyChannels(in: changes, isOurs: false)
        settleClaims()
    }

    /// Takes the users of a node's lives out of sight: of all, or of those before an epoch.
    mutating func hideUsers(
        of node: NodeID, before epoch: Epoch?, reason: String, into changes: inout [RosterChange]
    ) {
        let lives = roster.populatedLives.filter { life in life.node == node && epoch.map { life.epoch < $0 } ?? true }
        let present = mesh.peers[node].map { [Life(node: node, epoch: $0.epoch)] } ?? []
        roster.setHidden(
            roster.hiddenLives.union(lives).union(epoch == nil ? present : []), reason: reason, into: &changes)
    }

    mutating func refuseFrame(on link: LinkID, reason: String) {
        let node = mesh.links[link]?.node
        mesh.links[link]?.malformed += 1
        if let node { mesh.peers[node]?.counters.malformed += 1 }
        effects.append(.note(.frameMalformed(node, reason: reason)))
    }
}

extension Duration {
    /// In whole milliseconds.
    var milliseconds: Int64 { components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000 }
}
