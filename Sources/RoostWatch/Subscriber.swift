// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The ZeroMQ side of the watcher: one SUB socket, connected to every stats address that is known so far.

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

    private let socket: Socket
    private var poller: Poller<Int>
    private var followed: Set<String> = []
    private var endpoints: Set<String> = []
    /// Messages that were no reports and no events.
    private(set) var unreadable = 0

    /// - Throws: when the process is out of descriptors.
    init(context: Context) throws(ZeroMQError) {
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
        let socket = try Socket(.sub, in: context, options: options)
        for prefix in [StatsMessage.statsTopicPrefix, StatsMessage.eventTopicPrefix] {
            try socket.subscribe(toPrefix: prefix.utf8)
        }
        var poller = Poller<Int>()
        poller.add(socket, as: 0)
        self.poller = poller
        self.socket = socket
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
        guard try !poller.wait(timeout: timeout).isEmpty else { return [] }
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
}
