// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What is made of a peer's silence (DESIGN §8): suspect, unreachable but alive, down. Evidence is what we hear ourselves,
// what other peers say that they heard, and what becomes of the connection. A node that was itself held up accuses nobody
// (Pauses.swift).

import RoostModel
import RoostRoster
import RoostWire

extension Node {
    /// How much older than what we hear ourselves the evidence of others may be: the time between two of their signs of
    /// life, and on the way.
    private static let hearsay = Duration.milliseconds(500)

    /// The life that this node is in.
    var life: Life { Life(node: settings.node, epoch: settings.epoch) }

    // MARK: Evidence

    /// A node is known by hearsay: through a snapshot or another peer's report.
    mutating func makeKnown(_ node: NodeID, in epoch: Epoch) {
        guard node != settings.node, mesh.peers[node] == nil, mesh.peers.count < settings.limits.peers else { return }
        mesh.peers[node] = Peer(
            epoch: epoch, address: NodeAddress(mesh: "", stats: ""), stage: .following, lastEvidence: now.instant)
    }

    /// Takes in whom a peer has heard of late.
    mutating func receiveEvidence(_ heartbeat: Heartbeat, from node: NodeID) {
        for (other, age) in heartbeat.ages.sorted(by: { $0.key < $1.key }) where other != settings.node {
            guard let epoch = heartbeat.inStep[other], let peer = mesh.peers[other], peer.epoch == epoch else {
                continue
            }
            let heard = now.instant - .milliseconds(Int64(age))
            // Who was heard by another before it was given up here may be gone since.
            guard heard > peer.lastEvidence, !peer.hasLeft, heard > peer.downAt ?? heard - .seconds(1),
                now.instant - heard < settings.limits.suspectAfter
            else { continue }
            mesh.peers[other]?.lastEvidence = heard
            if peer.health == .down { rise(other, to: .unreachable) }
        }
    }

    /// A peer that was given up is there after all.
    mutating func rise(_ node: NodeID, to health: Peer.Health) {
        guard let peer = mesh.peers[node], peer.health != health else { return }
        mesh.peers[node]?.health = health
        if health == .up { askForTails(from: node) }
        guard peer.health == .down else { return }
        mesh.peers[node]?.hasLeft = false
        mesh.peers[node]?.refusedAt = nil
        // It has in its streams what was kept for its users, or is about to pass over it.
        if let kept = mail.removeValue(forKey: Life(node: node, epoch: peer.epoch)) { inherit(kept.all) }
        reviewLives()
        noteIsolation()
        settleClaims()
    }

    // MARK: Connections

    /// A connection is there. While this node catches up, it asks at once how things are.
    mutating func linkConnected(_ link: LinkID) {
        if mesh.catchingUpUntil != nil, mesh.links[link]?.node != nil { greet(link) }
    }

    /// A connection is gone: its node is suspect at once, and asked by a connection attempt of our own.
    mutating func linkDisconnected(_ link: LinkID) {
        guard let known = mesh.links[link], let node = known.node, let peer = mesh.peers[node], peer.link == link,
            !peer.isGone
        else { return }
        if peer.health == .up { suspect(node, silent: .zero) }
        effects.append(.probe(link, address: known.address))
    }

    /// The port of a connection that was reset refuses: the process is no more.
    mutating func probeAnswered(_ link: LinkID, isRefused: Bool) {
        guard isRefused, let node = mesh.links[link]?.node, let peer = mesh.peers[node], peer.link == link,
            peer.health != .up
        else { return }
        mesh.peers[node]?.refusedAt = now.instant
        declareDown(node, reason: "its port refuses connections")
    }

    /// Another node has given a life up. Whoever hears its node itself knows better.
    mutating func hearVerdict(on life: Life, from node: NodeID) {
        guard node != settings.node, let peer = mesh.peers[life.node], peer.epoch == life.epoch,
            peer.health == .suspect || peer.health == .unreachable
        else { return }
        declareDown(life.node, reason: "\(node) found it down")
    }

    // MARK: Silence

    /// Sees who has been silent for too long.
    mutating func watchPeers() {
        for (node, peer) in mesh.peers.sorted(by: { $0.key < $1.key }) where peer.health != .down {
            let limits = settings.limits
            let silent = peer.lastHeard.map { now.instant - $0 } ?? limits.downAfter
            let unseen = now.instant - peer.lastEvidence
            if unseen >= limits.downAfter {
                declareDown(node, reason: "not heard for \(unseen.milliseconds) ms")
            } else if silent >= limits.suspectAfter, unseen < limits.suspectAfter + Self.hearsay {
                if peer.health != .unreachable { becomeUnreachable(node, silent: silent) }
            } else if silent >= limits.suspectAfter, peer.health != .suspect {
                suspect(node, silent: silent)
            }
        }
    }

    private mutating func suspect(_ node: NodeID, silent: Duration) {
        mesh.peers[node]?.health = .suspect
        effects.append(.note(.peerSuspect(node, silent: silent)))
    }

    private mutating func becomeUnreachable(_ node: NodeID, silent: Duration) {
        mesh.peers[node]?.health = .unreachable
        if mesh.peers[node]?.lastHeard != nil { effects.append(.note(.peerUnreachable(node, silent: silent))) }
        noteGap(in: node)
    }

    /// A peer said goodbye in that life: its users are held at once. The last words of an earlier life may be heard when
    /// it lives in a new one.
    mutating func peerLeft(_ life: Life, reason: String) {
        let node = life.node
        guard mesh.peers[node]?.epoch == life.epoch, mesh.peers[node]?.health != .down else { return }
        mesh.peers[node]?.hasLeft = true
        declareDown(node, reason: "it left: \(reason)")
    }

    /// Gives a peer up: its users are held from now on.
    mutating func declareDown(_ node: NodeID, reason: String) {
        guard let peer = mesh.peers[node], peer.health != .down else { return }
        let life = Life(node: node, epoch: peer.epoch)
        mesh.peers[node]?.health = .down
        mesh.peers[node]?.downAt = now.instant
        mesh.peers[node]?.isAnnounced = false
        mesh.peers[node]?.chunks = []
        mesh.peers[node]?.snapshot = nil
        // What it can tell no more itself, others may tell of its stream.
        if peer.stage == .fetching || peer.stage == .greeting {
            mesh.peers[node]?.stage = mesh.hasJoined ? .following : .greeting
        }
        effects.append(.note(.peerDown(node, reason: reason, users: roster.userCount(of: life))))
        drain(node)
        hold(life)
        noteIsolation()
        releaseEchoes()
        settleClaims()
        decideTakeOvers()
    }

    /// Tells our clients, once, when this node has lost all others, and when it has found one again.
    mutating func noteIsolation() {
        let isIsolated =
            mesh.hasJoined && mesh.peers.values.contains { $0.lastHeard != nil && !$0.hasLeft }
            && mesh.peers.values.allSatisfy { $0.health == .down }
        guard isIsolated != mesh.isIsolated else { return }
        mesh.isIsolated = isIsolated
        effects.append(.note(isIsolated ? .isolated : .rejoined))
        let text =
            isIsolated
            ? "This node has lost contact with all others of the network. Until it is found again, what you say is held"
                + " on this node only."
            : "This node is in contact with the network again."
        for connection in connections.values.sorted() { notice(text, to: connection) }
    }
}

extension Instant {
    /// The instant that much earlier.
    static func - (left: Self, right: Duration) -> Self { left + (.zero - right) }
}
