// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Events of peers are applied in the order of their stream, each once. How what is missing is found stands in
// Repair.swift.

import RoostModel
import RoostRoster
import RoostWire

extension Node {
    /// How long a stream waits for another that a take-over names.
    private static let stallMax = Duration.seconds(2)

    /// Takes in events of a peer.
    mutating func receive(_ frame: EventFrame, on link: LinkID) {
        guard hear(frame.header, on: link), let first = frame.events.first?.id else { return }
        guard first.node == frame.header.node, first.epoch == frame.header.epoch else {
            refuseFrame(on: link, reason: "\(frame.header.node) speaks for \(first.node)")
            return
        }
        take(frame.events, of: first.node)
    }

    /// Takes in a run of events of a node's present life, as it comes or asked for again.
    mutating func take(_ events: [Event], of node: NodeID) {
        guard let first = events.first?.id.sequence, let last = events.last?.id.sequence,
            let peer = mesh.peers[node]
        else { return }
        mesh.peers[node]?.highest = max(peer.highest, last)
        guard peer.isFollowed, peer.stalledUntil == nil, first <= applied(of: node) &+ 1 else {
            keep(events, of: node)
            noteGap(in: node)
            return
        }
        _ = apply(events, of: node)
        drain(node)
    }

    /// The number of the last event of a peer's present life that was applied.
    func applied(of node: NodeID) -> UInt64 {
        guard let peer = mesh.peers[node] else { return 0 }
        return roster.sequence(of: Life(node: node, epoch: peer.epoch))
    }

    /// Applies what is new in a run that continues the stream. Says whether it came to its end, and did not have to wait
    /// for another stream.
    private mutating func apply(_ events: [Event], of node: NodeID) -> Bool {
        let applied = applied(of: node)
        for (index, event) in events.enumerated() where event.id.sequence > applied {
            if case .userTakenOver(let takeOver) = event.body, let after = takeOver.after, stalls(node, for: after) {
                keep(Array(events[index...]), of: node)
                return false
            }
            take(event)
            mesh.peers[node]?.counters.eventsApplied += 1
        }
        acknowledgeSoon()
        return true
    }

    /// Whether a stream must wait: what a user says at its new node comes after all that it said at its old one, as long
    /// as that can be had (DESIGN §6, "Sessions").
    private mutating func stalls(_ node: NodeID, for event: EventID) -> Bool {
        guard !roster.vector.covers(event), mesh.peers[event.node]?.epoch == event.epoch,
            mesh.peers[node]?.notAwaited != event
        else {
            mesh.peers[node]?.stalledUntil = nil
            return false
        }
        guard let until = mesh.peers[node]?.stalledUntil else {
            mesh.peers[node]?.stalledUntil = now.instant + Self.stallMax
            let highest = mesh.peers[event.node]?.highest ?? 0
            mesh.peers[event.node]?.highest = max(highest, event.sequence)
            noteGap(in: event.node)
            return true
        }
        if now.instant >= until { mesh.peers[node]?.stalledUntil = nil }
        return now.instant < until
    }

    /// Keeps a run for later, in its place. Over the limits all that wait are let go: they are asked for again.
    private mutating func keep(_ events: [Event], of node: NodeID) {
        guard var peer = mesh.peers[node], let first = events.first?.id.sequence else { return }
        let place = peer.waiting.lastIndex { ($0.first?.id.sequence ?? 0) <= first }.map { $0 + 1 } ?? 0
        peer.waiting.insert(events, at: place)
        peer.waitingBytes += events.reduce(0) { $0 + $1.approximateBytes }
        if peer.waiting.count > settings.limits.framesBuffered || peer.waitingBytes > settings.limits.bytesBuffered {
            peer.waiting = []
            peer.waitingBytes = 0
        }
        mesh.peers[node] = peer
    }

    private mutating func takeWaiting(_ node: NodeID) -> [Event]? {
        guard let events = mesh.peers[node]?.waiting.first, let first = events.first?.id.sequence,
            first <= applied(of: node) &+ 1
        else { return nil }
        mesh.peers[node]?.waiting.removeFirst()
        mesh.peers[node]?.waitingBytes -= events.reduce(0) { $0 + $1.approximateBytes }
        return events
    }

    /// Applies the waiting runs of a peer that continue its stream, and sees whether something is missing.
    mutating func drain(_ node: NodeID) {
        guard mesh.peers[node]?.isFollowed == true else { return }
        while let events = takeWaiting(node) {
            guard apply(events, of: node) else { break }
        }
        if mesh.peers[node].map({ isBehind($0, of: node) }) == true {
            noteGap(in: node)
        } else {
            mesh.peers[node]?.gapSince = nil
            mesh.peers[node]?.askedAt = nil
            mesh.peers[node]?.attempts = 0
            confirm(node)
            announceIfInStep(node)
        }
        if mesh.peers.values.contains(where: { $0.stalledUntil != nil || $0.snapshot != nil }) {
            for other in mesh.peers.keys.sorted() where other != node { resume(other) }
            mergeSnapshotsThatWait()
        }
        serveIfReady()
    }

    /// Goes on with a stream that waited for another, if that has come far enough or been waited for too long.
    private mutating func resume(_ node: NodeID) {
        guard let until = mesh.peers[node]?.stalledUntil else { return }
        guard case .userTakenOver(let takeOver)? = mesh.peers[node]?.waiting.first?.first?.body,
            let after = takeOver.after
        else {
            mesh.peers[node]?.stalledUntil = nil
            return
        }
        guard roster.vector.covers(after) || now.instant >= until else { return }
        mesh.peers[node]?.stalledUntil = nil
        if !roster.vector.covers(after) { mesh.peers[node]?.notAwaited = after }
        drain(node)
    }

    /// Goes on with streams that waited for another long enough.
    mutating func resumeStreams() {
        for node in mesh.peers.keys.sorted() { resume(node) }
    }

    /// Whether events of a peer exist that are not applied.
    func isBehind(_ peer: Peer, of node: NodeID) -> Bool {
        !peer.waiting.isEmpty || peer.highest > applied(of: node)
    }

    /// Tells operators, once for each life of a peer, that we are in step with it.
    private mutating func announceIfInStep(_ node: NodeID) {
        guard let peer = mesh.peers[node], !peer.isAnnounced, peer.isInStepWithUs, peer.health == .up else { return }
        mesh.peers[node]?.isAnnounced = true
        effects.append(.note(.peerUp(node, epoch: peer.epoch, address: peer.address.mesh)))
    }
}
