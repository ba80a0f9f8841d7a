// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The driver's part in a simulated cluster: inputs from bytes, and effects performed in the order of the step.

import RoostIRC
import RoostModel
import RoostNode
import RoostRoster
import RoostWire

/// A step whose effects are being performed: of which node, and how far it had applied all streams.
struct StepInProgress {
    let node: Int
    let before: Progress
    let after: Progress
    let hasMergedSnapshot: Bool
}

extension SimulatedCluster {
    /// How long a process takes to end after its machine is done.
    private static let exitAfter = Duration.milliseconds(300)

    mutating func step(_ node: Int, _ input: NodeInput) {
        var effects = NodeEffects()
        let before = machines[node].roster.progress
        let moment = Moment(instant: now.instant, wall: processes[node].wall(at: now.instant))
        machines[node].step(input, at: moment, into: &effects)
        processes[node].deadline = machines[node].nextDeadline
        let hasMerged = effects.queue.contains { if case .note(.snapshotMerged) = $0 { true } else { false } }
        let step = StepInProgress(
            node: node, before: before, after: machines[node].roster.progress, hasMergedSnapshot: hasMerged)
        perform(effects.queue, step)
        if isAlive(node) { handOut(step) }
    }

    // MARK: Arrivals

    mutating func arrive(_ delivery: Delivery) {
        if case .sight(let sighting) = delivery.content {
            reach(sighting)
            return
        }
        let node = delivery.node
        guard delivery.life == processes[node].life else { return }
        switch processes[node].state {
        case .dead: return
        case .paused: wait(delivery)
        case .running: take(delivery)
        }
    }

    /// Has something wait until a node runs again, in so far as its sockets have room.
    private mutating func wait(_ delivery: Delivery) {
        if case .frame = delivery.content {
            guard processes[delivery.node].framesWaiting < highWaterMark else { return }
            processes[delivery.node].framesWaiting += 1
        }
        processes[delivery.node].backlog.append(delivery)
    }

    /// Gives a running node what has arrived.
    mutating func take(_ delivery: Delivery) {
        let node = delivery.node
        switch delivery.content {
        case .frame(let topic, let wire, let bytes): takeFrame(topic, wire, bytes)
        case .request(let wire, let bytes):
            // The route by which a peer's control socket is known is made of its place, its link and the connection.
            step(node, read(bytes, at: node) { .controlReceived(.router(wire.route), try ControlFrame(decoding: $0)) })
        case .answer(let wire, let bytes):
            guard isCurrent(wire) else { return }
            step(node, read(bytes, at: node) { .controlReceived(.link(wire.link), try ControlFrame(decoding: $0)) })
        case .attempt(let link): attempt(link, of: node)
        case .connected(let wire): connected(wire)
        case .subscribed(let wire): subscribed(wire, at: node)
        case .reset(let wire): breakWire(wire)
        case .timeout(let wire): if isDead(wire) { breakWire(wire) }
        case .handOver: handOver(of: node)
        case .exit:
            handOverAll(of: node)
            end(node)
        case .input(let input): step(node, input)
        case .sight(let sighting): reach(sighting)
        }
    }

    private mutating func takeFrame(_ topic: Delivery.Topic, _ wire: Wire, _ bytes: [UInt8]) {
        guard isCurrent(wire), let link = processes[wire.node].links[wire.link], now.instant <= link.hearsUntil
        else { return }
        let input = read(bytes, at: wire.node) { bytes in
            switch topic {
            case .events: .eventsReceived(wire.link, try EventFrame(decoding: bytes))
            case .acknowledgement: .acknowledgementReceived(wire.link, try Acknowledgement(decoding: bytes))
            case .heartbeat: .heartbeatReceived(wire.link, try Heartbeat(decoding: bytes))
            }
        }
        switch input {
        case .heartbeatReceived(_, let heartbeat):
            heartbeats[wire.node, default: [:]][link.peer] = now.instant
            note(heartbeat.acknowledgement, by: wire.node)
        case .acknowledgementReceived(_, let report):
            note(report, by: wire.node)
        default: break
        }
        step(wire.node, sabotage?.tamper(with: input) ?? input)
    }

    private mutating func note(_ report: Acknowledgement, by node: Int) {
        let life = Life(node: report.header.node, epoch: report.header.epoch)
        deliveryReports[node, default: [:]][life] = report.delivered
    }

    /// Reads what one of our own nodes has written.
    private mutating func read(_ bytes: [UInt8], at node: Int, as input: (RawSpan) throws -> NodeInput) -> NodeInput {
        trace.note(bytes, to: node, at: now.instant)
        do {
            return try input(bytes.span.bytes)
        } catch {
            preconditionFailure("\(machines[node].settings.node) was sent what it cannot read: \(error)")
        }
    }

    // MARK: Effects

    private mutating func perform(_ effects: [NodeEffect], _ step: StepInProgress) {
        var events: [Event] = []
        for effect in effects {
            // Events in a row go out in one frame, as the mesh thread has it.
            if case .publish(let event) = effect {
                events.append(event)
                continue
            }
            flush(&events, of: step.node)
            perform(effect, step)
        }
        flush(&events, of: step.node)
    }

    private mutating func flush(_ events: inout [Event], of node: Int) {
        guard let last = events.last else { return }
        for event in events {
            published.append(PublishedEvent(event: event, at: now.instant))
            if case .userTakenOver(let takeOver) = event.body {
                reportsAtTakeOver[node, default: [:]][takeOver.user] = deliveryReports[node]
            }
        }
        let header = FrameHeader(
            cluster: machines[node].settings.cluster, node: last.id.node, epoch: last.id.epoch, time: last.time)
        if let sabotage { events = sabotage.tamper(with: events) }
        if !events.isEmpty { publish(.events, EventFrame(header: header, events: events).encoded(), from: node) }
        events.removeAll()
    }

    private mutating func perform(_ effect: NodeEffect, _ step: StepInProgress) {
        let node = step.node
        switch effect {
        case .send(let message, let connection): hand(message, to: connection, step)
        case .fanOut(let message, let audience, let except):
            for lane in audience.lanes {
                for connection in lane where connection != except { hand(message, to: connection, step) }
            }
        case .setCapabilities(let connection, let capabilities):
            if let number = clientNumbers[connection] { clients[number].capabilities = capabilities }
        case .disconnect(let connection): disconnect(connection, step)
        case .checkPassword(let connection, let purpose, let given, let stored):
            send(.input(.passwordChecked(connection, purpose, matches: given == stored)), from: node, to: node, .local)
        case .openLink(let link, let address): open(link, to: address, of: node)
        case .closeLink(let link): close(link, of: node)
        case .probe(let link, let address): probe(link, address, of: node)
        case .publishAcknowledgement(let report): publish(.acknowledgement, report.encoded(), from: node)
        case .publishHeartbeat(let heartbeat): publish(.heartbeat, heartbeat.encoded(), from: node)
        case .sendControl(let frame, let source): send(frame, to: source, of: node)
        case .reloadSettings: see(.reload(machines[node].settings.node))
        case .stop:
            see(.stopped(machines[node].settings.node))
            put(.exit, at: node, after: Self.exitAfter)
        case .note(let note): see(.note(machines[node].settings.node, note))
        case .registered, .acceptClients, .publish: break
        }
    }

    private mutating func see(_ sight: Sight) {
        sightings.append(Sighting(at: now.instant, sight: sight, before: Progress(), after: Progress()))
    }

    mutating func send(_ content: Delivery.Content, from: Int, to: Int, _ kind: Path.Kind) {
        network.send(
            Delivery(node: to, life: processes[to].life, content: content),
            over: Path(from: from, to: to, kind: kind), at: now.instant)
    }
}
