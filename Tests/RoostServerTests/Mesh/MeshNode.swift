// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// A real machine behind a real mesh thread, and libzmq clients that are its peers, its readers, or strangers.

import Foundation
import Glibc
import Logging
import RoostKeys
import RoostModel
import RoostNode
import RoostStats
import RoostWire
import Synchronization
import Testing
import ZeroMQ

@testable import RoostServer

/// A node without clients: machine, driver, mesh thread, statistics.
final class MeshNode: Sendable {
    let node: NodeID
    let keys: ClusterKeys?
    let control: String
    let stream: String
    let stats: String
    let driver: NodeDriver<Node>
    let log = LogCapture()
    private let thread: MeshThread

    /// Starts it on free ports.
    init(_ name: String = "under-test", seeds: [String] = [], keys: ClusterKeys?) throws {
        node = try #require(NodeID(name))
        self.keys = keys
        let port = try freePorts(3)
        (control, stream, stats) = ("127.0.0.1:\(port)", "127.0.0.1:\(port + 1)", "127.0.0.1:\(port + 2)")
        var settings = NodeSettings(node: node, epoch: Epoch(1))
        settings.cluster = "test"
        settings.address = NodeAddress(mesh: control, stats: stats)
        settings.seeds = seeds
        let publisher = StatsPublisher(
            identity: .init(node: node, epoch: Epoch(1), version: "0", addresses: .init(clients: [])),
            interval: .milliseconds(50), log: log.logger, at: SystemClock.instant())
        let outbox = MeshOutbox()
        var actions = DriverActions()
        actions.note = { publisher.note($0) }
        driver = NodeDriver(machine: Node(settings: settings), lanes: [], outbox: outbox, actions: actions)
        thread = try MeshThread(
            addresses: MeshAddresses(control: control, stats: stats, cluster: "test"), keys: keys, driver: driver,
            outbox: outbox, stats: publisher)
        publisher.attach(
            .init(machine: { [driver] in driver.query { $0.statistics } }, clients: { ClientCounters() }),
            at: SystemClock.instant())
        try thread.start()
        driver.receive([.started])
    }

    /// Ends it as a node ends.
    func stop() { thread.stop() }

    /// Runs a node for a test, and ends it. Blocks, as libzmq's clients do.
    static func run(
        seeds: [String] = [], keys: ClusterKeys?, _ body: @escaping @Sendable (MeshNode, Context) throws -> Void
    ) async throws {
        try await offPool {
            let node = try MeshNode(seeds: seeds, keys: keys)
            defer { node.stop() }
            try body(node, try Context())
        }
    }

    /// The newest report, read by a client with the cluster's key.
    func report(_ context: Context, where fits: (NodeStats) -> Bool = { _ in true }) throws -> NodeStats {
        let reader = try Socket(.sub, in: context, options: .client(keys?.client))
        try reader.subscribe(toPrefix: "stats.".utf8)
        try reader.connect("tcp://\(stats)")
        return try waitFor("a report") {
            guard let parts = try reader.receiveParts(), case .stats(let stats) = try StatsMessage(parts: parts),
                fits(stats)
            else { return nil }
            return stats
        }
    }
}

/// A node that a test plays: its stream, which says what the test wants.
final class PlayedPeer {
    let node: NodeID
    /// Its control address, at which nobody answers.
    let address: String
    private let stream: Socket
    private let handler: ZAPHandler

    init(_ name: String, keys: ClusterKeys) throws {
        let context = try Context()
        handler = try ZAPHandler(in: context)
        node = try #require(NodeID(name))
        let port = try freePorts(2)
        address = "127.0.0.1:\(port)"
        var options = SocketOptions()
        options.curve = keys.server(in: .mesh)
        options.xpubVerbose = true
        options.linger = .zero
        stream = try Socket(.xpub, in: context, options: options)
        try stream.bind("tcp://127.0.0.1:\(port + 1)")
    }

    /// Waits for somebody to listen.
    func waitForSubscriber() throws {
        try waitFor("a subscriber of \(node)") {
            try handler.answerAll { _ in true }
            return try stream.receive()?.bytes == [1, Topic.heartbeat.rawValue] ? true : nil
        }
    }

    /// Sends a sign of life.
    func beat() throws { try send(.heartbeat, Heartbeat(from: node).encoded()) }

    /// Sends anything.
    func send(_ topic: Topic, _ bytes: [UInt8]) throws { _ = try stream.send([[topic.rawValue], bytes]) }
}

extension Heartbeat {
    /// A sign of life of a node that knows nothing.
    init(from node: NodeID) {
        let header = FrameHeader(node)
        self.init(
            acknowledgement: Acknowledgement(header: header, applied: Vector(), delivered: Vector()), ages: [:],
            inStep: [:], digest: 0, wall: SystemClock.moment().wall, isDraining: false)
    }
}

extension FrameHeader {
    /// What a node of these tests sends now.
    init(_ node: NodeID) {
        self.init(cluster: "test", node: node, epoch: Epoch(1), time: HybridTime(wall: SystemClock.moment().wall))
    }
}

extension SocketOptions {
    /// A client with these keys that leaves nothing behind.
    static func client(_ curve: Curve?) -> SocketOptions {
        var options = SocketOptions()
        options.curve = curve
        options.linger = .zero
        return options
    }
}

/// What a logger was told.
final class LogCapture: Sendable {
    private let entries = Mutex<[String]>([])

    var lines: [String] { entries.withLock { $0 } }

    var logger: Logger {
        Logger(label: "test") { _ in Handler(capture: self) }
    }

    private struct Handler: LogHandler {
        let capture: LogCapture
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.debug

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let fields = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            let line = "\(event.level) \(event.message) \(fields.joined(separator: " "))"
            capture.entries.withLock { $0.append(line) }
        }
    }
}

/// Tries until there is an answer.
@discardableResult
func waitFor<Answer>(_ what: String, within limit: Duration = .seconds(30), _ attempt: () throws -> Answer?) throws
    -> Answer
{
    let deadline = ContinuousClock.now + limit
    while ContinuousClock.now < deadline {
        if let answer = try attempt() { return answer }
        usleep(2_000)
    }
    throw NotInTime(what: what)
}

struct NotInTime: Error, CustomStringConvertible {
    let what: String
    var description: String { "not in time: \(what)" }
}

/// The first of some ports in a row that nobody listens on, below those that the kernel gives to whoever asks for any.
func freePorts(_ count: Int) throws -> Int {
    try waitFor("free ports") {
        let first = Int.random(in: 10_000..<30_000)
        return (first..<first + count).allSatisfy(isFree) ? first : nil
    }
}

private func isFree(_ port: Int) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
    }
}
