// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The clients of a simulated cluster: connections, what they send, and what they are told, which takes its time and is
// lost when the node's process ends before its kernel has it.

import RoostIRC
import RoostModel
import RoostNode
import RoostRoster

extension SimulatedCluster {
    /// Connects a client from a host to the node in that place. Where no process is, the connection is refused: it is
    /// closed at once.
    public mutating func connect(to node: Int, host: String) -> ClientID {
        let number = clients.count
        let connection = ConnectionID(lane: number % 2, serial: UInt64(number))
        clients.append(
            Client(
                node: node, life: processes[node].life, epoch: machines[node].settings.epoch, connection: connection))
        guard isAlive(node) else {
            clients[number].isOpen = false
            clients[number].isServed = false
            return ClientID(number: number)
        }
        clientNumbers[connection] = number
        enter(node, .clientConnected(connection, host: host))
        return ClientID(number: number)
    }

    /// Has a client send a line, given without its end.
    public mutating func send(_ bytes: [UInt8], from id: ClientID) {
        let client = clients[id.number]
        guard client.isOpen, client.life == processes[client.node].life, isAlive(client.node) else { return }
        trace.note(bytes, to: -1 - id.number, at: now.instant)
        do {
            enter(client.node, .lineReceived(client.connection, try IRCLine(parsing: bytes)))
        } catch {
            enter(client.node, .lineRefused(client.connection, error))
        }
    }

    /// Has a client send a line.
    public mutating func send(_ line: String, from id: ClientID) { send(Array(line.utf8), from: id) }

    /// Breaks a client's connection.
    public mutating func drop(_ id: ClientID, reason: String) {
        let client = clients[id.number]
        guard client.isOpen else { return }
        clients[id.number].isOpen = false
        clients[id.number].isServed = false
        guard client.life == processes[client.node].life, isAlive(client.node), sabotage?.kind != .hidesLosses
        else { return }
        enter(client.node, .clientLost(client.connection, reason: reason))
    }

    /// Whether a client is connected, as far as it knows.
    public func isOpen(_ id: ClientID) -> Bool { clients[id.number].isOpen }

    /// Which life of its node a client is, or was, connected to.
    func life(of id: ClientID) -> Int { clients[id.number].life }

    /// Which life a node is in.
    func life(of node: Int) -> Int { processes[node].life }

    /// Which epoch that is.
    func epoch(of node: Int) -> Epoch { machines[node].settings.epoch }

    /// How far the deliveries to a client had got, as far as its node's reports had reached another when that took a user
    /// over.
    func reportOfDeliveries(to client: Int, heardBy hearer: Int, takingOver user: UserID) -> Vector {
        let client = clients[client]
        let life = Life(node: machines[client.node].settings.node, epoch: client.epoch)
        return reportsAtTakeOver[hearer]?[user]?[life] ?? Vector()
    }

    /// Gives an input to a node: at once, or when it runs again.
    private mutating func enter(_ node: Int, _ input: NodeInput) {
        if isRunning(node) {
            step(node, input)
        } else {
            processes[node].backlog.append(
                Delivery(node: node, life: processes[node].life, content: .input(input)))
        }
    }

    // MARK: Telling

    /// Sends a message to one client, as the bytes that it is for it.
    mutating func hand(_ message: OutgoingMessage, to connection: ConnectionID, _ step: StepInProgress) {
        guard let number = clientNumbers[connection], clients[number].isServed else { return }
        let bytes = message.encoded(for: clients[number].capabilities)
        guard !bytes.isEmpty else { return }
        trace.note(bytes, to: -1 - number, at: now.instant)
        show(.line(ClientID(number: number), String(decoding: bytes.dropLast(2), as: UTF8.self)), step)
    }

    /// Closes a client's connection, after what it was sent.
    mutating func disconnect(_ connection: ConnectionID, _ step: StepInProgress) {
        guard let number = clientNumbers[connection], clients[number].isServed else { return }
        clients[number].isServed = false
        show(.closed(ClientID(number: number)), step)
    }

    private mutating func show(_ sight: Sight, _ step: StepInProgress) {
        let sighting = Sighting(at: now.instant, sight: sight, before: step.before, after: step.after)
        if network.delays.handOver == nil {
            reach(sighting)
        } else {
            processes[step.node].outgoing.append(sighting)
        }
    }

    /// Sends what the last step told clients on its way to the kernel, with how far the machine had come then.
    mutating func handOut(_ step: StepInProgress) {
        let sights = processes[step.node].outgoing
        guard !sights.isEmpty || processes[step.node].handedOut != step.after else { return }
        processes[step.node].outgoing = []
        if processes[step.node].handedOut != step.after {
            processes[step.node].handedOut = step.after
            processes[step.node].note(step.after, bySnapshot: step.hasMergedSnapshot)
        }
        processes[step.node].batches.append(Batch(sights: sights, progress: step.after))
        send(.handOver, from: step.node, to: step.node, .kernel)
    }

    /// The kernel has a batch: it goes on to the clients whatever becomes of the node, and the machine is told.
    mutating func handOver(of node: Int) {
        guard !processes[node].batches.isEmpty else { return }
        let batch = processes[node].batches.removeFirst()
        pass(batch, of: node)
        step(node, .delivered(batch.progress.vector))
    }

    /// The kernel gets what is left, for a process that ends of its own will.
    mutating func handOverAll(of node: Int) {
        handOut(
            StepInProgress(
                node: node, before: Progress(), after: processes[node].handedOut, hasMergedSnapshot: false))
        for batch in processes[node].batches { pass(batch, of: node) }
        processes[node].batches = []
    }

    private mutating func pass(_ batch: Batch, of node: Int) {
        for sighting in sabotage?.tamper(with: batch.sights) ?? batch.sights {
            guard let number = sighting.sight.client?.number else { continue }
            network.send(
                Delivery(node: node, life: processes[node].life, content: .sight(sighting)),
                over: Path(from: node, to: number, kind: .client), at: now.instant)
        }
    }

    /// A client sees something.
    mutating func reach(_ sighting: Sighting) {
        switch sighting.sight {
        case .line(let client, _) where !clients[client.number].isOpen: return
        case .closed(let client):
            guard clients[client.number].isOpen else { return }
            clients[client.number].isOpen = false
        default: break
        }
        var sighting = sighting
        sighting.at = now.instant
        sightings.append(sighting)
    }

    /// The process of a node has ended: its kernel closes all its clients' connections, after what it had for them.
    mutating func closeClients(of node: Int) {
        for (number, client) in clients.enumerated() where client.node == node && client.isOpen {
            clients[number].isServed = false
            let sight = Sighting(
                at: now.instant, sight: .closed(ClientID(number: number)), before: Progress(), after: Progress())
            network.send(
                Delivery(node: node, life: processes[node].life, content: .sight(sight)),
                over: Path(from: node, to: number, kind: .client), at: now.instant)
        }
    }
}

extension SimulatedCluster.Sight {
    /// The client that sees it; nil for what operators see.
    var client: SimulatedCluster.ClientID? {
        switch self {
        case .line(let client, _), .closed(let client): client
        case .note, .reload, .stopped: nil
        }
    }
}
