// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What the watcher knows of the cluster: reports and events in, a picture of all nodes out. Pure: the time comes in as
// an argument. Drawing the picture is Screen's task, receiving is Subscriber's.

import RoostStats

/// The cluster as its reports show it, at one moment of the watcher's monotonic clock.
struct ClusterView: Equatable {
    /// A node that sent no report for this long is silent.
    static let silenceLimit = Duration.seconds(2)
    /// Digests that stay different for this long mean that rosters differ, not that they are on the move.
    static let digestSettling = Duration.seconds(3)
    /// Nodes beyond this many are not shown: anyone can invent names, and a cluster has 20 nodes at most.
    static let nodesMax = 256
    /// Older events are forgotten.
    static let eventsMax = 200
    /// The kind of the watcher's own line that a node has fallen silent.
    static let silentKind = "silent"
    /// What several nodes say of one peer is one fact, in whatever words.
    private static let peerKinds: Set<StatsEvent.Kind> = [
        .peerUp, .peerSuspect, .peerUnreachable, .peerDown, .peerGone,
    ]
    /// Reports of one thing by several nodes within this time are one line.
    static let eventMergingMs = 10_000

    /// A node that has been heard.
    struct Node: Equatable {
        var stats: NodeStats
        var heardAt: Duration
        /// Since when its roster digest is what it is.
        var digestSince: Duration
        /// Whether its silence has been noted as an event.
        var silenceNoted = false
    }

    /// What happened, as one line.
    struct EventLine: Equatable {
        var timeMs: Int
        var kind: String
        var peer: String?
        var text: String
        /// Who reported it, in order of arrival; empty for what the watcher saw itself.
        var reporters: [String]
    }

    private(set) var nodes: [String: Node] = [:]
    /// Newest last.
    private(set) var events: [EventLine] = []
    /// Lines ever added to ``events``.
    private(set) var eventsTotal = 0

    /// Why a node did not let us in, when one did not; told by the subscriber.
    var refusal: String?

    // MARK: Inputs

    /// Takes in one message.
    mutating func heard(_ message: StatsMessage, at now: Duration) {
        switch message {
        case .stats(let stats): heard(stats, at: now)
        case .event(let event): heard(event)
        }
    }

    /// Notes which nodes have fallen silent by `now`.
    mutating func tick(at now: Duration) {
        for (name, node) in nodes.sorted(by: { $0.key < $1.key })
        where isSilent(node, at: now) && !node.silenceNoted {
            nodes[name]?.silenceNoted = true
            let text = node.stats.state == .draining ? "\(name) has left" : "\(name) sends no more reports"
            let time = clusterTimeMs(at: now) ?? 0
            note(EventLine(timeMs: time, kind: Self.silentKind, peer: name, text: text, reporters: []))
        }
    }

    private mutating func heard(_ stats: NodeStats, at now: Duration) {
        guard let known = nodes[stats.node] else {
            guard nodes.count < Self.nodesMax else { return }
            nodes[stats.node] = Node(stats: stats, heardAt: now, digestSince: now)
            return
        }
        // A report of an earlier life that was still under way. (A node whose epochs start anew is silent first.)
        if stats.epoch < known.stats.epoch && !isSilent(known, at: now) { return }
        let away = seconds(now - known.heardAt)
        if stats.epoch != known.stats.epoch {
            note(own("restarted", stats, "\(stats.node) has started again, last heard \(away) s ago"))
        } else if known.silenceNoted {
            note(own("heard again", stats, "\(stats.node) is heard again after \(away) s, the same process"))
        }
        nodes[stats.node] = Node(
            stats: stats, heardAt: now,
            digestSince: stats.roster.digest == known.stats.roster.digest ? known.digestSince : now)
    }

    private mutating func heard(_ event: StatsEvent) {
        note(
            EventLine(
                timeMs: event.timeMs, kind: event.kind.rawValue, peer: event.peer, text: event.text,
                reporters: [event.node]))
    }

    private func own(_ kind: String, _ stats: NodeStats, _ text: String) -> EventLine {
        EventLine(timeMs: stats.timeMs, kind: kind, peer: stats.node, text: text, reporters: [])
    }

    /// Adds a line, or adds its reporter to the line that already says the same.
    private mutating func note(_ line: EventLine) {
        let same = events.lastIndex { old in
            old.kind == line.kind && old.peer == line.peer
                && (old.text == line.text || Self.peerKinds.contains(StatsEvent.Kind(rawValue: line.kind)))
                && old.timeMs.subtractingClamped(line.timeMs).magnitude < UInt(Self.eventMergingMs)
        }
        if let same, let reporter = line.reporters.first, !events[same].reporters.contains(reporter),
            events[same].reporters.count < Self.nodesMax
        {
            events[same].reporters.append(reporter)
        } else if let same, events[same].text == line.text, events[same].timeMs == line.timeMs {
            return  // The same message came over two connections.
        } else {
            events.append(line)
            eventsTotal += 1
            if events.count > Self.eventsMax { events.removeFirst(events.count - Self.eventsMax) }
        }
    }

    // MARK: Queries

    /// Whether no report of the node came for ``silenceLimit``.
    func isSilent(_ node: Node, at now: Duration) -> Bool { now - node.heardAt >= Self.silenceLimit }

    /// The reports of the nodes that are not silent, in natural order of their names.
    func liveReports(at now: Duration) -> [NodeStats] {
        nodes.values.filter { !isSilent($0, at: now) }.map(\.stats).sorted { naturallyPrecedes($0.node, $1.node) }
    }

    /// Every node that was heard, or that a node which is not silent lists as its peer, in natural order.
    func names(at now: Duration) -> [String] {
        var names = Set(nodes.keys)
        for report in liveReports(at: now) {
            for peer in report.peers where names.count < Self.nodesMax { names.insert(peer.node) }
        }
        return names.sorted(by: naturallyPrecedes)
    }

    /// What the nodes that are not silent make of `name`: each state with those who say so.
    func opinions(of name: String, at now: Duration) -> [(state: NodeStats.PeerState, reporters: [String])] {
        var opinions: [(state: NodeStats.PeerState, reporters: [String])] = []
        for report in liveReports(at: now) where report.node != name {
            guard let state = report.peers.first(where: { $0.node == name })?.state else { continue }
            if let index = opinions.firstIndex(where: { $0.state == state }) {
                opinions[index].reporters.append(report.node)
            } else {
                opinions.append((state, [report.node]))
            }
        }
        return opinions
    }

    /// Every stats address that a report names, to be followed.
    var statsAddresses: Set<String> {
        var addresses: Set<String> = []
        for node in nodes.values {
            for address in [node.stats.addresses.stats] + node.stats.peers.map(\.statsAddress) {
                if let address, addresses.count < Self.nodesMax { addresses.insert(address) }
            }
        }
        return addresses
    }

    /// Whether every node that could be heard was: those that a report lists with a stats address and not as dead.
    var everyFoundNodeWasHeard: Bool {
        let peers = nodes.values.flatMap(\.stats.peers)
        let dead: Set<NodeStats.PeerState> = [.down, .gone]
        return !nodes.isEmpty
            && peers.allSatisfy { nodes[$0.node] != nil || $0.statsAddress == nil || dead.contains($0.state) }
    }

    /// The newest time that any node named, moved on by our clock; nil before the first report.
    func clusterTimeMs(at now: Duration) -> Int? {
        nodes.values.map { $0.stats.timeMs.addingClamped(milliseconds(now - $0.heardAt)) }.max()
    }

    /// How the rosters of the nodes compare.
    enum Agreement: Equatable {
        /// Fewer than two nodes to compare.
        case alone
        /// All have the same digest.
        case agree
        /// They differ, and some changed within ``digestSettling``: reports are not taken at one moment.
        case changing
        /// They differ and stand still.
        case differ
    }

    /// How the rosters of the nodes that serve compare.
    func agreement(at now: Duration) -> Agreement {
        let serving = nodes.values.filter { !isSilent($0, at: now) && $0.stats.state == .serving }
        if serving.count < 2 { return .alone }
        if Set(serving.map(\.stats.roster.digest)).count == 1 { return .agree }
        return serving.allSatisfy { now - $0.digestSince >= Self.digestSettling } ? .differ : .changing
    }
}
