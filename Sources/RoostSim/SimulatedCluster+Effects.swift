// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The driver's part in a simulated cluster: inputs from bytes, and effects performed in the order of the step.

import RoostIRC
import RoostModel
import RoostNode
import RoostRoster
import RoostWire

extension SimulatedCluster {
    mutating func step(_ node: Int, _ input: NodeInput) {
        var effects = NodeEffects()
        machines[node].step(input, at: now, into: &effects)
        perform(effects.queue, of: node)
    }

    // MARK: Arrivals

    mutating func arrive(_ delivery: Delivery) {
        let node = delivery.node
        do {
            switch delivery.content {
            case .events(let link, let bytes):
                trace.note(bytes, to: node, at: now.instant)
                step(node, .eventsReceived(link, try EventFrame(decoding: bytes.span.bytes)))
            case .acknowledgement(let link, let bytes):
                trace.note(bytes, to: node, at: now.instant)
                step(node, .acknowledgementReceived(link, try Acknowledgement(decoding: bytes.span.bytes)))
            case .heartbeat(let link, let bytes):
                trace.note(bytes, to: node, at: now.instant)
                step(node, .heartbeatReceived(link, try Heartbeat(decoding: bytes.span.bytes)))
            case .control(let source, let bytes):
                trace.note(bytes, to: node, at: now.instant)
                step(node, .controlReceived(source, try ControlFrame(decoding: bytes.span.bytes)))
            case .input(let input):
                step(node, input)
            }
        } catch {
            preconditionFailure("\(machines[node].settings.node) was sent what it cannot read: \(error)")
        }
    }

    // MARK: Effects

    private mutating func perform(_ effects: [NodeEffect], of node: Int) {
        var events: [Event] = []
        for effect in effects {
            // Events in a row go out in one frame, as the mesh thread has it.
            if case .publish(let event) = effect {
                events.append(event)
                continue
            }
            flush(&events, of: node)
            perform(effect, of: node)
        }
        flush(&events, of: node)
    }

    private mutating func flush(_ events: inout [Event], of node: Int) {
        guard let last = events.last else { return }
        let header = FrameHeader(
            cluster: machines[node].settings.cluster, node: last.id.node, epoch: last.id.epoch, time: last.time)
        let bytes = EventFrame(header: header, events: events).encoded()
        publish(from: node) { .events($0, bytes) }
        events.removeAll()
    }

    private mutating func perform(_ effect: NodeEffect, of node: Int) {
        switch effect {
        case .send(let message, let connection):
            hand(message, to: connection, of: node)
        case .fanOut(let message, let audience, let except):
            for lane in audience.lanes {
                for connection in lane where connection != except { hand(message, to: connection, of: node) }
            }
        case .setCapabilities(let connection, let capabilities):
            if let number = clientNumbers[node][connection] { clients[number].capabilities = capabilities }
        case .disconnect(let connection):
            guard let number = clientNumbers[node][connection], clients[number].isOpen else { return }
            clients[number].isOpen = false
            see(.closed(ClientID(number: number)))
        case .checkPassword(let connection, let purpose, let given, let stored):
            send(.input(.passwordChecked(connection, purpose, matches: given == stored)), from: node, to: node, .local)
        case .openLink(let link, let address): open(link, to: address, of: node)
        case .closeLink(let link): close(link, of: node)
        case .publishAcknowledgement(let report):
            let bytes = report.encoded()
            publish(from: node) { .acknowledgement($0, bytes) }
        case .publishHeartbeat(let heartbeat):
            let bytes = heartbeat.encoded()
            publish(from: node) { .heartbeat($0, bytes) }
        case .sendControl(let frame, let source): send(frame, to: source, of: node)
        case .reloadSettings: see(.reload(machines[node].settings.node))
        case .stop: see(.stopped(machines[node].settings.node))
        case .note(let note): see(.note(machines[node].settings.node, note))
        case .registered, .acceptClients, .publish: break
        }
    }

    private mutating func see(_ sight: Sight) { sights.append((now.instant, sight)) }

    private mutating func hand(_ message: OutgoingMessage, to connection: ConnectionID, of node: Int) {
        guard let number = clientNumbers[node][connection], clients[number].isOpen else { return }
        let bytes = message.encoded(for: clients[number].capabilities)
        guard !bytes.isEmpty else { return }
        trace.note(bytes, to: -1 - number, at: now.instant)
        see(.line(ClientID(number: number), String(decoding: bytes.dropLast(2), as: UTF8.self)))
    }

    // MARK: Links

    private mutating func open(_ link: LinkID, to address: String, of node: Int) {
        guard let peer = places[address] else { return }
        links[node][link] = peer
        subscribers[peer].append((node, link))
        send(.input(.linkConnected(link)), from: peer, to: node, .stream)
        send(.input(.subscriberArrived), from: node, to: peer, .stream)
    }

    private mutating func close(_ link: LinkID, of node: Int) {
        guard let peer = links[node].removeValue(forKey: link) else { return }
        subscribers[peer].removeAll { $0.node == node && $0.link == link }
    }

    private mutating func publish(from node: Int, _ content: (LinkID) -> Delivery.Content) {
        for subscriber in subscribers[node] {
            send(content(subscriber.link), from: node, to: subscriber.node, .stream)
        }
    }

    /// The route by which a peer's control socket is known here is made of the peer's place and its link.
    private mutating func send(_ frame: ControlFrame, to source: ControlSource, of node: Int) {
        switch source {
        case .link(let link):
            guard let peer = links[node][link] else { return }
            let route = [UInt8(truncatingIfNeeded: node), UInt8(truncatingIfNeeded: link.rawValue)]
            send(.control(.router(route), frame.encoded()), from: node, to: peer, .control)
        case .router(let route):
            guard route.count == 2, Int(route[0]) < machines.count else { return }
            let link = LinkID(UInt32(route[1]))
            send(.control(.link(link), frame.encoded()), from: node, to: Int(route[0]), .control)
        }
    }

    private mutating func send(_ content: Delivery.Content, from: Int, to: Int, _ kind: Path.Kind) {
        let path = Path(from: from, to: to, kind: kind)
        guard !cuts.contains(path) else { return }
        network.send(Delivery(node: to, content: content), over: path, at: now.instant)
    }
}
