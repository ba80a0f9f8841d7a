// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What is missing of a stream is asked for: of its node, or of any other that has it where that node is not heard
// (DESIGN §7, "Repair"). So a broken link is no broken stream, and a dead node's last words that reached one reach all.

import RoostModel
import RoostRoster
import RoostWire

extension Node {
    /// How long a node that lives anew waits to be followed, for what is left of its earlier life.
    private static let tailPatience = Duration.milliseconds(500)
    /// The same where nobody can be asked for it yet, but others may be heard soon: a partition has just ended.
    private static let lonelyTailPatience = Duration.seconds(1)

    // MARK: Gaps

    /// Takes note that events are missing: they may be on their way yet.
    mutating func noteGap(in node: NodeID) {
        guard let peer = mesh.peers[node], peer.isFollowed, peer.gapSince == nil, isBehind(peer, of: node)
        else { return }
        mesh.peers[node]?.gapSince = now.instant
        mesh.peers[node]?.attempts = 0
    }

    /// Asks for what has been missing for long enough.
    mutating func repairStreams() {
        for (node, peer) in mesh.peers.sorted(by: { $0.key < $1.key }) where peer.isFollowed {
            guard let since = peer.gapSince, now.instant >= peer.repairDue(since: since, settings.limits) else {
                continue
            }
            if peer.askedAt == nil { mesh.peers[node]?.counters.gaps += 1 }
            askForGap(of: node)
        }
    }

    private mutating func askForGap(of node: NodeID) {
        guard let peer = mesh.peers[node] else { return }
        mesh.peers[node]?.askedAt = now.instant
        mesh.peers[node]?.attempts = peer.attempts + 1
        let first = applied(of: node) &+ 1
        let last = peer.waiting.first?.first.map { $0.id.sequence &- 1 } ?? peer.highest
        guard first <= last, let helper = helper(for: node, peer), let link = mesh.peers[helper]?.link else { return }
        send(
            .replayRequest(life: Life(node: node, epoch: peer.epoch), first: first, last: last), to: .link(link))
    }

    /// Whom to ask for a node's events: itself while it is heard, and in turns whoever has more of them than we.
    func helper(for node: NodeID, _ peer: Peer) -> NodeID? {
        let life = Life(node: node, epoch: peer.epoch)
        let applied = roster.sequence(of: life)
        var helpers = mesh.reachable.filter {
            $0 != node && mesh.peers[$0]?.isFollowed == true
                && (mesh.peers[$0]?.applied.sequence(of: life) ?? 0) > applied
        }
        if peer.isReachable { helpers.insert(node, at: 0) }
        return helpers.isEmpty ? nil : helpers[peer.attempts % helpers.count]
    }

    // MARK: Answers

    /// Answers a request for events of a stream.
    mutating func replay(_ life: Life, first: UInt64, last: UInt64, to source: ControlSource) {
        guard mesh.replayBudget.allows(at: now.instant) else { return }
        if let (events, bytes) = logs[life]?.events(from: first, to: last, bytesMax: settings.limits.replayBytes) {
            mesh.replayBudget.spend(bytes)
            send(.replay(life: life, events: events), to: source)
        } else if roster.sequence(of: life) >= first {
            // A log that ends before that lacks what a snapshot has told since.
            let oldest = logs[life]?.oldest.flatMap { $0 > first ? $0 : nil } ?? roster.sequence(of: life) &+ 1
            send(.replayUnavailable(life: life, oldest: oldest), to: source)
        } else {
            // That is how who asks to the end learns that it has come there.
            send(.replay(life: life, events: []), to: source)
        }
    }

    /// Takes in events that were asked for.
    mutating func takeReplay(_ events: [Event], of life: Life, from node: NodeID) {
        if isFormer(life) {
            takeTail(events, of: life, from: node)
            return
        }
        guard let peer = mesh.peers[life.node], peer.epoch == life.epoch, events.allSatisfy({ $0.id.life == life }),
            !events.isEmpty
        else { return }
        let before = applied(of: life.node)
        take(events, of: life.node)
        let after = applied(of: life.node)
        guard after > before else { return }
        count(after - before, of: life.node, from: node)
        effects.append(.note(.repaired(life.node, first: before + 1, count: after - before, by: node)))
        mesh.peers[life.node]?.attempts = 0
        // Whatever is missing still was missing all along: it is asked for at once.
        if mesh.peers[life.node]?.gapSince != nil { askForGap(of: life.node) }
    }

    private mutating func count(_ events: UInt64, of origin: NodeID, from node: NodeID) {
        mesh.peers[origin]?.counters.replayed += events
        if origin != node { mesh.peers[origin]?.counters.replayedByOthers += events }
    }

    /// Whoever was asked for events does not have them any more: its snapshot takes their place.
    mutating func takeUnavailable(_ life: Life, oldest: UInt64, from node: NodeID) {
        if isFinishing(life) {
            endTail(of: life, from: node)
            return
        }
        let first = roster.sequence(of: life) &+ 1
        let isMissing =
            isFormer(life) || mesh.peers[life.node].map { $0.epoch == life.epoch && $0.gapSince != nil } ?? false
        guard isMissing, first < oldest, mesh.peers[node]?.isFollowed == true else { return }
        effects.append(.note(.repairUnavailable(life.node, first: first, oldest: oldest)))
        if mesh.peers[node]?.snapshot == nil {
            requestSnapshot(from: node)
        } else {
            // One waits for just this.
            mesh.peers[node]?.snapshotDeadline = now.instant
            mergeSnapshotsThatWait()
        }
    }

    // MARK: The end of a life

    /// Whether a life is over that another of its node has followed.
    private func isFormer(_ life: Life) -> Bool {
        life.node == settings.node
            ? life.epoch < settings.epoch : mesh.peers[life.node].map { life.epoch < $0.epoch } ?? false
    }

    /// Whether the next life of a node waits for what is left of this one.
    private func isFinishing(_ life: Life) -> Bool {
        if case .finishing(life, _)? = mesh.peers[life.node]?.stage { true } else { false }
    }

    /// A node lives anew. What its earlier life said last, and others heard, is asked for first, so that it comes in its
    /// place.
    mutating func beginAnew(_ node: NodeID, in epoch: Epoch) {
        guard let old = mesh.peers[node], epoch > old.epoch else { return }
        let life = Life(node: node, epoch: old.epoch)
        if old.health != .down {
            effects.append(.note(.peerDown(node, reason: "it restarted", users: roster.userCount(of: life))))
            hold(life)
        }
        var peer = Peer(link: old.link, epoch: epoch, address: old.address, lastEvidence: now.instant)
        peer.counters = old.counters
        peer.former = (life: life, delivered: old.delivered)
        let helpers = mesh.reachable.filter { $0 != node && mesh.peers[$0]?.isFollowed == true }
        // Where nobody can be asked, as when a partition ends, the first to be heard again within that time is.
        let mayBeAsked = mesh.peers.contains { $0.key != node && $0.value.link != nil && !$0.value.hasLeft }
        if mesh.hasJoined, roster.vector[node]?.epoch == old.epoch, mayBeAsked {
            let patience = helpers.isEmpty ? Self.lonelyTailPatience : Self.tailPatience
            peer.stage = .finishing(life, until: now.instant + patience)
            peer.tailAwaited = Set(helpers)
        } else {
            peer.stage = peer.link == nil ? .following : .greeting
        }
        mesh.peers[node] = peer
        if let link = peer.link { mesh.links[link]?.greetedAt = nil }
        for helper in peer.tailAwaited.sorted() { askForTail(of: life, from: helper) }
        noteIsolation()
        releaseEchoes()
        settleClaims()
        decideTakeOvers()
    }

    /// Asks a node that is heard again for what is left of earlier lives, where nobody else could be asked.
    mutating func askForTails(from helper: NodeID) {
        guard mesh.peers[helper]?.isFollowed == true else { return }
        for (node, peer) in mesh.peers.sorted(by: { $0.key < $1.key }) where node != helper {
            guard case .finishing(let life, _) = peer.stage, peer.tailAwaited.isEmpty else { continue }
            mesh.peers[node]?.tailAwaited = [helper]
            askForTail(of: life, from: helper)
        }
    }

    private mutating func askForTail(of life: Life, from helper: NodeID) {
        guard let link = mesh.peers[helper]?.link else { return }
        let first = roster.sequence(of: life) &+ 1
        send(.replayRequest(life: life, first: first, last: .max), to: .link(link))
    }

    private mutating func takeTail(_ events: [Event], of life: Life, from node: NodeID) {
        var applied = roster.sequence(of: life)
        let before = applied
        for event in events where event.id.life == life && event.id.sequence == applied &+ 1 {
            take(event)
            applied += 1
        }
        guard applied > before else {
            endTail(of: life, from: node)
            return
        }
        count(applied - before, of: life.node, from: node)
        effects.append(.note(.repaired(life.node, first: before + 1, count: applied - before, by: node)))
        acknowledgeSoon()
        askForTail(of: life, from: node)
    }

    private mutating func endTail(of life: Life, from helper: NodeID) {
        guard isFinishing(life) else { return }
        mesh.peers[life.node]?.tailAwaited.remove(helper)
        if mesh.peers[life.node]?.tailAwaited.isEmpty == true { follow(life.node) }
    }

    /// A peer tells how far it has applied lives that are over. It may have been out of reach when all others who have
    /// less went on to the next life of that node: the rest is applied late. To one that has not heard of that next life it
    /// is the present one. Of a life that nothing was heard of here, snapshots tell: what was said in it is for others.
    mutating func seekTails(_ heartbeat: Heartbeat, from helper: NodeID) {
        guard mesh.hasJoined else { return }
        var lives = heartbeat.formerLives
        for (node, position) in heartbeat.acknowledgement.applied.positions {
            lives[Life(node: node, epoch: position.epoch)] = position.sequence
        }
        for (life, last) in lives.sorted(by: { $0.key < $1.key }) where isFormer(life) {
            let applied = roster.sequence(of: life)
            if applied > 0, applied < last { askForTail(of: life, from: helper) }
        }
    }

    /// Ends the wait for what is left of earlier lives, where it has been long enough.
    mutating func finishTails() {
        for (node, peer) in mesh.peers.sorted(by: { $0.key < $1.key }) {
            if case .finishing(_, let until) = peer.stage, now.instant >= until { follow(node) }
        }
    }

    /// Turns to the new life of a node.
    private mutating func follow(_ node: NodeID) {
        mesh.peers[node]?.tailAwaited = []
        // One that only others have heard, so far, may never answer.
        if let peer = mesh.peers[node], let link = peer.link, peer.isReachable {
            mesh.peers[node]?.stage = .greeting
            greet(link)
        } else {
            mesh.peers[node]?.stage = .following
            drain(node)
        }
    }

    // MARK: Logs

    /// Adds an event to its stream's log. What could not be read cannot be told to others; the log begins anew after it.
    mutating func record(_ event: Event) {
        guard !settings.address.mesh.isEmpty else { return }
        if case .quarantined = event.body { return }
        logs[event.id.life, default: EventLog()].append(event, at: now.instant, limits: settings.limits)
    }

    /// Forgets the logs of lives that nothing was added to for long.
    mutating func collectLogs() {
        logs = logs.filter { life, log in
            isDown(life) ? log.newestAt.map { now.instant - $0 <= settings.limits.replayLogAge } ?? false : true
        }
    }
}
