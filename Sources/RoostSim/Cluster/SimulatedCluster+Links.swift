// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The links of a simulated cluster, with ZeroMQ's manners: what is published before a subscription has come is lost, and
// so is what does not fit into a queue; a connection that was reset, or that nothing gets through on for too long, is
// made anew; and a control message to a node that there is no connection to goes nowhere.

import RoostModel
import RoostNode
import RoostWire

extension SimulatedCluster {
    /// Until a connection is tried again that was refused: `ZMQ_RECONNECT_IVL`.
    private static let reconnectAfter = Duration.milliseconds(50)
    /// Until an attempt is given up that nobody answers: `ZMQ_CONNECT_TIMEOUT`.
    private static let connectTimeout = Duration.milliseconds(1_000)
    /// Until the kernel gives a connection up on which nothing is acknowledged: `ZMQ_TCP_MAXRT`, and at the latest
    /// TCP's keepalive.
    private static let keepAliveAfter = Duration.seconds(5)
    private static let giveUpAfter = (least: Duration.seconds(3), most: Duration.seconds(11))

    // MARK: Connections

    mutating func open(_ link: LinkID, to address: String, of node: Int) {
        guard let peer = places[address] else { return }
        processes[node].links[link] = SimulatedProcess.Link(peer: peer)
        attempt(link, of: node)
    }

    mutating func close(_ link: LinkID, of node: Int) {
        guard let closed = processes[node].links.removeValue(forKey: link) else { return }
        processes[closed.peer].subscribers.removeAll { $0.node == node && $0.link == link }
    }

    mutating func attempt(_ link: LinkID, of node: Int) {
        guard let peer = processes[node].links[link]?.peer, processes[node].links[link]?.wire == nil else { return }
        let isBlocked = isBlocked(from: node, to: peer)
        guard !isBlocked, isRunning(peer) else {
            let patience = isBlocked || isAlive(peer) ? Self.connectTimeout + Self.reconnectAfter : Self.reconnectAfter
            put(.attempt(link), at: node, after: patience)
            return
        }
        wireCount += 1
        let wire = Wire(node: node, link: link, serial: wireCount)
        processes[node].links[link] = SimulatedProcess.Link(peer: peer, life: processes[peer].life, wire: wire)
        send(.connected(wire), from: peer, to: node, .stream)
        send(.subscribed(wire), from: node, to: peer, .stream)
    }

    /// Sees whether a process listens at an address: a refusal comes back at once, and where nothing gets through nothing
    /// comes back until the attempt is given up.
    mutating func probe(_ link: LinkID, _ address: String, of node: Int) {
        guard let peer = places[address] else { return }
        if isBlocked(from: node, to: peer) {
            put(.input(.probeAnswered(link, isRefused: false)), at: node, after: Self.connectTimeout)
        } else {
            send(.input(.probeAnswered(link, isRefused: !isAlive(peer))), from: peer, to: node, .local)
        }
    }

    mutating func connected(_ wire: Wire) {
        guard isCurrent(wire) else { return }
        processes[wire.node].links[wire.link]?.isAnnounced = true
        step(wire.node, .linkConnected(wire.link))
    }

    mutating func subscribed(_ wire: Wire, at node: Int) {
        guard isCurrent(wire) else { return }
        processes[node].subscribers.append(wire)
        step(node, .subscriberArrived)
    }

    /// A connection is no more, and another is tried.
    mutating func breakWire(_ wire: Wire) {
        guard isCurrent(wire), let link = processes[wire.node].links[wire.link] else { return }
        processes[link.peer].subscribers.removeAll { $0 == wire }
        processes[wire.node].links[wire.link] = SimulatedProcess.Link(peer: link.peer)
        put(.attempt(wire.link), at: wire.node, after: Self.reconnectAfter)
        if link.isAnnounced { step(wire.node, .linkDisconnected(wire.link)) }
    }

    /// Whether a connection is the one that its link has.
    func isCurrent(_ wire: Wire) -> Bool { processes[wire.node].links[wire.link]?.wire == wire }

    /// Whether the kernel finds out, when it looks, that a connection leads nowhere: nothing passes between its ends, one
    /// way at least, or the other end knows nothing of it.
    func isDead(_ wire: Wire) -> Bool {
        guard let link = processes[wire.node].links[wire.link] else { return false }
        return isBlocked(from: wire.node, to: link.peer) || !isAlive(link.peer)
            || processes[link.peer].life != link.life
    }

    private func isBlocked(from: Int, to: Int) -> Bool {
        blocks[Path(from: from, to: to, kind: .stream)] != nil
            || blocks[Path(from: to, to: from, kind: .stream)] != nil
    }

    /// The connections between two nodes, by whichever of them they were opened.
    func wires(between one: Int, and other: Int) -> [Wire] {
        var wires: [Wire] = []
        for (node, peer) in [(one, other), (other, one)] {
            wires += processes[node].links.values.filter { $0.peer == peer }.compactMap(\.wire)
        }
        return wires.sorted { $0.serial < $1.serial }
    }

    /// The other end of a connection is gone, and the reset did not get through: TCP's keepalive finds out.
    mutating func keepAlive(_ wire: Wire) { put(.timeout(wire), at: wire.node, after: Self.keepAliveAfter) }

    /// Has the kernel of the node that opened it look at a connection after a while.
    mutating func watch(_ wire: Wire) {
        let (least, most) = Self.giveUpAfter
        let patience = UInt64.random(in: least.nanoseconds...most.nanoseconds, using: &random)
        // Mostly one end has something to send.
        put(.timeout(wire), at: wire.node, after: Bool.random(using: &random) ? least : .nanoseconds(Int64(patience)))
    }

    mutating func put(_ content: Delivery.Content, at node: Int, after duration: Duration) {
        network.put(
            Delivery(node: node, life: processes[node].life, content: content), at: now.instant + duration)
    }

    // MARK: Sending

    mutating func publish(_ topic: Delivery.Topic, _ bytes: [UInt8], from node: Int) {
        for wire in processes[node].subscribers {
            let path = Path(from: node, to: wire.node, kind: .stream)
            if let full = overflows[path], now.instant < full { continue }
            if lossPerMillion > 0, Int.random(in: 0..<1_000_000, using: &random) < lossPerMillion { continue }
            transmit(.frame(topic, wire, bytes), over: path)
        }
    }

    mutating func send(_ frame: ControlFrame, to source: ControlSource, of node: Int) {
        switch source {
        case .link(let link):
            guard let open = processes[node].links[link], let wire = open.wire else { return }
            transmit(.request(wire, frame.encoded()), over: Path(from: node, to: open.peer, kind: .control))
        case .router(let route):
            guard let wire = Wire(route: route, within: processes.indices), isCurrent(wire) else { return }
            transmit(.answer(wire, frame.encoded()), over: Path(from: node, to: wire.node, kind: .control))
        }
    }

    /// Sends something from node to node, where it is not lost or held up.
    private mutating func transmit(_ content: Delivery.Content, over path: Path) {
        guard !losses.contains(path) else { return }
        let delivery = Delivery(node: path.to, life: processes[path.to].life, content: content)
        if let waiting = blocks[path] {
            if waiting.count < highWaterMark { blocks[path]?.append(delivery) }
            return
        }
        network.send(delivery, over: path, at: now.instant)
    }
}

extension Wire {
    /// As the ROUTER socket at the other end names it.
    var route: [UInt8] {
        var bytes: [UInt8] = []
        for number in [UInt64(node), UInt64(link.rawValue), serial] {
            bytes += stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> UInt64($0)) }
        }
        return bytes
    }

    init?(route: [UInt8], within nodes: Range<Int>) {
        guard route.count == 24 else { return nil }
        let numbers = (0..<3).map { index in
            route[(8 * index)..<(8 * index + 8)].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        }
        guard let node = Int(exactly: numbers[0]), nodes.contains(node), let link = UInt32(exactly: numbers[1])
        else { return nil }
        self.init(node: node, link: LinkID(link), serial: numbers[2])
    }
}
