// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The sockets of the mesh (DESIGN §7 and §10), all of which belong to the mesh thread: how they are made, bound and
// connected. What goes through them is the business of `MeshThread`.

import RoostModel
import RoostNode
import ZeroMQ

/// Where a node's own ZeroMQ sockets are bound, as `HOST:PORT` with a numeric host.
public struct MeshAddresses: Hashable, Sendable {
    /// The control socket; the stream of events is one port higher. nil where the node has no mesh.
    public var control: String?
    /// The name of the cluster, which every frame carries.
    public var cluster: String
    /// The statistics; nil where the node publishes none.
    public var stats: String?

    /// Those addresses.
    public init(control: String?, stats: String?, cluster: String) {
        self.control = control
        self.cluster = cluster
        self.stats = stats
    }
}

/// The topics of our stream, one byte each, fixed for all time (DESIGN §7).
enum Topic: UInt8, CaseIterable {
    /// Events.
    case events = 0x45
    /// Acknowledgements.
    case acknowledgement = 0x41
    /// Heartbeats.
    case heartbeat = 0x48
}

/// The rules of DESIGN §10 that are socket options.
extension SocketOptions {
    /// High-water marks in batches; libzmq drops above them, and repair fills the gap.
    static let batchesQueued = 1_024

    static func mesh(linger: Duration) -> SocketOptions {
        var options = SocketOptions()
        options.sendHighWaterMark = batchesQueued
        options.receiveHighWaterMark = batchesQueued
        options.linger = linger
        options.maxMessageSize = 1 << 20
        options.connectTimeout = .milliseconds(1_000)
        options.reconnectInterval = .milliseconds(50)
        options.tcpMaxRetransmit = .milliseconds(3_000)
        options.handshakeInterval = .milliseconds(5_000)
        options.tcpKeepalive = TCPKeepalive(idle: .seconds(5), interval: .seconds(2), count: 3)
        options.ipv6 = true
        return options
    }

    /// For what is bound and publishes.
    static var publisher: SocketOptions {
        var options = mesh(linger: .milliseconds(500))
        options.xpubVerbose = true
        return options
    }
}

/// The sockets that this node binds. Classes, since what is optional is awkward to borrow.
struct BoundSockets {
    /// The node's own ends of the mesh.
    final class Mesh {
        /// Our stream, to every peer.
        let stream: Socket
        /// The requests of our peers.
        let control: Socket

        /// Binds them.
        init(on address: String, in context: Context) throws(ZeroMQError) {
            var options = SocketOptions.mesh(linger: .milliseconds(500))
            options.routerMandatory = true
            control = try Socket(.router, in: context, options: options)
            try control.bind("tcp://\(address)")
            stream = try Socket(.xpub, in: context, options: .publisher)
            try stream.bind("tcp://\(address.onNextPort)")
        }
    }

    /// The statistics, to whoever may read them.
    final class Stats {
        let socket: Socket

        /// Binds it.
        init(on address: String, in context: Context) throws(ZeroMQError) {
            socket = try Socket(.xpub, in: context, options: .publisher)
            try socket.bind("tcp://\(address)")
        }
    }

    /// nil where the node has no mesh.
    let mesh: Mesh?
    /// nil where the node publishes no statistics.
    let stats: Stats?

    /// Binds what has an address.
    ///
    /// - Throws: the first that cannot be bound, with its address.
    init(_ addresses: MeshAddresses, in context: Context) throws(ZeroMQError) {
        if let address = addresses.control { mesh = try Mesh(on: address, in: context) } else { mesh = nil }
        if let address = addresses.stats { stats = try Stats(on: address, in: context) } else { stats = nil }
    }
}

/// Our sockets to one peer: a class, since a dictionary cannot hold what is not copyable.
final class LinkSockets {
    /// The peer's stream. One socket for each peer, so that the socket tells the origin.
    let stream: Socket
    /// Questions to the peer, and its answers.
    let control: Socket
    /// Tells when the stream has a connection and when not.
    let monitor: SocketMonitor

    /// Connects to the peer whose control socket has that address. libzmq goes on trying.
    init(to address: String, in context: Context) throws(ZeroMQError) {
        stream = try Socket(.sub, in: context, options: .mesh(linger: .zero))
        monitor = try SocketMonitor(stream, in: context)
        var options = SocketOptions.mesh(linger: .milliseconds(500))
        options.immediate = true
        control = try Socket(.dealer, in: context, options: options)
        for topic in Topic.allCases { try stream.subscribe(toPrefix: [topic.rawValue]) }
        try stream.connect("tcp://\(address.onNextPort)")
        try control.connect("tcp://\(address)")
    }
}

extension String {
    /// `HOST:PORT` with the port one higher.
    var onNextPort: String {
        guard let colon = lastIndex(of: ":"), let port = UInt16(self[index(after: colon)...]), port < .max else {
            return self
        }
        return "\(self[...colon])\(port + 1)"
    }
}
