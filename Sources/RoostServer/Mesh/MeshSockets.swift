// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The sockets of the mesh (DESIGN §7 and §10), all of which belong to the mesh thread: how they are made, bound and
// connected. What goes through them is the business of `MeshThread`.

import RoostKeys
import RoostModel
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
    /// Bytes of the largest part of a message. A peer that sends a larger one is disconnected by libzmq.
    static let messageBytesMax = 1 << 20

    static func mesh(linger: Duration, _ curve: Curve?) -> SocketOptions {
        var options = SocketOptions()
        options.sendHighWaterMark = batchesQueued
        options.receiveHighWaterMark = batchesQueued
        options.linger = linger
        options.maxMessageSize = messageBytesMax
        options.connectTimeout = .milliseconds(1_000)
        options.reconnectInterval = .milliseconds(50)
        options.tcpMaxRetransmit = .milliseconds(3_000)
        options.handshakeInterval = .milliseconds(5_000)
        options.tcpKeepalive = TCPKeepalive(idle: .seconds(5), interval: .seconds(2), count: 3)
        options.ipv6 = true
        options.curve = curve
        return options
    }

    /// For what is bound and publishes.
    static func publisher(_ curve: Curve?) -> SocketOptions {
        var options = mesh(linger: .milliseconds(500), curve)
        options.xpubVerbose = true
        return options
    }
}

/// A socket that this node binds, and what happens to its connections. A class, since what is optional is awkward to
/// borrow.
final class BoundEnd {
    let socket: Socket
    let monitor: SocketMonitor

    /// Binds it.
    init(
        _ kind: Socket.Kind, on endpoint: String, options: SocketOptions, in context: Context
    ) throws(ZeroMQError) {
        socket = try Socket(kind, in: context, options: options)
        monitor = try SocketMonitor(socket, in: context)
        try socket.bind(endpoint)
    }
}

/// The sockets that this node binds.
struct BoundSockets {
    /// Those with an address.
    private(set) var ends: [BoundSocket: BoundEnd] = [:]

    /// Our stream, to every peer; nil where the node has no mesh.
    var stream: BoundEnd? { ends[.stream] }
    /// The requests of our peers; nil where the node has no mesh.
    var control: BoundEnd? { ends[.control] }
    /// The statistics, to whoever may read them; nil where the node publishes none.
    var stats: BoundEnd? { ends[.stats] }

    /// Binds what has an address; encrypted, where there are keys.
    ///
    /// - Throws: the first that cannot be bound, with its address.
    init(_ addresses: MeshAddresses, keys: ClusterKeys?, in context: Context) throws(ZeroMQError) {
        let mesh = keys?.server(in: .mesh)
        if let address = addresses.control {
            var options = SocketOptions.mesh(linger: .milliseconds(500), mesh)
            options.routerMandatory = true
            ends[.control] = try BoundEnd(.router, on: "tcp://\(address)", options: options, in: context)
            let stream = "tcp://\(address.onNextPort)"
            ends[.stream] = try BoundEnd(.xpub, on: stream, options: .publisher(mesh), in: context)
        }
        if let address = addresses.stats {
            let options = SocketOptions.publisher(keys?.server(in: .stats))
            ends[.stats] = try BoundEnd(.xpub, on: "tcp://\(address)", options: options, in: context)
        }
    }
}

/// One of our two sockets to a peer: a class, since a dictionary cannot hold what is not copyable.
final class LinkEnd {
    let socket: Socket
    let monitor: SocketMonitor
    /// How its connection does.
    var health: LinkHealth

    /// Connects to an endpoint. libzmq goes on trying.
    init(
        _ kind: Socket.Kind, to endpoint: String, options: SocketOptions, in context: Context, at now: Instant
    ) throws(ZeroMQError) {
        socket = try Socket(kind, in: context, options: options)
        monitor = try SocketMonitor(socket, in: context)
        health = LinkHealth(at: now)
        if kind == .sub {
            for topic in Topic.allCases { try socket.subscribe(toPrefix: [topic.rawValue]) }
        }
        try socket.connect(endpoint)
    }
}

/// Our sockets to one peer.
struct LinkSockets {
    /// The peer's stream. One socket for each peer, so that the socket tells the origin.
    let stream: LinkEnd
    /// Questions to the peer, and its answers.
    let control: LinkEnd

    /// Connects to a peer; encrypted, where there are keys.
    init(to address: NumericAddress, keys: ClusterKeys?, in context: Context, at now: Instant) throws(ZeroMQError) {
        stream = try LinkEnd(
            .sub, to: address.streamEndpoint, options: .mesh(linger: .zero, keys?.client), in: context, at: now)
        var options = SocketOptions.mesh(linger: .milliseconds(500), keys?.client)
        options.immediate = true
        control = try LinkEnd(.dealer, to: address.controlEndpoint, options: options, in: context, at: now)
    }
}

extension String {
    /// `HOST:PORT` with the port one higher.
    fileprivate var onNextPort: String {
        guard let colon = lastIndex(of: ":"), let port = UInt16(self[index(after: colon)...]), port < .max else {
            return self
        }
        return "\(self[...colon])\(port + 1)"
    }
}
