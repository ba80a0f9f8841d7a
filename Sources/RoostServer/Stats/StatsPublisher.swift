// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What a node tells operators: a report a second and what happens when it does, on the stats socket and in the log
// (DESIGN §9). The mesh thread sends what this gives it.

import Logging
import RoostModel
import RoostNode
import RoostRoster
import RoostStats
import Synchronization

/// Gathers a node's statistics and makes messages of them.
public final class StatsPublisher: Sendable {
    /// What does not change in a node's life.
    public struct Identity: Sendable {
        /// Its name.
        public var node: NodeID
        /// Its life.
        public var epoch: Epoch
        /// The program's version.
        public var version: String
        /// Where it is reached.
        public var addresses: NodeStats.Addresses

        /// A node with that name, life, version and addresses.
        public init(node: NodeID, epoch: Epoch, version: String, addresses: NodeStats.Addresses) {
            self.node = node
            self.epoch = epoch
            self.version = version
            self.addresses = addresses
        }
    }

    /// Where the figures come from.
    public struct Sources: Sendable {
        /// The machine's part.
        public var machine: @Sendable () -> NodeStatistics
        /// The client threads' part.
        public var clients: @Sendable () -> ClientCounters

        /// Those sources.
        public init(
            machine: @escaping @Sendable () -> NodeStatistics, clients: @escaping @Sendable () -> ClientCounters
        ) {
            self.machine = machine
            self.clients = clients
        }
    }

    /// What can be turned away at the sockets of the mesh and the statistics.
    enum Refusal: String, Sendable {
        /// Somebody who wants to connect.
        case handshake
        /// This node, by another.
        case link
        /// A subscription.
        case topic
        /// A message.
        case frame
    }

    private struct State {
        var sources: Sources?
        var interval: Duration
        var nextReport: Instant?
        var lastReport: Instant
        var events: [StatsEvent] = []
        var meshLatency = LatencyHistogram()
        var limiter = NoteLimiter<Note>()
        var refusals = NodeStats.Refusals()
        var accepted: RateWindow
        var delivered: RateWindow
        var cpu: RateWindow
    }

    private let identity: Identity
    private let log: Logger
    private let started: Instant
    private let state: Mutex<State>
    /// Events kept for the mesh thread to send; above it the newest are only in the log.
    private let eventsMax = 1_000

    /// A publisher that has nothing to report yet but what happens.
    ///
    /// - Parameter interval: the time from one report to the next.
    public init(identity: Identity, interval: Duration, log: Logger, at now: Instant) {
        self.identity = identity
        self.log = log
        started = now
        let start = Duration.zero
        state = Mutex(
            State(
                interval: interval, lastReport: now, accepted: RateWindow(at: start), delivered: RateWindow(at: start),
                cpu: RateWindow(total: ProcessUsage.current().cpuSeconds, at: start)))
    }

    /// Begins to report.
    public func attach(_ sources: Sources, at now: Instant) {
        state.withLock { state in
            state.sources = sources
            state.nextReport = now + state.interval
        }
    }

    /// Tells of something that happened to the machine; of what others can cause at will, once a second.
    public func note(_ note: Note) {
        guard let key = note.limitKey else { return tell(note) }
        self.note(note, key)
    }

    /// Tells of something that should not be, on the mesh thread's sockets; once a second for each kind.
    func fault(_ kind: String, _ text: String) {
        note(.frameMalformed(nil, reason: text), .init(kind: kind, source: ""))
    }

    /// Counts somebody or something that was turned away, and tells of it once a second for each kind and source.
    ///
    /// - Parameters:
    ///   - source: an address, as far as it is known.
    ///   - reason: what to do about it; nil where nobody needs to be told.
    func refused(_ kind: Refusal, _ source: String, because reason: String?) {
        state.withLock { state in
            switch kind {
            case .handshake: state.refusals.handshakes += 1
            case .link: state.refusals.links += 1
            case .topic: state.refusals.topics += 1
            case .frame: state.refusals.frames += 1
            }
        }
        guard let reason else { return }
        let note: Note =
            switch kind {
            case .handshake, .link: .peerRefused(address: source, reason: reason)
            case .topic, .frame: .frameMalformed(nil, reason: reason)
            }
        self.note(note, .init(kind: kind.rawValue, source: source))
    }

    /// Tells the log that the connection to a peer is made anew.
    func linkRemade(to address: String, because reason: String) {
        log.info("a link is made anew", metadata: ["address": "\(address)", "reason": "\(reason)"])
    }

    private func note(_ note: Note, _ key: NoteLimiter<Note>.Key) {
        if state.withLock({ $0.limiter.admits(note, key, at: SystemClock.instant()) }) { tell(note) }
    }

    /// - Parameter more: how many notes alike were left out.
    private func tell(_ note: Note, more: Int = 0) {
        var metadata = note.metadata
        if more > 0 { metadata["more"] = "\(more)" }
        log.log(level: note.level, "\(note.message)", metadata: metadata)
        guard let (kind, peer) = note.statsKind else { return }
        let event = StatsEvent(
            kind: kind, node: identity.node.name, epoch: Int(clamping: identity.epoch.rawValue),
            timeMs: Int(clamping: SystemClock.moment().wall.milliseconds), peer: peer?.name,
            text: more > 0 ? "\(note.sentence) (and \(more) more like it)" : note.sentence,
            values: metadata.mapValues { "\($0)" })
        state.withLock { state in
            if state.events.count < eventsMax { state.events.append(event) }
        }
    }

    /// Measures how long messages of other nodes were on their way.
    func heard(_ events: some Sequence<Event>, at wall: WallTime) {
        state.withLock { state in
            for event in events {
                guard case .messageSent = event.body else { continue }
                let age = Int64(clamping: wall.milliseconds) - Int64(clamping: event.time.wall.milliseconds)
                state.meshLatency.record(.milliseconds(max(0, age)))
            }
        }
    }

    /// The messages to be sent now: what happened since the last look, and a report where one is due.
    func takeDue(at now: Moment, isLast: Bool = false) -> [[[UInt8]]] {
        for (note, more) in state.withLock({ $0.limiter.takeDue(at: now.instant) }) { tell(note, more: more) }
        let (events, sources) = state.withLock { state in
            let isDue = state.nextReport.map { now.instant >= $0 || isLast } ?? false
            if isDue { state.nextReport = now.instant + state.interval }
            defer { state.events.removeAll(keepingCapacity: true) }
            return (state.events, isDue ? state.sources : nil)
        }
        var messages = events.map(StatsMessage.event)
        if let sources { messages.append(.stats(report(from: sources, at: now))) }
        return messages.compactMap { message in
            do {
                return try message.parts()
            } catch {
                log.error("statistics cannot be written as JSON", metadata: ["error": "\(error)"])
                return nil
            }
        }
    }

    private func report(from sources: Sources, at now: Moment) -> NodeStats {
        let machine = sources.machine()
        let clients = sources.clients()
        let usage = ProcessUsage.current()
        let uptime = now.instant - started
        return state.withLock { state in
            let covered = now.instant - state.lastReport
            state.lastReport = now.instant
            let mesh = state.meshLatency.quantiles
            state.meshLatency.reset()
            return NodeStats(
                node: identity.node.name, epoch: Int(clamping: identity.epoch.rawValue),
                timeMs: Int(clamping: now.wall.milliseconds), uptimeMs: uptime.wholeMilliseconds,
                intervalMs: covered.wholeMilliseconds,
                state: machine.isDraining ? .draining : machine.isServing ? .serving : .joining,
                version: identity.version, addresses: identity.addresses,
                connections: .init(
                    now: clients.now, peak: clients.peak, accepted: clients.accepted, refused: clients.refused),
                roster: .init(
                    users: machine.users, channels: machine.channels,
                    digest: String(machine.digest, radix: 16)),
                messages: .init(
                    accepted: Int(clamping: machine.counters.messagesAccepted), delivered: clients.delivered,
                    acceptedPerSecond: state.accepted.rate(
                        of: Double(machine.counters.messagesAccepted), at: uptime),
                    deliveredPerSecond: state.delivered.rate(of: Double(clients.delivered), at: uptime)),
                bytes: .init(in: clients.bytesIn, out: clients.bytesOut),
                process: .init(
                    cpuSeconds: usage.cpuSeconds,
                    cpuPercent: state.cpu.rate(of: usage.cpuSeconds * 100, at: uptime),
                    memoryBytes: usage.memoryBytes, threads: usage.threads,
                    loopLagMs: Double(clients.loopLag.wholeMicroseconds) / 1_000),
                latency: .init(local: clients.latency.quantiles, mesh: mesh), refusals: state.refusals,
                holds: .init(machine), echoes: .init(machine.counters.echoWaits), repairs: .init(machine.peers),
                peers: machine.peers.map(NodeStats.Peer.init)
                    + machine.unanswered.map { NodeStats.Peer(node: $0, address: $0, state: .connecting) })
        }
    }
}

extension NodeStats.Holds {
    fileprivate init(_ machine: NodeStatistics) {
        self.init(
            users: machine.usersHeld, messages: machine.messagesKept, bytes: machine.bytesKept,
            takenOver: Int(clamping: machine.counters.takeOvers), isolated: machine.isIsolated)
    }
}

extension NodeStats.Echoes {
    fileprivate init(_ waits: EchoWaits) {
        self.init(
            waited: Int(clamping: waits.count),
            meanUs: Int(clamping: waits.count == 0 ? 0 : waits.microsecondsTotal / waits.count),
            slowestUs: Int(clamping: waits.microsecondsMax))
    }
}

extension NodeStats.Repairs {
    fileprivate init(_ peers: [NodeStatistics.Peer]) {
        self.init(
            byOthers: Int(clamping: peers.reduce(0) { $0 &+ $1.counters.replayedByOthers }),
            skipped: Int(clamping: peers.reduce(0) { $0 &+ $1.counters.skipped }),
            mismatches: Int(clamping: peers.reduce(0) { $0 &+ $1.counters.mismatches }))
    }
}

extension NodeStats.Peer {
    fileprivate init(_ peer: NodeStatistics.Peer) {
        let state: NodeStats.PeerState =
            switch peer.state {
            case .joining: .connecting
            case .up: .up
            case .suspect: .suspect
            case .unreachable: .unreachable
            case .down: .down
            }
        self.init(
            node: peer.node.name, address: peer.mesh, statsAddress: peer.stats.isEmpty ? nil : peer.stats,
            state: state, roundTripUs: peer.counters.roundTrip?.wholeMicroseconds,
            eventsIn: Int(clamping: peer.counters.eventsApplied), eventsOut: Int(clamping: peer.acknowledged),
            lag: Int(clamping: peer.lag), gaps: Int(clamping: peer.counters.gaps),
            replays: Int(clamping: peer.counters.replayed), snapshots: Int(clamping: peer.counters.snapshots),
            malformed: Int(clamping: peer.counters.malformed))
    }
}

extension Duration {
    /// Whole milliseconds, rounded down.
    var wholeMilliseconds: Int {
        Int(clamping: components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000)
    }

    /// Whole microseconds, rounded down.
    var wholeMicroseconds: Int {
        Int(clamping: components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000)
    }
}
