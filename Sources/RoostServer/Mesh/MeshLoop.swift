// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// One turn after another of the mesh thread. What it reads stands in `MeshLoop+Reading.swift`, what it does for its
// links in `MeshLoop+Links.swift`.

import RoostKeys
import RoostModel
import RoostNode
import RoostRoster
import RoostWire
import ZeroMQ

/// What the mesh thread does. Belongs to that thread alone.
final class MeshLoop {
    /// What the poll waits for.
    enum Source: Hashable, Sendable {
        case wakeUp
        case keys
        case subscriptions
        case requests
        case statsSubscriptions
        case bound(BoundSocket)
        case stream(LinkID)
        case answers(LinkID)
        case streamMonitor(LinkID)
        case controlMonitor(LinkID)
        case probe(LinkID)
    }

    /// The size of a frame of events, in bytes of text and overhead, roughly; a larger one holds a single event.
    static let frameBytes = 64 << 10
    /// The longest that a turn waits, so that deliveries are reported and statistics are published in time.
    private static let turnMax = Duration.milliseconds(20)

    private let addresses: MeshAddresses
    private let driver: any MeshDriver
    let outbox: MeshOutbox
    let context: Context
    /// nil where the cluster has no secret. Made before every socket, as libzmq must be told of each handshake.
    let gatekeeper: Gatekeeper?
    let bound: BoundSockets
    let stats: StatsPublisher
    let wakeUp: WakeUp
    var links: [LinkID: MeshLink] = [:]
    /// Ports that are asked whether anybody listens, by the links that they are about.
    var probes: [LinkID: ProbeSeries] = [:]
    var poller = Poller<Source>()
    /// What this turn has read.
    var inputs: [NodeInput] = []
    /// Frames of this turn, to be measured once the machine has taken them.
    var unmeasured: [(link: LinkID, frame: EventFrame, at: WallTime)] = []
    /// When the links were looked after last.
    var tendedAt = SystemClock.instant()

    /// Binds the sockets.
    ///
    /// - Throws: the address that cannot be bound, and why.
    init(
        addresses: MeshAddresses, keys: ClusterKeys?, context: Context, driver: any MeshDriver, outbox: MeshOutbox,
        stats: StatsPublisher, wakeUp: WakeUp
    ) throws(ZeroMQError) {
        if let keys { gatekeeper = try Gatekeeper(keys, in: context) } else { gatekeeper = nil }
        bound = try BoundSockets(addresses, keys: keys, in: context)
        self.addresses = addresses
        self.context = context
        self.driver = driver
        self.outbox = outbox
        self.stats = stats
        self.wakeUp = wakeUp
        outbox.isHeard = false
    }

    /// Runs until it is told to stop; then sends what was ordered before, and ends.
    func run(until isStopping: () -> Bool) {
        addBound()
        while true {
            let isLast = isStopping()
            turn(isLast ? .zero : timeout, isLast: isLast)
            if isLast { return }
        }
    }

    private func addBound() {
        poller.add(wakeUp, as: .wakeUp)
        if let gatekeeper { poller.add(gatekeeper.handler, as: .keys) }
        if let stream = bound.stream { poller.add(stream.socket, as: .subscriptions) }
        if let control = bound.control { poller.add(control.socket, as: .requests) }
        if let stats = bound.stats { poller.add(stats.socket, as: .statsSubscriptions) }
        for name in BoundSocket.allCases {
            if let end = bound.ends[name] { poller.add(end.monitor, as: .bound(name)) }
        }
    }

    private var timeout: Duration {
        guard let deadline = driver.nextDeadline else { return Self.turnMax }
        return min(max(.zero, deadline - SystemClock.instant()), Self.turnMax)
    }

    private func turn(_ timeout: Duration, isLast: Bool) {
        do {
            for ready in try poller.wait(timeout: timeout) { readOrTell(ready.source) }
        } catch {
            stats.fault("poll", "mesh sockets: \(error)")
        }
        let now = SystemClock.instant()
        tendLinks(at: now)
        tendProbes(at: now)
        if !inputs.isEmpty {
            driver.receive(inputs)
            inputs.removeAll(keepingCapacity: true)
        }
        driver.deadlineReached()
        driver.reportDelivered()
        perform(outbox.take())
        measure()
        for parts in stats.takeDue(at: SystemClock.moment(), isLast: isLast) { publishStats(parts) }
    }

    /// Measures how long what the machine has taken was on its way; what it refused does not count.
    private func measure() {
        guard !unmeasured.isEmpty else { return }
        let applied = driver.applied
        for (link, frame, heardAt) in unmeasured where links[link] != nil {
            guard let position = applied[frame.header.node], position.epoch == frame.header.epoch else { continue }
            stats.heard(frame.events.lazy.filter { $0.id.sequence <= position.sequence }, at: heardAt)
        }
        unmeasured.removeAll(keepingCapacity: true)
    }

    // MARK: Performing

    private func perform(_ orders: [MeshOrder]) {
        var frame: [Event] = []
        var frameBytes = 0
        for order in orders {
            // Events in a row go out together; whatever else comes in between goes out in its turn.
            if case .publish(let event) = order {
                let bytes = event.approximateBytes
                if frameBytes + bytes > Self.frameBytes { flush(&frame, &frameBytes) }
                frame.append(event)
                frameBytes += bytes
                continue
            }
            flush(&frame, &frameBytes)
            perform(order)
        }
        flush(&frame, &frameBytes)
    }

    private func flush(_ events: inout [Event], _ bytes: inout Int) {
        guard let last = events.last else { return }
        if bound.stream != nil {
            let header = FrameHeader(
                cluster: addresses.cluster, node: last.id.node, epoch: last.id.epoch, time: last.time)
            publish(.events, EventFrame(header: header, events: events).encoded())
        }
        events.removeAll(keepingCapacity: true)
        bytes = 0
    }

    private func perform(_ order: MeshOrder) {
        switch order {
        case .publish: break
        case .publishAcknowledgement(let report): publish(.acknowledgement, report.encoded())
        case .publishHeartbeat(let heartbeat): publish(.heartbeat, heartbeat.encoded())
        case .openLink(let link, let address): open(link, to: address)
        case .closeLink(let link): close(link)
        case .probe(let link, let address): probe(link, at: address)
        case .sendControl(let frame, let source): send(frame.encoded(), to: source)
        }
    }

    private func publish(_ topic: Topic, _ bytes: [UInt8]) {
        guard isSendable(bytes) else { return }
        do {
            // A publisher never waits: what a slow peer does not take is dropped, and repaired by replay.
            _ = try bound.stream?.socket.send([[topic.rawValue], bytes])
        } catch {
            stats.fault("publish", "publishing failed: \(error)")
        }
    }

    private func send(_ bytes: [UInt8], to source: ControlSource) {
        guard isSendable(bytes) else { return }
        do {
            // What cannot be sent now is lost: every request is asked again until it is answered.
            switch source {
            case .link(let link): _ = try links[link]?.sockets?.control.socket.send(bytes)
            case .router(let route): _ = try bound.control?.socket.send([route, bytes])
            }
        } catch {
            // The peer is gone meanwhile.
            if error.code != .hostUnreachable { stats.fault("send", "a control message was not sent: \(error)") }
        }
    }

    /// A message over the limit would cost the connections to all who get it, and be sent again after that.
    private func isSendable(_ bytes: [UInt8]) -> Bool {
        guard bytes.count > SocketOptions.messageBytesMax else { return true }
        stats.fault("size", "a message of \(bytes.count) bytes is too large to be sent; this is a bug in Roost")
        return false
    }

    private func publishStats(_ parts: [[UInt8]]) {
        do {
            _ = try bound.stats?.socket.send(parts)
        } catch {
            stats.fault("stats", "statistics were not published: \(error)")
        }
    }
}
