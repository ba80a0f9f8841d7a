// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The ZeroMQ side of the watcher: one SUB socket, connected to every stats address that is known so far.

import RoostKeys
import RoostStats
import ZeroMQ

/// A message as it came.
struct ReceivedMessage {
    var message: StatsMessage
    /// The second part, with the fields that this version does not know.
    var json: [UInt8]
}

/// Subscribes to stats and events. It belongs to the thread that made it.
struct Subscriber: ~Copyable {
    /// Addresses beyond this many are not dialled: a cluster has 20 nodes at most.
    static let endpointsMax = 256
    /// Messages taken in one call, so that a flood cannot keep the caller from drawing.
    static let batchMax = 1_000

    /// What can be waited for.
    private enum Source {
        case messages
        case connections
    }

    private let socket: Socket
    private let monitor: SocketMonitor
    private let isEncrypted: Bool
    private var poller: Poller<Source>
    private var followed: Set<String> = []
    private var endpoints: Set<String> = []
    /// Messages that were no reports and no events.
    private(set) var unreadable = 0
    /// Why the last node that did not want us did not; nil while all do.
    private(set) var refusal: String?
    /// Endpoints that did not want us: libzmq tries them no more by itself.
    private var refused: Set<String> = []
    private var retriedAt = ContinuousClock.now

    /// How long a node that does not want us is left alone.
    static let retryInterval = Duration.seconds(2)

    /// - Parameter key: for nodes that are encrypted; nil for those that are not.
    /// - Throws: when the process is out of descriptors.
    init(context: Context, key: StatsKey?) throws(ZeroMQError) {
        var options = SocketOptions()
        options.receiveHighWaterMark = 1_024
        options.linger = .zero
        options.maxMessageSize = 1 << 20
        options.connectTimeout = .seconds(1)
        options.reconnectInterval = .milliseconds(100)
        options.reconnectIntervalMax = .seconds(1)
        options.handshakeInterval = .seconds(5)
        options.tcpKeepalive = .init(idle: .seconds(5), interval: .seconds(2), count: 3)
        options.ipv6 = true
        options.curve = try key?.client()
        let socket = try Socket(.sub, in: context, options: options)
        let monitor = try SocketMonitor(socket, in: context)
        for prefix in [StatsMessage.statsTopicPrefix, StatsMessage.eventTopicPrefix] {
            try socket.subscribe(toPrefix: prefix.utf8)
        }
        var poller = Poller<Source>()
        poller.add(socket, as: .messages)
        poller.add(monitor, as: .connections)
        self.poller = poller
        self.monitor = monitor
        self.socket = socket
        isEncrypted = key != nil
    }

    /// Connects to `address`, unless it is already. libzmq keeps trying while nobody is there.
    ///
    /// - Returns: false if the address is none, or its name does not resolve.
    @discardableResult
    mutating func follow(_ address: String) -> Bool {
        guard followed.count < Self.endpointsMax, followed.insert(address).inserted else { return true }
        guard let parsed = StatsAddress(address), !parsed.isWildcard else { return false }
        let found = parsed.endpoints()
        for endpoint in found where endpoints.insert(endpoint).inserted {
            // What is numeric and has a port can be dialled; should libzmq think otherwise, others may still work.
            try? socket.connect(endpoint)
        }
        return !found.isEmpty
    }

    /// The messages that are there, or the first to come within `timeout`; empty after it, or after a signal.
    ///
    /// - Throws: when the context was shut down.
    mutating func receive(timeout: Duration) throws(ZeroMQError) -> [ReceivedMessage] {
        retryRefused()
        let ready = try poller.wait(timeout: timeout)
        if ready.contains(where: { $0.source == .connections }) { try readConnections() }
        guard ready.contains(where: { $0.source == .messages }) else { return [] }
        var received: [ReceivedMessage] = []
        while received.count < Self.batchMax {
            do {
                guard let parts = try socket.receiveParts() else { break }
                received.append(ReceivedMessage(message: try StatsMessage(parts: parts), json: parts[1]))
            } catch let error as ZeroMQError where error.code != .messageTooLong {
                throw error
            } catch {
                // Other programs may publish on the address, too, and so may a Roost that this one cannot read.
                unreadable += 1
            }
        }
        return received
    }

    private mutating func readConnections() throws(ZeroMQError) {
        while let event = try monitor.next() {
            switch event {
            case .handshakeSucceeded: refusal = nil
            case .handshakeRefused(let endpoint, _), .handshakeProtocolFailed(let endpoint, _):
                refused.insert(Self.asDialled(endpoint))
                refusal = explain(Self.asDialled(endpoint))
            case .handshakeFailed(let endpoint, _):
                // Broken off: under CURVE that is how a node answers who expects another one. libzmq tries again.
                if isEncrypted { refusal = explain(Self.asDialled(endpoint)) }
            default: break
            }
        }
    }

    /// An endpoint as `connect` was given it: libzmq reports IPv4 addresses in the form that they have within IPv6.
    static func asDialled(_ endpoint: String) -> String {
        let prefix = "tcp://[::ffff:"
        guard endpoint.hasPrefix(prefix), let end = endpoint.lastIndex(of: "]") else { return endpoint }
        return "tcp://" + endpoint[..<end].dropFirst(prefix.count) + endpoint[end...].dropFirst()
    }

    private func explain(_ endpoint: String) -> String {
        let address = endpoint.hasPrefix("tcp://") ? String(endpoint.dropFirst(6)) : endpoint
        return isEncrypted
            ? "\(address) does not accept this key, or is not encrypted; `roost keygen --stats FILE` makes the key from"
                + " the cluster's secret"
            : "\(address) wants a key; give it with --key FILE (`roost keygen --stats` makes one)"
    }

    private mutating func retryRefused() {
        let now = ContinuousClock.now
        guard !refused.isEmpty, now - retriedAt >= Self.retryInterval else { return }
        retriedAt = now
        for endpoint in refused where endpoints.contains(endpoint) {
            // Whatever libzmq has left of it goes, lest messages come twice; should there be nothing, all the better.
            try? socket.disconnect(endpoint)
            try? socket.connect(endpoint)
        }
        refused = []
    }
}
