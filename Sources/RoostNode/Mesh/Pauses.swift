// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What a node does that finds that it stood still (DESIGN §6, "Sessions"). What its clients did meanwhile waits until it
// has heard what it missed, and so does its word that they are gone: they may have gone on at another node.

import RoostModel
import RoostRoster

/// A time in which this node did not run.
struct Pause: Sendable {
    /// When it should have given a sign of life, and did not.
    let since: Instant
    /// When it found that out.
    let until: Instant
}

/// The loss of a client while this node stood still, which the others have not been told of.
struct Farewell: Sendable {
    let reason: String
    /// When it was taken note of.
    let at: Instant
}

extension Node {
    /// The pause from which on clients wait until this node has caught up.
    private static let pauseNoticed = Duration.seconds(1)
    /// How long clients wait at most for that.
    private static let catchUpMax = Duration.seconds(1)

    /// Sees whether this node was itself paused since the last step. To be called before anything is taken in.
    mutating func notePause() {
        guard let due = mesh.nextHeartbeat, now.instant - due > Self.pauseNoticed, mesh.lastPause?.since != due else {
            return
        }
        mesh.lastPause = Pause(since: due, until: now.instant)
        // Nobody could answer meanwhile.
        mesh.startedAt = mesh.startedAt + (now.instant - due)
        if mesh.peers.isEmpty { return }
        mesh.catchingUpUntil = now.instant + Self.catchUpMax
        mesh.deliveredMax = mesh.deliveredMax ?? mesh.delivered
        effects.append(.note(.paused(now.instant - due)))
        // What has waited in the kernel's queues tells how things were; an answer tells how they are.
        for (link, known) in mesh.links.sorted(by: { $0.key < $1.key }) where known.node != nil { greet(link) }
        probeWhoIsDown()
    }

    /// Asks whether those who are down have come up again while this node stood still: they may have its users.
    mutating func probeWhoIsDown() {
        for (_, peer) in mesh.peers.sorted(by: { $0.key < $1.key }) where peer.health == .down {
            if let link = peer.link, let address = mesh.links[link]?.address {
                effects.append(.probe(link, address: address))
            }
        }
    }

    /// Takes what a client does for later where this node must first learn what it missed: another node may have taken
    /// over whom it speaks for. It lasts a second at most, and the front end bounds what a client may send in that.
    mutating func defers(_ input: NodeInput) -> Bool {
        guard mesh.catchingUpUntil != nil else { return false }
        deferred.append(input)
        return true
    }

    /// Goes on with what has waited for this node to catch up, where it has, or where that was waited for long enough.
    /// To be called after each step.
    mutating func catchUp() {
        if let until = mesh.catchingUpUntil {
            let isDone = mesh.peers.values.allSatisfy { peer in
                // Of one that is known by hearsay others may have told that more of its stream is to be had.
                peer.link == nil ? peer.gapSince == nil : isNoMore(peer) || hasCaughtUp(with: peer)
            }
            guard isDone || now.instant >= until else { return }
            mesh.catchingUpUntil = nil
            takeDeferred()
        }
        if !farewells.isEmpty { sayFarewells() }
        // What was handed to clients who were gone was delivered to nobody: they may go on elsewhere and get it there.
        if mesh.deliveredMax != nil, farewells.isEmpty, !isDraining {
            mesh.deliveredMax = nil
            reportDelivered(mesh.handedOver)
        }
    }

    /// Takes in what clients did while this node stood still, and until it had caught up.
    private mutating func takeDeferred() {
        let inputs = deferred
        deferred = []
        // Who came and went unwelcomed has been here for nobody, and may have gone on elsewhere: nothing is done for it.
        for case .clientLost(let connection, let reason) in inputs where clients[connection]?.user == nil {
            drop(connection, reason: reason)
        }
        for input in inputs {
            if case .clientLost(let connection, let reason) = input, clients[connection] != nil {
                farewells[connection] = Farewell(reason: reason, at: now.instant)
            } else {
                receive(input)
            }
        }
        settleClaims()
        decideTakeOvers()
    }

    /// A node that was itself held up must not take its own sleep for its peers' silence.
    mutating func excuseSilence(of late: Duration) {
        for (node, peer) in mesh.peers where peer.health != .down {
            mesh.peers[node]?.lastHeard = peer.lastHeard.map { min(now.instant, $0 + late) }
            mesh.peers[node]?.lastEvidence = min(now.instant, peer.lastEvidence + late)
        }
    }

    // MARK: Farewells

    /// Whether the client of a user of ours was lost while this node stood still, and nobody has been told yet.
    func isLost(_ user: UserID) -> Bool { connections[user].map { farewells[$0] != nil } ?? false }

    /// Says at once that a user has left who was lost while this node stood still, where a newcomer of the same identity
    /// wants its nick: what was said to it meanwhile was said to nobody, so it does not go on as the same user.
    mutating func seeOff(_ nick: Nick, for identity: String) {
        guard let user = roster.user(named: nick), mayTakeOver(user, identity), let connection = connections[user.id],
            let farewell = farewells[connection]
        else { return }
        drop(connection, reason: farewell.reason)
    }

    /// Says of those who were lost while this node stood still that they have left, unless they turned out to be
    /// elsewhere: once no other node can have them without our knowing, or after the time of a hold.
    private mutating func sayFarewells() {
        for (connection, farewell) in farewells.sorted(by: { $0.key < $1.key })
        where now.instant - farewell.at >= settings.limits.hold || isNowhereElse(clients[connection]?.user) {
            drop(connection, reason: farewell.reason)
        }
    }

    /// Whether no other node can have a user of ours without our knowing.
    private func isNowhereElse(_ user: UserID?) -> Bool {
        // Where another took it over before it heard that we had, it holds on to it when it does.
        let start = user.flatMap { roster.users[$0]?.introduced.sequence } ?? 0
        return mesh.peers.values.allSatisfy { peer in
            isOutOfQuestion(peer) || hasCaughtUp(with: peer) && peer.confirmed >= start
        }
    }

    /// Whether all is known here of what a peer did while this node stood still.
    private func hasCaughtUp(with peer: Peer) -> Bool {
        guard let pause = mesh.lastPause, let link = peer.link.flatMap({ mesh.links[$0] }) else { return false }
        return link.answeredGreeting.map { $0 >= pause.until } ?? false && peer.isFollowed && peer.gapSince == nil
    }

    /// Whether a peer's port has refused a connection since this node stood still, and nothing more of what it did is to
    /// be had. One that was gone before may have come up again meanwhile.
    private func isNoMore(_ peer: Peer) -> Bool {
        guard let pause = mesh.lastPause, let refusedAt = peer.refusedAt else { return false }
        return peer.health == .down && peer.gapSince == nil && refusedAt >= pause.until
    }

    /// Whether a peer is no more, or has been out of reach for so long that it holds none of our users.
    private func isOutOfQuestion(_ peer: Peer) -> Bool {
        guard peer.health == .down, peer.gapSince == nil, let pause = mesh.lastPause else { return false }
        let isLongGone = !peer.isGone && (peer.downAt ?? peer.lastEvidence) + settings.limits.hold < pause.since
        return isNoMore(peer) || isLongGone
    }
}
