// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What machines order, performed: lines go into mailboxes, frames to the other machines.

import RoostIRC
import RoostModel
import RoostNode
import RoostRoster
import RoostWire

extension MachineCluster {
    /// Performs what the step of a node has ordered. Events in a row go out in one frame, as from the mesh thread.
    func perform(of node: Int) {
        var events: [Event] = []
        for index in effects.queue.indices {
            if case .publish(let event) = effects.queue[index] {
                events.append(event)
                continue
            }
            flush(&events, of: node)
            perform(effects.queue[index], of: node)
        }
        flush(&events, of: node)
        effects.queue.removeAll(keepingCapacity: true)
    }

    private func perform(_ effect: NodeEffect, of node: Int) {
        switch effect {
        case .send(let message, let connection):
            mail.deliver(message, to: connection)
        case .fanOut(let message, let audience, let except):
            mail.deliver(message, to: audience, except: except)
        case .openLink(let link, let address): open(link, to: address, of: node)
        case .publishAcknowledgement(let report): publish(.acknowledgement, report.encoded(), of: node)
        case .publishHeartbeat(let heartbeat): publish(.heartbeat, heartbeat.encoded(), of: node)
        case .sendControl(let frame, let source): send(frame, to: source, of: node)
        case .note(let note): complaints.append(note)
        case .disconnect, .closeLink, .probe, .reloadSettings, .stop, .checkPassword:
            preconditionFailure("nothing in a measurement can lead to \(effect)")
        case .registered, .acceptClients, .setCapabilities, .publish: break
        }
    }

    // MARK: Frames

    private func flush(_ events: inout [Event], of node: Int) {
        guard let last = events.last else { return }
        let header = FrameHeader(
            cluster: machines[node].settings.cluster, node: last.id.node, epoch: last.id.epoch, time: last.time)
        publish(.events, EventFrame(header: header, events: events).encoded(), of: node)
        events.removeAll()
    }

    private func publish(_ kind: Packet.Kind, _ bytes: [UInt8], of node: Int) {
        for other in machines.indices where links[other][node] != nil {
            let packet = Packet(kind: kind, from: node, to: other, bytes: bytes)
            if kind == .events, held?.node == other {
                held?.frames.append(packet)
            } else {
                packets.append(packet)
            }
        }
    }

    private func open(_ link: LinkID, to address: String, of node: Int) {
        guard let place = machines.firstIndex(where: { $0.settings.address.mesh == address }) else {
            preconditionFailure("no node is at \(address)")
        }
        places[node][link] = place
        links[node][place] = link
        packets.append(Packet(kind: .connected, from: place, to: node, bytes: []))
        packets.append(Packet(kind: .subscribed, from: node, to: place, bytes: []))
    }

    private func send(_ frame: ControlFrame, to source: ControlSource, of node: Int) {
        switch source {
        case .link(let link):
            guard let place = places[node][link] else { return }
            packets.append(Packet(kind: .request, from: node, to: place, bytes: frame.encoded()))
        case .router(let route):
            // A node's control socket is known to others by its place.
            packets.append(Packet(kind: .answer, from: node, to: Int(route[0]), bytes: frame.encoded()))
        }
    }

    /// Delivers all that is on its way, and what follows from it.
    func deliver() {
        var next = 0
        while next < packets.count {
            let packet = packets[next]
            next += 1
            receive(packet)
        }
        packets.removeAll(keepingCapacity: true)
    }

    /// Gives a node what comes from another.
    func receive(_ packet: Packet) {
        do {
            if let input = try input(of: packet) { step(packet.to, input) }
        } catch {
            preconditionFailure("a machine cannot read what another has written: \(error)")
        }
    }

    private func input(of packet: Packet) throws -> NodeInput? {
        let bytes = packet.bytes.span.bytes
        if packet.kind == .subscribed { return .subscriberArrived }
        if packet.kind == .request {
            return .controlReceived(.router([UInt8(packet.from)]), try ControlFrame(decoding: bytes))
        }
        guard let link = links[packet.to][packet.from] else { return nil }
        return switch packet.kind {
        case .events: .eventsReceived(link, try EventFrame(decoding: bytes))
        case .acknowledgement: .acknowledgementReceived(link, try Acknowledgement(decoding: bytes))
        case .heartbeat: .heartbeatReceived(link, try Heartbeat(decoding: bytes))
        case .answer: .controlReceived(.link(link), try ControlFrame(decoding: bytes))
        case .connected: .linkConnected(link)
        case .request, .subscribed: nil
        }
    }
}
