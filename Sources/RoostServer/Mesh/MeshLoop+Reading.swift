// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What the mesh thread does with what its sockets were sent. Nothing that stands in a message stops it: what cannot be
// read is counted and told.

import RoostModel
import RoostNode
import RoostWire
import ZeroMQ

extension MeshLoop {
    /// The most messages taken from one socket before the others have their turn.
    private static let messagesPerTurn = 256

    /// Reads a socket. What one was sent keeps no other from being read.
    func readOrTell(_ source: Source) {
        do {
            try read(source)
        } catch {
            stats.fault("read", "mesh socket: \(error)")
        }
    }

    private func read(_ source: Source) throws(ZeroMQError) {
        switch source {
        case .wakeUp: wakeUp.drain()
        case .keys: try gatekeeper?.answer(telling: stats)
        case .subscriptions: try readSubscriptions()
        case .requests: try readRequests()
        case .statsSubscriptions: try drainStatsSubscriptions()
        case .bound(let name): try readMonitor(of: name)
        case .stream(let link): try readStream(of: link)
        case .answers(let link): try readAnswers(of: link)
        case .streamMonitor(let link): try readStreamMonitor(of: link)
        case .controlMonitor(let link): try readControlMonitor(of: link)
        case .probe(let link): answerProbe(of: link)
        }
    }

    private func readSubscriptions() throws(ZeroMQError) {
        guard let stream = bound.stream else { return }
        for _ in 0..<Self.messagesPerTurn {
            guard let frame = try stream.socket.receive()?.bytes else { return }
            let isSubscribed = frame.first == 1
            let topic = frame.count == 2 ? Topic(rawValue: frame[1]) : nil
            // The last one to leave is told of; that others do is not.
            if topic == .events { outbox.isHeard = isSubscribed }
            guard isSubscribed else { continue }
            switch topic {
            case .heartbeat: inputs.append(.subscriberArrived)
            case .events, .acknowledgement: break
            case nil:
                stats.refused(
                    .topic, "", because: "somebody subscribed to a topic of \(frame.count - 1) bytes that is none")
            }
        }
    }

    private func readRequests() throws(ZeroMQError) {
        guard let control = bound.control else { return }
        for _ in 0..<Self.messagesPerTurn {
            guard let parts = try control.socket.receiveParts() else { return }
            guard parts.count == 2 else {
                stats.refused(.frame, "", because: "a request of \(parts.count) parts")
                continue
            }
            let body = parts[1]
            do {
                let frame = try ControlFrame(decoding: body.span.bytes)
                inputs.append(.controlReceived(.router(parts[0]), frame))
            } catch {
                stats.refused(.frame, "", because: "a request that cannot be read: \(error)")
            }
        }
    }

    private func readAnswers(of link: LinkID) throws(ZeroMQError) {
        guard let control = links[link]?.sockets?.control else { return }
        for _ in 0..<Self.messagesPerTurn {
            guard let parts = try control.socket.receiveParts() else { return }
            do {
                guard let part = parts.first, parts.count == 1 else {
                    refuse("an answer of \(parts.count) parts", on: link)
                    continue
                }
                inputs.append(.controlReceived(.link(link), try ControlFrame(decoding: part.span.bytes)))
            } catch {
                refuse("\(error)", on: link)
            }
        }
    }

    private func readStream(of link: LinkID) throws(ZeroMQError) {
        guard let stream = links[link]?.sockets?.stream else { return }
        stream.health.heard(at: SystemClock.instant())
        for _ in 0..<Self.messagesPerTurn {
            guard let parts = try stream.socket.receiveParts() else { return }
            do {
                guard parts.count == 2, parts[0].count == 1, let topic = Topic(rawValue: parts[0][0]) else {
                    refuse("no topic of this protocol", on: link)
                    continue
                }
                let body = parts[1]
                let bytes = body.span.bytes
                switch topic {
                case .events:
                    let frame = try EventFrame(decoding: bytes)
                    unmeasured.append((link, frame, SystemClock.moment().wall))
                    inputs.append(.eventsReceived(link, frame))
                case .acknowledgement:
                    inputs.append(.acknowledgementReceived(link, try Acknowledgement(decoding: bytes)))
                case .heartbeat: inputs.append(.heartbeatReceived(link, try Heartbeat(decoding: bytes)))
                }
            } catch {
                refuse("\(error)", on: link)
            }
        }
    }

    /// The machine counts and tells what a peer sent that cannot be read.
    private func refuse(_ reason: String, on link: LinkID) {
        stats.refused(.frame, "", because: nil)
        inputs.append(.frameRefused(link, reason: reason))
    }

    private func readMonitor(of name: BoundSocket) throws(ZeroMQError) {
        guard let end = bound.ends[name] else { return }
        while let event = try end.monitor.next() {
            guard let reason = BoundSocket.objection(to: event, isEncrypted: gatekeeper != nil) else { continue }
            stats.refused(.handshake, "the \(name.rawValue) socket", because: reason)
        }
    }

    private func drainStatsSubscriptions() throws(ZeroMQError) {
        while try bound.stats?.socket.receive() != nil {}
    }
}
