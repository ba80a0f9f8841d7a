// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// A socket: made with its options, bound or connected, and closed when its owner lets go of it. Sending and receiving
// are in Socket+Messages.swift.

import CZeroMQ

/// A ZeroMQ socket. It belongs to one thread at a time, hence neither it nor what watches it is `Sendable`.
/// It closes itself; unsent messages live on for its linger time.
public struct Socket: ~Copyable {
    /// The messaging pattern.
    public enum Kind: Sendable {
        /// Publishes to its subscribers.
        case pub
        /// Receives what it subscribed to.
        case sub
        /// Publishes, and receives subscriptions as messages: a byte, 1 or 0, then the prefix.
        case xpub
        /// Asks and waits for the answer.
        case req
        /// Answers, one request at a time.
        case rep
        /// Sends to its peers in turn, takes from all.
        case dealer
        /// Names its peers: the first part of each message, in or out, is a peer's identity.
        case router
        /// Talks to exactly one other.
        case pair
    }

    let handle: SocketHandle

    /// Makes a socket that is neither bound nor connected.
    public init(
        _ kind: Kind, in context: Context, options: SocketOptions = SocketOptions()
    ) throws(ZeroMQError) {
        let handle = try context.makeSocket(kind)
        try options.apply(to: handle, in: context)
        self.handle = handle
    }

    deinit {
        handle.close()
    }

    /// Closes the socket now, which letting go of it does too.
    public consuming func close() {}

    /// Accepts peers on an endpoint such as `tcp://127.0.0.1:7601`, `tcp://[::]:7601`, `tcp://127.0.0.1:*`.
    /// - Returns: the endpoint in use, with its port.
    /// - Throws: `addressInUse`, `addressNotAvailable`, `accessDenied`, `invalidArgument`, `unsupportedProtocol`.
    @discardableResult
    public func bind(_ endpoint: String) throws(ZeroMQError) -> String {
        try Self.checkPort(of: endpoint, "bind")
        if zmq_bind(handle.pointer, endpoint) != 0 { throw .last("bind", on: endpoint) }
        return try lastEndpoint
    }

    /// Starts to connect, and to connect again whenever the connection breaks. Success says only that the endpoint
    /// reads well; a `SocketMonitor` tells the rest. Give numeric addresses: libzmq's resolver blocks its I/O thread.
    public func connect(_ endpoint: String) throws(ZeroMQError) {
        try Self.checkPort(of: endpoint, "connect")
        if zmq_connect(handle.pointer, endpoint) != 0 { throw .last("connect", on: endpoint) }
    }

    /// Stops accepting on an endpoint. Its name must be the one that `bind` returned.
    public func unbind(_ endpoint: String) throws(ZeroMQError) {
        if zmq_unbind(handle.pointer, endpoint) != 0 { throw .last("unbind", on: endpoint) }
    }

    /// Ends what `connect` began.
    public func disconnect(_ endpoint: String) throws(ZeroMQError) {
        if zmq_disconnect(handle.pointer, endpoint) != 0 { throw .last("disconnect", on: endpoint) }
    }

    /// SUB: receive messages whose first part begins with these bytes; none is everything. There is no way back: a
    /// subscription withdrawn and renewed loses messages, and the mesh keeps its topics fixed.
    public func subscribe(toPrefix prefix: some Sequence<UInt8>) throws(ZeroMQError) {
        try handle.set(ZMQ_SUBSCRIBE, "ZMQ_SUBSCRIBE", to: Array(prefix))
    }

    /// How long unsent messages outlive the socket.
    public func setLinger(_ linger: Duration) throws(ZeroMQError) {
        try handle.set(ZMQ_LINGER, "ZMQ_LINGER", to: Int32(clamping: linger.wholeMilliseconds))
    }

    /// The endpoint bound or connected last, with the port that a wildcard became.
    public var lastEndpoint: String {
        get throws(ZeroMQError) { try handle.text(ZMQ_LAST_ENDPOINT, "ZMQ_LAST_ENDPOINT") }
    }

    /// libzmq 4.3.4 takes a port modulo 65,536 and would bind 4464 for 70000.
    private static func checkPort(of endpoint: String, _ operation: String) throws(ZeroMQError) {
        guard endpoint.hasPrefix("tcp://"), let colon = endpoint.lastIndex(of: ":") else { return }
        let port = endpoint[endpoint.index(after: colon)...]
        if !port.isEmpty && port.allSatisfy({ $0.isASCII && $0.isNumber }) && UInt16(port) == nil {
            throw ZeroMQError(.invalidArgument, operation, on: endpoint, text: "a port is at most 65535")
        }
    }
}

extension Socket.Kind {
    var number: Int32 {
        switch self {
        case .pub: ZMQ_PUB
        case .sub: ZMQ_SUB
        case .xpub: ZMQ_XPUB
        case .req: ZMQ_REQ
        case .rep: ZMQ_REP
        case .dealer: ZMQ_DEALER
        case .router: ZMQ_ROUTER
        case .pair: ZMQ_PAIR
        }
    }
}
