// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// One turn after another of the mesh thread.

import RoostModel
import RoostNode
import RoostRoster
import RoostWire
import ZeroMQ

/// What the mesh thread does. Belongs to that thread alone.
final class MeshLoop {
    /// What the poll waits for.
    private enum Source: Hashable, Sendable {
        case wakeUp
        case subscriptions
        case requests
        case statsSubscriptions
        case stream(LinkID)
        case answers(LinkID)
        case monitor(LinkID)
    }

    /// The most messages taken from one socket before the others have their turn.
    private static let messagesPerTurn = 256
    /// The size at which a frame of events is sent, in bytes of text and overhead, roughly.
    private static let frameBytes = 64 << 10
    /// The longest that a turn waits, so that deliveries are reported and statistics are published in time.
    private static let turnMax = Duration.milliseconds(20)

    private let addresses: MeshAddresses
    private let bound: BoundSockets
    private let context: Context
    private let driver: any MeshDriver
    private let outbox: MeshOutbox
    private let stats: StatsPublisher
    private let wakeUp: WakeUp
    private var links: [LinkID: LinkSockets] = [:]
    private var poller = Poller<Source>()
    private var inputs: [NodeInput] = []

    init(
        addresses: MeshAddresses, context: Context, driver: any MeshDriver, outbox: MeshOutbox,
        stats: StatsPublisher, wakeUp: WakeUp
    ) throws(ZeroMQError) {
        self.addresses = addresses
        bound = try BoundSockets(addresses, in: context)
        self.context = context
        self.driver = driver
        self.outbox = outbox
        self.stats = stats
        self.wakeUp = wakeUp
        poller.add(wakeUp, as: .wakeUp)
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
        if let mesh = bound.mesh {
            poller.add(mesh.stream, as: .subscriptions)
            poller.add(mesh.control, as: .requests)
        }
        if let stats = bound.stats { poller.add(stats.socket, as: .statsSubscriptions) }
    }

    private var timeout: Duration {
        guard let deadline = driver.nextDeadline else { return Self.turnMax }
        return min(max(.zero, deadline - SystemClock.instant()), Self.turnMax)
    }

    private func turn(_ timeout: Duration, isLast: Bool) {
        do {
            for ready in try poller.wait(timeout: timeout) { readOrTell(ready.source) }
        } catch {
            stats.fault("mesh sockets: \(error)")
        }
        if !inputs.isEmpty {
            driver.receive(inputs)
            inputs.removeAll(keepingCapacity: true)
        }
        driver.deadlineReached()
        driver.reportDelivered()
        perform(outbox.take())
        for parts in stats.takeDue(at: SystemClock.moment(), isLast: isLast) { publishStats(parts) }
    }

    // MARK: Reading

    /// What one socket was sent keeps no other from being read.
    private func readOrTell(_ source: Source) {
        do {
            try read(source)
        } catch {
            stats.fault("mesh socket: \(error)")
        }
    }

    private func read(_ source: Source) throws(ZeroMQError) {
        switch source {
        case .wakeUp: wakeUp.drain()
        case .subscriptions: try readSubscriptions()
        case .requests: try readRequests()
        case .statsSubscriptions: try drainStatsSubscriptions()
        case .stream(let link): try readStream(of: link)
        case .answers(let link): try readAnswers(of: link)
        case .monitor(let link): try readMonitor(of: link)
        }
    }

    private func readSubscriptions() throws(ZeroMQError) {
        guard let mesh = bound.mesh else { return }
        for _ in 0..<Self.messagesPerTurn {
            guard let frame = try mesh.stream.receive()?.bytes else { return }
            guard frame.first == 1 else { continue }
            switch frame.count == 2 ? Topic(rawValue: frame[1]) : nil {
            case .heartbeat: inputs.append(.subscriberArrived)
            case .events, .acknowledgement: break
            case nil: stats.fault("a subscription to an unknown topic of \(frame.count - 1) bytes")
            }
        }
    }

    private func readRequests() throws(ZeroMQError) {
        guard let mesh = bound.mesh else { return }
        for _ in 0..<Self.messagesPerTurn {
            guard let parts = try mesh.control.receiveParts() else { return }
            guard parts.count == 2 else {
                stats.fault("a request of \(parts.count) parts")
                continue
            }
            let body = parts[1]
            do {
                let frame = try ControlFrame(decoding: body.span.bytes)
                inputs.append(.controlReceived(.router(parts[0]), frame))
            } catch {
                stats.fault("a request that cannot be read: \(error)")
            }
        }
    }

    private func readAnswers(of link: LinkID) throws(ZeroMQError) {
        guard let sockets = links[link] else { return }
        for _ in 0..<Self.messagesPerTurn {
            guard let parts = try sockets.control.receiveParts() else { return }
            do {
                guard let part = parts.first, parts.count == 1 else {
                    inputs.append(.frameRefused(link, reason: "an answer of \(parts.count) parts"))
                    continue
                }
                inputs.append(.controlReceived(.link(link), try ControlFrame(decoding: part.span.bytes)))
            } catch {
                inputs.append(.frameRefused(link, reason: "\(error)"))
            }
        }
    }

    private func readStream(of link: LinkID) throws(ZeroMQError) {
        guard let sockets = links[link] else { return }
        for _ in 0..<Self.messagesPerTurn {
            guard let parts = try sockets.stream.receiveParts() else { return }
            do {
                guard parts.count == 2, parts[0].count == 1, let topic = Topic(rawValue: parts[0][0]) else {
                    inputs.append(.frameRefused(link, reason: "no topic of this protocol"))
                    continue
                }
                let body = parts[1]
                let bytes = body.span.bytes
                switch topic {
                case .events:
                    let frame = try EventFrame(decoding: bytes)
                    stats.heard(frame.events, at: SystemClock.moment().wall)
                    inputs.append(.eventsReceived(link, frame))
                case .acknowledgement:
                    inputs.append(.acknowledgementReceived(link, try Acknowledgement(decoding: bytes)))
                case .heartbeat: inputs.append(.heartbeatReceived(link, try Heartbeat(decoding: bytes)))
                }
            } catch {
                inputs.append(.frameRefused(link, reason: "\(error)"))
            }
        }
    }

    private func readMonitor(of link: LinkID) throws(ZeroMQError) {
        guard let sockets = links[link] else { return }
        while let event = try sockets.monitor.next() {
            switch event {
            case .handshakeSucceeded: inputs.append(.linkConnected(link))
            case .disconnected: inputs.append(.linkDisconnected(link))
            default: break
            }
        }
    }

    private func drainStatsSubscriptions() throws(ZeroMQError) {
        while try bound.stats?.socket.receive() != nil {}
    }

    // MARK: Performing

    private func perform(_ orders: [MeshOrder]) {
        var frame: [Event] = []
        var frameBytes = 0
        for order in orders {
            // Events in a row go out together; whatever else comes in between goes out in its turn.
            if case .publish(let event) = order {
                frame.append(event)
                frameBytes += event.roughBytes
                if frameBytes >= Self.frameBytes { flush(&frame, &frameBytes) }
                continue
            }
            flush(&frame, &frameBytes)
            perform(order)
        }
        flush(&frame, &frameBytes)
    }

    private func flush(_ events: inout [Event], _ bytes: inout Int) {
        guard let last = events.last else { return }
        if bound.mesh != nil {
            let header = FrameHeader(
                cluster: addresses.cluster, node: last.id.node, epoch: last.id.epoch, time: last.time)
            publish(.events, EventFrame(header: header, events: events).encoded())
        }
        events.removeAll(keepingCapacity: true)
        bytes = 0
    }

    private func perform(_ order: MeshOrder) {
        switch order {
        case .publish, .probe: break
        case .publishAcknowledgement(let report): publish(.acknowledgement, report.encoded())
        case .publishHeartbeat(let heartbeat): publish(.heartbeat, heartbeat.encoded())
        case .openLink(let link, let address): open(link, to: address)
        case .closeLink(let link): close(link)
        case .sendControl(let frame, let source): send(frame.encoded(), to: source)
        }
    }

    private func publish(_ topic: Topic, _ bytes: [UInt8]) {
        do {
            // A publisher never waits: what a slow peer does not take is dropped, and repaired by replay.
            _ = try bound.mesh?.stream.send([[topic.rawValue], bytes])
        } catch {
            stats.fault("publishing failed: \(error)")
        }
    }

    private func send(_ bytes: [UInt8], to source: ControlSource) {
        do {
            // What cannot be sent now is lost: every request is asked again until it is answered.
            switch source {
            case .link(let link): _ = try links[link]?.control.send(bytes)
            case .router(let route): _ = try bound.mesh?.control.send([route, bytes])
            }
        } catch {
            // The peer is gone meanwhile.
            if error.code != .hostUnreachable { stats.fault("a control message was not sent: \(error)") }
        }
    }

    private func open(_ link: LinkID, to address: String) {
        do {
            let sockets = try LinkSockets(to: address, in: context)
            poller.add(sockets.stream, as: .stream(link))
            poller.add(sockets.control, as: .answers(link))
            poller.add(sockets.monitor, as: .monitor(link))
            links[link] = sockets
        } catch {
            stats.fault("no link to \(address): \(error)")
        }
    }

    private func close(_ link: LinkID) {
        guard links.removeValue(forKey: link) != nil else { return }
        poller.remove(.stream(link))
        poller.remove(.answers(link))
        poller.remove(.monitor(link))
    }

    private func publishStats(_ parts: [[UInt8]]) {
        do {
            _ = try bound.stats?.socket.send(parts)
        } catch {
            stats.fault("statistics were not published: \(error)")
        }
    }
}

extension Event {
    /// About as many bytes as it takes in a frame.
    fileprivate var roughBytes: Int {
        if case .messageSent(let message) = body { return 64 + message.text.utf8.count }
        return 96
    }
}
