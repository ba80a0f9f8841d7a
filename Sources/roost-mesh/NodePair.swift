// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Two nodes in this process, put together as RoostServer puts one together, but without ports for clients: what their
// machines order for clients goes to a client loop that has none.

import ArgumentParser
import Glibc
import Logging
import RoostKeys
import RoostModel
import RoostNode
import RoostServer
import RoostStats
import RoostWire

/// A node whose users have no connections.
final class QuietNode: Sendable {
    let id: NodeID
    let driver: NodeDriver<Node>
    let frontEnd: ClientFrontEnd
    private let thread: MeshThread

    init(_ name: String, control: String, seeds: [String], keys: ClusterKeys?) throws {
        guard let id = NodeID(name) else { preconditionFailure("\(name) is no name of a node") }
        self.id = id
        let now = SystemClock.moment()
        let epoch = Epoch(now.wall.milliseconds)
        var settings = NodeSettings(node: id, epoch: epoch)
        settings.address = NodeAddress(mesh: control, stats: "")
        settings.seeds = seeds
        settings.lobby = nil
        frontEnd = try ClientFrontEnd(options: ClientFrontEndOptions(addresses: [], serverName: settings.serverName))
        let stats = StatsPublisher(
            identity: .init(node: id, epoch: epoch, version: "", addresses: .init(clients: [])),
            interval: .seconds(1), log: Logger(label: name) { _ in SwiftLogNoOpLogHandler() }, at: now.instant)
        let outbox = MeshOutbox()
        driver = NodeDriver(
            machine: Node(settings: settings), lanes: frontEnd.lanes, outbox: outbox, actions: DriverActions())
        thread = try MeshThread(
            addresses: MeshAddresses(control: control, stats: nil, cluster: settings.cluster), keys: keys,
            driver: driver, outbox: outbox, stats: stats)
        stats.attach(
            .init(
                machine: { [driver] in driver.query { $0.statistics } },
                clients: { [frontEnd] in frontEnd.takeCounters() }),
            at: now.instant)
        frontEnd.start(sink: driver, gate: outbox.gate)
        try thread.start()
        driver.receive([.started])
    }

    /// Events of a node's stream that are applied here.
    func applied(of node: NodeID) -> UInt64 { driver.applied[node]?.sequence ?? 0 }

    func stop() { thread.stop() }
}

/// Two nodes that know of each other.
final class NodePair {
    /// How long any step of the preparation may take, in seconds.
    private static let patience = 20.0

    let first: QuietNode
    let second: QuietNode

    init(basePort: UInt16, keys: ClusterKeys?) throws {
        let addresses = ["127.0.0.1:\(basePort)", "127.0.0.1:\(basePort + 10)"]
        first = try QuietNode("first", control: addresses[0], seeds: [addresses[1]], keys: keys)
        second = try QuietNode("second", control: addresses[1], seeds: [addresses[0]], keys: keys)
    }

    /// Waits until both serve and are in step.
    func meet() throws {
        for node in [first, second] {
            try wait(for: "\(node.id) to be in step with its peer") {
                let statistics = node.driver.query { $0.statistics }
                return statistics.isServing && statistics.peers.map(\.state) == [.up]
            }
        }
    }

    func wait(for what: String, _ isReached: () -> Bool) throws {
        let deadline = Clock.wall() + Self.patience
        while !isReached() {
            guard Clock.wall() < deadline else { throw MeshFailure(description: "waited in vain for \(what)") }
            usleep(1_000)
        }
    }

    func stop() {
        first.stop()
        second.stop()
    }
}

/// Why a round could not be carried out.
struct MeshFailure: Error, CustomStringConvertible {
    let description: String
}

/// Seconds of the system's clocks.
enum Clock {
    static func wall() -> Double { read(CLOCK_MONOTONIC) }

    /// What all threads of this process have used.
    static func processor() -> Double { read(CLOCK_PROCESS_CPUTIME_ID) }

    private static func read(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
