// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// How nodes get to know each other (DESIGN §7, "Joining"): links are opened to seeds and to every address that a peer
// tells; a heartbeat through the subscription proves it live; then HELLO, WELCOME, and a replay or a snapshot.

import RoostModel
import RoostRoster
import RoostWire

extension Node {
    /// How often HELLO is said again.
    static let greetingInterval = Duration.seconds(1)

    /// Opens links to the seeds that there are none to.
    mutating func openSeeds() {
        for seed in settings.seeds where seed != settings.address.mesh { openLink(to: seed) }
    }

    /// Opens a link to an address that there is none to.
    mutating func openLink(to address: String) {
        guard !address.isEmpty, mesh.links.count < settings.limits.peers,
            !mesh.links.values.contains(where: { $0.address == address })
        else { return }
        let link = LinkID(mesh.nextLink)
        mesh.nextLink += 1
        mesh.links[link] = Link(address: address)
        effects.append(.openLink(link, address: address))
    }

    /// Gives up a link, and says why.
    mutating func refuse(_ link: LinkID, reason: String) {
        guard let refused = mesh.links.removeValue(forKey: link) else { return }
        effects.append(.closeLink(link))
        effects.append(.note(.peerRefused(address: refused.address, reason: reason)))
    }

    /// Whether a frame may be heard at all. One that may not closes its link, except where both ends are this node.
    mutating func admits(_ header: FrameHeader, on link: LinkID) -> Bool {
        guard let known = mesh.links[link] else { return false }
        if header.node == settings.node, header.epoch == settings.epoch {
            mesh.links[link] = nil
            effects.append(.closeLink(link))
            return false
        }
        if let reason = objection(to: header) {
            refuse(link, reason: reason)
            return false
        }
        if let node = known.node, node != header.node {
            refuse(link, reason: "it was \(node) and says now that it is \(header.node)")
            return false
        }
        return true
    }

    /// Why a sender cannot be a peer of ours, in words for the log; nil where it can.
    func objection(to header: FrameHeader) -> String? {
        if header.version != MeshProtocol.version {
            return "it speaks version \(header.version) of the mesh protocol, this node \(MeshProtocol.version);"
                + " upgrade the older of the two"
        }
        if header.cluster != settings.cluster {
            return "it belongs to cluster \"\(header.cluster)\", this node to \"\(settings.cluster)\";"
                + " set mesh.cluster alike or take it from mesh.peers"
        }
        if header.node == settings.node {
            return "it is called \(header.node) as this node is; give one of them another node.name"
        }
        let skew = Int64(clamping: header.time.wall.milliseconds) - Int64(clamping: now.wall.milliseconds)
        if Duration.milliseconds(skew) > settings.limits.clockSkew {
            return "its clock is \(skew / 1_000) s ahead of ours; set both by NTP"
        }
        return nil
    }

    /// The peer that a frame on a link comes from, made known where it was not. nil where the frame is not to be heard.
    mutating func hear(_ header: FrameHeader, on link: LinkID) -> Peer? {
        guard admits(header, on: link) else { return nil }
        clock.observe(header.time)
        if mesh.links[link]?.node == nil {
            if let other = mesh.peers[header.node]?.link, other != link, mesh.links[other] != nil {
                // A second way to a node that we have one to.
                mesh.links[link] = nil
                effects.append(.closeLink(link))
                return nil
            }
            mesh.links[link]?.node = header.node
        }
        let address = NodeAddress(mesh: mesh.links[link]?.address ?? "", stats: "")
        var peer =
            mesh.peers[header.node]
            ?? Peer(link: link, epoch: header.epoch, address: address, lastHeard: now.instant)
        peer.link = link
        guard header.epoch >= peer.epoch else { return nil }
        if header.epoch > peer.epoch {
            restart(&peer, of: header.node, in: header.epoch)
        }
        peer.lastHeard = now.instant
        peer.isSuspect = false
        mesh.peers[header.node] = peer
        return peer
    }

    /// A peer lives again, in a new epoch: what waited for the old one is void.
    private mutating func restart(_ peer: inout Peer, of node: NodeID, in epoch: Epoch) {
        let counters = peer.counters
        let address = peer.address
        peer = Peer(link: peer.link, epoch: epoch, address: address, lastHeard: now.instant)
        peer.counters = counters
        mesh.links[peer.link]?.greetedAt = nil
        var changes: [RosterChange] = []
        let users = roster.users.values.count { $0.node == node && !$0.isHidden }
        roster.begin(epoch, of: node, into: &changes)
        hideUsers(of: node, before: epoch, reason: "\(node) restarted", into: &changes)
        knownDigest = nil
        roster.reveal(Life(node: node, epoch: epoch), into: &changes)
        if users > 0 { effects.append(.note(.peerDown(node, reason: "it restarted", users: users))) }
        announce(changes, at: clock.latest)
        noteEmptyChannels(in: changes, isOurs: false)
        settleClaims()
    }

    // MARK: HELLO and WELCOME

    /// Presents this node to the peer at the other end of a link.
    mutating func greet(_ link: LinkID) {
        mesh.links[link]?.greetedAt = now.instant
        mesh.links[link]?.isGreeting = true
        send(.hello(introduction), to: .link(link))
    }

    /// Says HELLO again where it is time.
    mutating func greetAgain() {
        for (id, link) in mesh.links.sorted(by: { $0.key < $1.key }) where link.node != nil {
            guard let last = link.greetedAt, now.instant - last < Self.greetingInterval else {
                greet(id)
                continue
            }
        }
    }

    mutating func send(_ message: ControlMessage, to source: ControlSource) {
        effects.append(.sendControl(ControlFrame(header: header, message: message), to: source))
    }

    /// The header of what this node sends now.
    var header: FrameHeader {
        FrameHeader(
            cluster: settings.cluster, node: settings.node, epoch: settings.epoch,
            time: max(clock.latest, HybridTime(wall: now.wall)))
    }

    private var introduction: Introduction {
        var peers: [NodeID: NodeAddress] = [:]
        for (node, peer) in mesh.peers where peer.stage != .down { peers[node] = peer.address }
        return Introduction(
            applied: roster.vector, oldestReplayable: log.oldest ?? sequence + 1, address: settings.address,
            peers: peers, wall: now.wall)
    }

    /// Takes in a control message.
    mutating func receive(_ frame: ControlFrame, from source: ControlSource) {
        switch source {
        case .router:
            if let reason = objection(to: frame.header) {
                if frame.header.epoch != settings.epoch || frame.header.node != settings.node {
                    send(.refused(reason: reason), to: source)
                }
                return
            }
            clock.observe(frame.header.time)
            answer(frame, to: source)
        case .link(let link):
            guard hear(frame.header, on: link) != nil else { return }
            takeAnswer(frame, on: link)
        }
    }

    private mutating func answer(_ frame: ControlFrame, to source: ControlSource) {
        switch frame.message {
        case .hello(let introduction):
            send(.welcome(self.introduction), to: source)
            meet(introduction, of: frame.header.node)
        case .snapshotRequest(let id, let credit):
            beginSnapshot(to: source, id: id, credit: credit)
        case .snapshotCredit(let id, let credit):
            continueSnapshot(to: source, id: id, credit: credit)
        case .replayRequest(let life, let first, let last):
            replay(of: life, first: first, last: last, to: source)
        case .welcome, .refused, .snapshotChunk, .replay, .replayUnavailable:
            break
        }
    }

    private mutating func takeAnswer(_ frame: ControlFrame, on link: LinkID) {
        let node = frame.header.node
        switch frame.message {
        case .welcome(let introduction):
            if let greeted = mesh.links[link]?.greetedAt, mesh.links[link]?.isGreeting == true {
                mesh.peers[node]?.counters.roundTrip = now.instant - greeted
            }
            mesh.links[link]?.isGreeting = false
            meet(introduction, of: node)
            beginFollowing(node, introduction)
        case .refused(let reason):
            refuse(link, reason: "it refuses this node: \(reason)")
        case .snapshotChunk(let id, let index, let count, let bytes):
            guard mesh.peers[node]?.snapshotID == id else { return }
            takeChunk(index, of: count, bytes: bytes, from: node)
        case .replay(let life, let events):
            guard life.node == node else { return }
            takeReplay(events, from: node)
        case .replayUnavailable(let life, let oldest):
            guard life.node == node, mesh.peers[node]?.epoch == life.epoch else { return }
            let first = (roster.vector[node]?.sequence ?? 0) &+ 1
            effects.append(.note(.repairUnavailable(node, first: first, oldest: oldest)))
            requestSnapshot(from: node)
        case .hello, .snapshotRequest, .snapshotCredit, .replayRequest:
            break
        }
    }

    /// Takes note of where a node is reached, and of the nodes that it knows.
    private mutating func meet(_ introduction: Introduction, of node: NodeID) {
        if !introduction.address.mesh.isEmpty { mesh.peers[node]?.address = introduction.address }
        if mesh.peers[node] == nil { openLink(to: introduction.address.mesh) }
        for (other, address) in introduction.peers.sorted(by: { $0.key < $1.key })
        where other != settings.node && mesh.peers[other] == nil {
            openLink(to: address.mesh)
        }
    }

    /// Decides, when a peer has presented itself, whether its stream can go on from where we are.
    private mutating func beginFollowing(_ node: NodeID, _ introduction: Introduction) {
        guard var peer = mesh.peers[node], peer.stage == .greeting else { return }
        let ours = roster.vector[node]
        let theirs = introduction.applied.sequence(of: Life(node: node, epoch: peer.epoch))
        peer.highest = max(peer.highest, theirs)
        guard let ours, ours.epoch == peer.epoch, introduction.oldestReplayable <= ours.sequence &+ 1 else {
            requestSnapshot(from: node)
            return
        }
        peer.stage = .following
        mesh.peers[node] = peer
        var changes: [RosterChange] = []
        roster.reveal(Life(node: node, epoch: peer.epoch), into: &changes)
        announce(changes, at: clock.latest)
        noteEmptyChannels(in: changes, isOurs: false)
        settleClaims()
        drain(node)
    }

    // MARK: The start

    /// Begins to serve clients once in step with every peer that answers, or alone where none does.
    mutating func serveIfReady() {
        guard !mesh.hasJoined, !isDraining else { return }
        let answering = mesh.peers.values.filter { $0.stage != .down }
        let inStep = answering.count { $0.stage == .following && $0.isInStepWithUs && $0.gapSince == nil }
        let waited = now.instant - mesh.startedAt
        let isAlone = answering.isEmpty && (settings.seeds.isEmpty || waited >= settings.limits.joinPatience)
        // A peer that is slow to answer would take for known what our first clients said before it heard of us.
        let haveAllAnswered =
            waited >= settings.limits.joinPatience || mesh.links.values.allSatisfy { $0.node != nil }
        let isInStep = !answering.isEmpty && inStep == answering.count && haveAllAnswered
        guard isAlone || isInStep || waited >= settings.limits.joinLimit else { return }
        mesh.hasJoined = true
        isServing = true
        beginLife(settings.epoch, of: settings.node)
        effects.append(.acceptClients)
        effects.append(.note(.serving(peers: inStep)))
    }

    /// Takes note in the roster that a node lives in that epoch, which says that all of its earlier lives is known here.
    ///
    /// Of this node that is not so before it has joined: what its users did in an earlier life, such as a ban, it learns
    /// from its peers, and a roster that said it knew would take what it lacks for removed.
    mutating func beginLife(_ epoch: Epoch, of node: NodeID) {
        var changes: [RosterChange] = []
        roster.begin(epoch, of: node, into: &changes)
        hideUsers(of: node, before: epoch, reason: "\(node) restarted", into: &changes)
        knownDigest = nil
        announce(changes, at: clock.latest)
        noteEmptyChannels(in: changes, isOurs: false)
    }
}
