// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// A front end and a driver around the room, on a free port.

import RoostModel
import RoostNode
import Synchronization

@testable import RoostServer

/// A running node of one room.
struct TestNode: Sendable {
    let log = InputLog()
    let outbox = MeshOutbox()
    let frontEnd: ClientFrontEnd
    let driver: NodeDriver<RoomMachine>
    let port: Int

    init(threads: ClientFrontEndOptions.Threads = .count(2), _ change: (inout ClientLimits) -> Void = { _ in }) throws {
        var limits = ClientLimits()
        limits.clientsPerAddress = nil
        // Out of the way, however long a loaded machine lets a test wait.
        limits.registrationTimeout = .seconds(3_600)
        limits.pingInterval = .seconds(3_600)
        change(&limits)
        let options = ClientFrontEndOptions(
            addresses: [.init(host: "127.0.0.1", port: 0)], threads: threads, serverName: "room.test", limits: limits)
        frontEnd = try ClientFrontEnd(options: options)
        driver = NodeDriver(
            machine: RoomMachine(log: log), lanes: frontEnd.lanes, outbox: outbox, actions: DriverActions())
        frontEnd.start(sink: driver, gate: outbox.gate)
        try frontEnd.acceptClients()
        port = Int(frontEnd.addresses[0].split(separator: ":")[1]) ?? 0
    }

    func connect(receiveBuffer: CInt? = nil) throws -> TestClient {
        try TestClient(port: port, receiveBuffer: receiveBuffer)
    }

    /// As when the mesh thread does not keep up.
    func closeGate() { outbox.gate.close() }

    /// As when it has caught up.
    func openGate() { outbox.gate.open() }

    /// A client that is in the room.
    func join(_ nick: String, receiveBuffer: CInt? = nil) throws -> TestClient {
        let client = try connect(receiveBuffer: receiveBuffer)
        try client.register(nick)
        return client
    }

    /// Runs a node for a test, and ends it.
    static func run(
        threads: ClientFrontEndOptions.Threads = .count(2), _ change: (inout ClientLimits) -> Void = { _ in },
        _ body: (TestNode) async throws -> Void
    ) async throws {
        let node = try TestNode(threads: threads, change)
        do {
            try await body(node)
        } catch {
            await node.frontEnd.shutdown()
            throw error
        }
        await node.frontEnd.shutdown()
    }
}
