// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The peers' streams: applying events in order, finding gaps and having them filled (DESIGN §7, "Repair").

import RoostModel
import RoostRoster
import RoostWire

extension Node {
    /// Takes in events of a peer.
    mutating func receive(_ frame: EventFrame, on link: LinkID) {
        guard let peer = hear(frame.header, on: link), let first = frame.events.first?.id else { return }
        guard first.node == frame.header.node, first.epoch == frame.header.epoch else {
            refuseFrame(on: link, reason: "\(frame.header.node) speaks for \(first.node)")
            return
        }
        take(frame, from: frame.header.node, stage: peer.stage)
    }

    /// Takes in events that were asked for again.
    mutating func takeReplay(_ events: [Event], from node: NodeID) {
        guard let peer = mesh.peers[node], let first = events.first?.id, first.node == node, first.epoch == peer.epoch
        else { return }
        let before = roster.vector[node]?.sequence ?? 0
        let header = FrameHeader(
            cluster: settings.cluster, node: node, epoch: peer.epoch, time: events.last?.time ?? .zero)
        take(EventFrame(header: header, events: events), from: node, stage: peer.stage)
        let after = roster.vector[node]?.sequence ?? 0
        guard after > before else { return }
        let filled = after - before
        mesh.peers[node]?.counters.replayed += filled
        effects.append(.note(.repaired(node, first: before + 1, count: filled)))
        // Whatever is missing still was missing all along: it is asked for at once.
        if mesh.peers[node]?.gapSince != nil { askForGap(of: node) }
    }

    private mutating func take(_ frame: EventFrame, from node: NodeID, stage: Peer.Stage) {
        guard let first = frame.events.first?.id.sequence, let last = frame.events.last?.id.sequence else { return }
        let highest = max(mesh.peers[node]?.highest ?? 0, last)
        mesh.peers[node]?.highest = highest
        guard stage == .following, first <= (roster.vector[node]?.sequence ?? 0) &+ 1 else {
            keep(frame, of: node)
            if stage == .following { noteGap(in: node) }
            return
        }
        apply(frame, of: node)
        drain(node)
    }

    /// Applies what is new in a frame that continues the stream.
    private mutating func apply(_ frame: EventFrame, of node: NodeID) {
        let applied = roster.vector[node]?.sequence ?? 0
        for event in frame.events where event.id.sequence > applied {
            take(event)
            mesh.peers[node]?.counters.eventsApplied += 1
        }
        if mesh.acknowledgementDue == nil {
            mesh.acknowledgementDue = now.instant + settings.limits.acknowledgeAfter
        }
    }

    /// Keeps a frame for later, in its place. Over the limit all that wait are let go: they are asked for again.
    private mutating func keep(_ frame: EventFrame, of node: NodeID) {
        guard var peer = mesh.peers[node], let first = frame.events.first?.id.sequence else { return }
        let place = peer.waiting.lastIndex { ($0.events.first?.id.sequence ?? 0) <= first }.map { $0 + 1 } ?? 0
        peer.waiting.insert(frame, at: place)
        if peer.waiting.count > settings.limits.framesBuffered { peer.waiting = [] }
        mesh.peers[node] = peer
    }

    /// Applies the waiting frames of a peer that continue its stream, and sees whether something is missing.
    mutating func drain(_ node: NodeID) {
        guard mesh.peers[node]?.stage == .following else { return }
        while let frame = mesh.peers[node]?.waiting.first, let first = frame.events.first?.id.sequence,
            first <= (roster.vector[node]?.sequence ?? 0) &+ 1
        {
            mesh.peers[node]?.waiting.removeFirst()
            apply(frame, of: node)
        }
        if mesh.peers[node].map({ isBehind($0, of: node) }) == true {
            noteGap(in: node)
        } else {
            mesh.peers[node]?.gapSince = nil
            mesh.peers[node]?.askedAt = nil
            confirm(node)
            announceIfInStep(node)
        }
        mergeSnapshotsThatWait()
        serveIfReady()
    }

    private func isBehind(_ peer: Peer, of node: NodeID) -> Bool {
        !peer.waiting.isEmpty || peer.highest > (roster.vector[node]?.sequence ?? 0)
    }

    /// Takes note that events are missing: they may be on their way yet.
    mutating func noteGap(in node: NodeID) {
        guard let peer = mesh.peers[node], peer.stage == .following, peer.gapSince == nil, isBehind(peer, of: node)
        else { return }
        mesh.peers[node]?.gapSince = now.instant
    }

    /// Asks for what has been missing for long enough.
    mutating func repairStreams() {
        for (node, peer) in mesh.peers.sorted(by: { $0.key < $1.key }) where peer.stage == .following {
            guard let since = peer.gapSince else { continue }
            let patience = settings.limits.gapPatience
            let isDue = peer.askedAt.map { now.instant - $0 >= patience * 10 } ?? (now.instant - since >= patience)
            guard isDue else { continue }
            if peer.askedAt == nil { mesh.peers[node]?.counters.gaps += 1 }
            askForGap(of: node)
        }
    }

    private mutating func askForGap(of node: NodeID) {
        guard let peer = mesh.peers[node] else { return }
        mesh.peers[node]?.askedAt = now.instant
        let first = (roster.vector[node]?.sequence ?? 0) &+ 1
        let last = peer.waiting.first?.events.first.map { $0.id.sequence - 1 } ?? peer.highest
        guard first <= last else { return }
        send(.replayRequest(life: Life(node: node, epoch: peer.epoch), first: first, last: last), to: .link(peer.link))
    }

    /// Answers a request for events of our stream.
    mutating func replay(of life: Life, first: UInt64, last: UInt64, to source: ControlSource) {
        // A question to an earlier life needs no answer: the asker hears of this one.
        guard life == Life(node: settings.node, epoch: settings.epoch) else { return }
        guard let events = log.events(from: first, to: last, count: settings.limits.replayBatch) else {
            let oldest = log.oldest ?? sequence + 1
            send(.replayUnavailable(life: life, oldest: oldest), to: source)
            return
        }
        if !events.isEmpty { send(.replay(life: life, events: events), to: source) }
    }

    /// Tells operators, once for each life of a peer, that we are in step with it.
    private mutating func announceIfInStep(_ node: NodeID) {
        guard let peer = mesh.peers[node], !peer.isAnnounced, peer.isInStepWithUs else { return }
        mesh.peers[node]?.isAnnounced = true
        effects.append(.note(.peerUp(node, epoch: peer.epoch, address: peer.address.mesh)))
    }
}
