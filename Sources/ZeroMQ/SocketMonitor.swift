// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What happens to a socket's connections: made, refused, broken, handshakes. Events carry no reason for a break;
// whoever needs to know whether a peer's process is gone must probe its port.

import CZeroMQ

/// One event in the life of a socket's connections.
public enum SocketEvent: Equatable, Sendable {
    /// A TCP connection to the endpoint is made; the handshake is still to come.
    case connected(endpoint: String, descriptor: Int32)
    /// The connection attempt did not finish at once.
    case connectDelayed(endpoint: String)
    /// The next attempt follows after `interval`.
    case connectRetried(endpoint: String, interval: Duration)
    /// The socket is bound.
    case listening(endpoint: String, descriptor: Int32)
    /// Binding again failed, with this errno value.
    case bindFailed(endpoint: String, number: Int32)
    /// A peer connected to the endpoint.
    case accepted(endpoint: String, descriptor: Int32)
    /// A peer could not be let in, with this errno value.
    case acceptFailed(endpoint: String, number: Int32)
    /// A connection attempt or a listener is given up.
    case closed(endpoint: String, descriptor: Int32)
    /// Giving it up failed, with this errno value.
    case closeFailed(endpoint: String, number: Int32)
    /// A connection broke. It may have been in the handshake still.
    case disconnected(endpoint: String, descriptor: Int32)
    /// The peer speaks ZMTP and, under CURVE, is who it claims: messages flow from here on.
    case handshakeSucceeded(endpoint: String)
    /// The handshake ended, with this errno value.
    case handshakeFailed(endpoint: String, number: Int32)
    /// The peer does not speak our protocol, has another mechanism or a wrong key; a `ZMQ_PROTOCOL_ERROR_…` value.
    case handshakeProtocolFailed(endpoint: String, number: Int32)
    /// The peer's ZAP handler refused us, with this status: 300, 400 or 500.
    case handshakeRefused(endpoint: String, status: Int32)
    /// An event of a later libzmq.
    case unknown(endpoint: String, event: UInt16, value: UInt32)
}

/// Watches one socket, on the socket's own thread. A socket has one monitor at a time.
///
/// Read it whenever a `Poller` says so: unread events are kept without limit, because libzmq's I/O threads would block
/// on a full queue.
public struct SocketMonitor: ~Copyable {
    /// The receiving end, for the poller.
    let events: Socket
    private let monitored: SocketHandle

    /// Starts to watch; earlier events are lost, so start before `bind` and `connect`.
    public init(_ socket: borrowing Socket, in context: Context) throws(ZeroMQError) {
        let monitored = socket.handle
        precondition(!monitored.isMonitored, "a socket has one monitor at a time")
        var options = SocketOptions()
        options.receiveHighWaterMark = 0
        let events = try Socket(.pair, in: context, options: options)
        let endpoint = context.uniqueMonitorEndpoint()
        // All but the farewell, which would be sent when nobody listens any more.
        if zmq_socket_monitor(monitored.pointer, endpoint, ZMQ_EVENT_ALL & ~ZMQ_EVENT_MONITOR_STOPPED) != 0 {
            throw .last("monitor", on: endpoint)
        }
        monitored.isMonitored = true
        do {
            try events.connect(endpoint)
        } catch {
            monitored.stopMonitoring()
            throw error
        }
        self.events = events
        self.monitored = monitored
    }

    deinit {
        monitored.stopMonitoring()
    }

    /// The next event, or nil when there is none yet.
    /// - Throws: `terminated`.
    public func next() throws(ZeroMQError) -> SocketEvent? {
        while let parts = try events.receiveParts(partsMax: 2) {
            if let event = SocketEvent(parts: parts) { return event }
        }
        return nil
    }
}

extension SocketEvent {
    /// From libzmq's two parts: 16 bits of event and 32 of value in the machine's byte order; the endpoint.
    /// Nil if they are anything else. `zmq_socket_monitor(3)`.
    init?(parts: [[UInt8]]) {
        guard parts.count == 2, parts[0].count == 6 else { return nil }
        let (event, bits) = parts[0].withUnsafeBytes {
            ($0.loadUnaligned(as: UInt16.self), $0.loadUnaligned(fromByteOffset: 2, as: UInt32.self))
        }
        let endpoint = String(decoding: parts[1], as: UTF8.self)
        let value = Int32(bitPattern: bits)
        self =
            switch Int32(event) {
            case ZMQ_EVENT_CONNECTED: .connected(endpoint: endpoint, descriptor: value)
            case ZMQ_EVENT_CONNECT_DELAYED: .connectDelayed(endpoint: endpoint)
            case ZMQ_EVENT_CONNECT_RETRIED: .connectRetried(endpoint: endpoint, interval: .milliseconds(value))
            case ZMQ_EVENT_LISTENING: .listening(endpoint: endpoint, descriptor: value)
            case ZMQ_EVENT_BIND_FAILED: .bindFailed(endpoint: endpoint, number: value)
            case ZMQ_EVENT_ACCEPTED: .accepted(endpoint: endpoint, descriptor: value)
            case ZMQ_EVENT_ACCEPT_FAILED: .acceptFailed(endpoint: endpoint, number: value)
            case ZMQ_EVENT_CLOSED: .closed(endpoint: endpoint, descriptor: value)
            case ZMQ_EVENT_CLOSE_FAILED: .closeFailed(endpoint: endpoint, number: value)
            case ZMQ_EVENT_DISCONNECTED: .disconnected(endpoint: endpoint, descriptor: value)
            case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: .handshakeSucceeded(endpoint: endpoint)
            case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL: .handshakeFailed(endpoint: endpoint, number: value)
            case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL: .handshakeProtocolFailed(endpoint: endpoint, number: value)
            case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH: .handshakeRefused(endpoint: endpoint, status: value)
            default: .unknown(endpoint: endpoint, event: event, value: bits)
            }
    }
}
