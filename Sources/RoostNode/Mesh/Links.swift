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

    /// How long a link that nobody answers on is kept, where its address is no seed.
    private static let unansweredKept = Duration.seconds(60)
    /// How long a link that is not heard any more stands in the way of another to the same node.
    private static let linkPatience = Duration.seconds(1)

    /// Opens links to the seeds that there are none to, and to peers that there is no link to any more.
    mutating func tidyLinks() {
        for (id, link) in mesh.links.sorted(by: { $0.key < $1.key })
        where link.node == nil && !settings.seeds.contains(link.address)
            && now.instant - link.openedAt >= Self.unansweredKept
        {
            drop(id)
        }
        openSeeds()
        for (_, peer) in mesh.peers.sorted(by: { $0.key < $1.key }) where peer.link == nil && !peer.hasLeft {
            openLink(to: peer.address.mesh)
        }
    }

    /// Opens links to the seeds that there are none to.
    mutating func openSeeds() {
        for seed in settings.seeds where seed != settings.address.mesh && !mesh.ownAddresses.contains(seed) {
            openLink(to: seed)
        }
    }

    /// Opens a link to an address that there is none to, and no peer is at.
    mutating func openLink(to address: String) {
        guard !address.isEmpty, address != settings.address.mesh, mesh.links.count < settings.limits.peers,
            !mesh.links.values.contains(where: { $0.address == address })
        else { return }
        let link = LinkID(mesh.nextLink)
        mesh.nextLink += 1
        mesh.links[link] = Link(address: address, openedAt: now.instant)
        effects.append(.openLink(link, address: address))
    }

    /// Closes a link, without a word.
    mutating func drop(_ link: LinkID) {
        guard let dropped = mesh.links.removeValue(forKey: link) else { return }
        if let node = dropped.node, mesh.peers[node]?.link == link { mesh.peers[node]?.link = nil }
        effects.append(.closeLink(link))
    }

    /// Gives up a link, and says why.
    mutating func refuse(_ link: LinkID, reason: String) {
        guard let address = mesh.links[link]?.address else { return }
        drop(link)
        effects.append(.note(.peerRefused(address: address, reason: reason)))
    }

    /// Whether a frame may be heard at all. One that may not closes its link, except where both ends are this node.
    mutating func admits(_ header: FrameHeader, on link: LinkID) -> Bool {
        guard let known = mesh.links[link] else { return false }
        if header.node == settings.node, header.epoch == settings.epoch {
            mesh.ownAddresses.insert(known.address)
            drop(link)
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
        // The hybrid clock may be ahead of its node's own by what it heard from others.
        let ahead = Int64(clamping: header.time.wall.milliseconds) - Int64(clamping: now.wall.milliseconds)
        if Duration.milliseconds(ahead) > settings.limits.clockSkew * 2 {
            return "its clock is \(ahead / 1_000) s ahead of ours; set both by NTP"
        }
        return nil
    }

    /// Takes note of the peer that a frame on a link comes from. False where the frame is not to be heard.
    mutating func hear(_ header: FrameHeader, on link: LinkID) -> Bool {
        guard admits(header, on: link), bind(link, to: header.node) else { return false }
        clock.observe(header.time)
        if mesh.peers[header.node] == nil {
            guard mesh.peers.count < settings.limits.peers else {
                refuse(link, reason: "\(settings.limits.peers) peers are known already")
                return false
            }
            let address = NodeAddress(mesh: mesh.links[link]?.address ?? "", stats: "")
            mesh.peers[header.node] = Peer(
                link: link, epoch: header.epoch, address: address, lastEvidence: now.instant)
        }
        guard let known = mesh.peers[header.node], header.epoch >= known.epoch else { return false }
        mesh.peers[header.node]?.link = link
        if header.epoch > known.epoch {
            beginAnew(header.node, in: header.epoch)
        } else if known.link == nil, known.stage == .following, roster.vector[header.node]?.epoch != known.epoch {
            // It was known by hearsay only, and nothing that it said: where its stream can begin is still to be asked.
            mesh.peers[header.node]?.stage = .greeting
        }
        mesh.metAt = mesh.metAt ?? now.instant
        mesh.peers[header.node]?.lastHeard = now.instant
        mesh.peers[header.node]?.lastEvidence = now.instant
        // After its goodbye nothing brings it back but a new life.
        if known.hasLeft, header.epoch == known.epoch { return false }
        rise(header.node, to: .up)
        return true
    }

    /// Takes note who is at the other end of a link. False where it is a second way to a node that we have one to.
    private mutating func bind(_ link: LinkID, to node: NodeID) -> Bool {
        guard mesh.links[link]?.node == nil else { return true }
        if let peer = mesh.peers[node], let other = peer.link, other != link, mesh.links[other] != nil {
            if let heard = peer.lastHeard, now.instant - heard < Self.linkPatience {
                drop(link)
                return false
            }
            // It is not heard there any more: it may have moved.
            drop(other)
        }
        mesh.links[link]?.node = node
        return true
    }

    // MARK: HELLO and WELCOME

    /// Presents this node to the peer at the other end of a link.
    mutating func greet(_ link: LinkID) {
        mesh.links[link]?.greetedAt = now.instant
        send(.hello(introduction(greeting: now.instant.nanoseconds)), to: .link(link))
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

    /// How this node presents itself. A greeting is numbered by the moment of it.
    private func introduction(greeting: UInt64) -> Introduction {
        var peers: [NodeID: NodeAddress] = [:]
        for (node, peer) in mesh.peers where peer.health != .down && !peer.address.mesh.isEmpty {
            peers[node] = peer.address
        }
        return Introduction(
            applied: roster.vector, oldestReplayable: logs[life]?.oldest ?? sequence + 1, address: settings.address,
            peers: peers, wall: now.wall, greeting: greeting)
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
            guard hear(frame.header, on: link) else { return }
            takeAnswer(frame, on: link)
        }
    }

    private mutating func answer(_ frame: ControlFrame, to source: ControlSource) {
        switch frame.message {
        case .hello(let introduction):
            send(.welcome(self.introduction(greeting: introduction.greeting)), to: source)
            meet(introduction, of: frame.header.node)
        case .snapshotRequest(let id, let credit):
            // It may ask before its stream is heard; what was not delivered in its former life goes with the answer.
            let (node, epoch) = (frame.header.node, frame.header.epoch)
            if let known = mesh.peers[node], epoch > known.epoch { openMail(of: Life(node: node, epoch: known.epoch)) }
            beginSnapshot(id, to: source, credit: credit)
        case .snapshotCredit(let id, let credit):
            continueSnapshot(id, to: source, credit: credit)
        case .replayRequest(let life, let first, let last):
            replay(life, first: first, last: last, to: source)
        case .welcome, .refused, .snapshotChunk, .replay, .replayUnavailable:
            break
        }
    }

    private mutating func takeAnswer(_ frame: ControlFrame, on link: LinkID) {
        let node = frame.header.node
        switch frame.message {
        case .welcome(let introduction):
            noteAnswer(to: Instant(nanoseconds: introduction.greeting), of: node, on: link)
            meet(introduction, of: node)
            beginFollowing(node, introduction)
            hearHighest(introduction, of: node)
            noteBeginning(of: node, introduction.applied)
        case .refused(let reason):
            refuse(link, reason: "it refuses this node: \(reason)")
        case .snapshotChunk(let id, let index, let count, let bytes):
            takeChunk(index, of: count, bytes: bytes, request: id, from: node)
        case .replay(let life, let events):
            takeReplay(events, of: life, from: node)
        case .replayUnavailable(let life, let oldest):
            takeUnavailable(life, oldest: oldest, from: node)
        case .hello, .snapshotRequest, .snapshotCredit, .replayRequest:
            break
        }
    }

    /// Takes note that a peer has answered the greeting of that moment.
    private mutating func noteAnswer(to greeting: Instant, of node: NodeID, on link: LinkID) {
        guard let known = mesh.links[link], greeting > known.answeredGreeting ?? known.openedAt,
            greeting <= now.instant
        else { return }
        mesh.links[link]?.answeredGreeting = greeting
        mesh.peers[node]?.counters.roundTrip = now.instant - greeting
    }

    /// Takes note of where a node is reached, and of the nodes that it knows.
    private mutating func meet(_ introduction: Introduction, of node: NodeID) {
        let address = introduction.address.mesh
        if !address.isEmpty {
            mesh.peers[node]?.address = introduction.address
            if needsLink(to: node) { openLink(to: address) }
        }
        for (other, address) in introduction.peers.sorted(by: { $0.key < $1.key }) where other != settings.node {
            if mesh.peers[other]?.address.mesh.isEmpty == true { mesh.peers[other]?.address = address }
            if needsLink(to: other) { openLink(to: address.mesh) }
        }
    }

    /// Whether there is no link on which a node is heard.
    private func needsLink(to node: NodeID) -> Bool {
        guard let peer = mesh.peers[node], peer.link != nil else { return true }
        return peer.lastHeard.map { now.instant - $0 >= Self.linkPatience } ?? true
    }

    /// Takes note of how far a node's stream has come.
    private mutating func hearHighest(_ introduction: Introduction, of node: NodeID) {
        guard let peer = mesh.peers[node] else { return }
        let highest = introduction.applied.sequence(of: Life(node: node, epoch: peer.epoch))
        mesh.peers[node]?.highest = max(peer.highest, highest)
        noteGap(in: node)
    }

    /// Decides, when a peer has presented itself, whether its stream can go on from where we are.
    private mutating func beginFollowing(_ node: NodeID, _ introduction: Introduction) {
        guard var peer = mesh.peers[node], peer.stage == .greeting else { return }
        let ours = roster.vector[node]
        let theirs = introduction.applied.sequence(of: Life(node: node, epoch: peer.epoch))
        peer.highest = max(peer.highest, theirs)
        // Of a new life of a node that we knew, all can be had from its first event on: what it said while it was alone,
        // a snapshot would pass over.
        guard let ours, ours.epoch == peer.epoch || mesh.hasJoined && ours.epoch < peer.epoch,
            introduction.oldestReplayable <= (ours.epoch == peer.epoch ? ours.sequence : 0) &+ 1
        else {
            requestSnapshot(from: node)
            return
        }
        peer.stage = .following
        mesh.peers[node] = peer
        reviewLives()
        settleClaims()
        drain(node)
    }

    // MARK: The start

    /// Begins to serve clients once in step with every peer that answers, or alone where none does.
    mutating func serveIfReady() {
        guard !mesh.hasJoined, !isDraining else { return }
        let answering = mesh.peers.values.filter(\.isAnswering)
        let inStep = answering.count { $0.isFollowed && $0.isInStepWithUs && $0.gapSince == nil }
        let waited = now.instant - mesh.startedAt
        let isAlone = answering.isEmpty && (settings.seeds.isEmpty || waited >= settings.limits.joinPatience)
        // A peer that is slow to answer would take for known what our first clients said before it heard of us.
        let haveAllAnswered =
            waited >= settings.limits.joinPatience || mesh.links.values.allSatisfy { $0.node != nil }
        let isInStep = !answering.isEmpty && inStep == answering.count && haveAllAnswered
        guard isAlone || isInStep || waited >= settings.limits.joinLimit else { return }
        mesh.hasJoined = true
        mesh.beganAlone = mesh.metAt == nil
        // Of those who died before they answered, others may tell.
        for (node, peer) in mesh.peers.sorted(by: { $0.key < $1.key })
        where peer.health == .down && peer.stage == .greeting {
            mesh.peers[node]?.stage = .following
            drain(node)
        }
        isServing = true
        beginLife(settings.epoch, of: settings.node)
        holdWhoWentBeforeWeJoined()
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
        announce(changes, at: clock.latest)
        noteEmptyChannels(in: changes, isOurs: false)
    }
}
