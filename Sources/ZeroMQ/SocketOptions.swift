// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What a socket is told before it is bound or connected. Most of these libzmq heeds only for later connections, so they
// are one value given at creation. What must not be used with libzmq 4.3.4 (ZMTP heartbeats, XPUB_NODROP, CONFLATE,
// XPUB_MANUAL) is not here.

import CZeroMQ

/// Options of a new socket. Nil leaves libzmq's default.
public struct SocketOptions: Equatable, Sendable {
    /// TCP keepalive probes, which find a peer that vanished without a word.
    public struct TCPKeepalive: Equatable, Sendable {
        /// Silence before the first probe; whole seconds.
        public var idle: Duration
        /// Between probes; whole seconds.
        public var interval: Duration
        /// Probes without an answer until the connection counts as dead.
        public var count: Int

        /// Probes after `idle`, then every `interval`, `count` times.
        public init(idle: Duration, interval: Duration, count: Int) {
            self.idle = idle
            self.interval = interval
            self.count = count
        }
    }

    /// CurveZMQ (RFC 26): encryption, and proof that the peer holds a key.
    public enum Curve: Equatable, Sendable {
        /// For the side that binds. Who may connect is for the `ZAPHandler` to say, which is told the `zapDomain` (not
        /// empty); without a bound handler the socket cannot be made (`authenticatorMissing`).
        case server(secretKey: CurveSecretKey, zapDomain: String)
        /// For the side that connects: its own keys, and the only server it will talk to.
        case client(keys: CurveKeyPair, serverKey: CurvePublicKey)
    }

    /// Messages queued for each peer. At the limit a publisher drops, others make the sender wait. 0 is no limit.
    public var sendHighWaterMark: Int?
    /// Messages received and not read, for each peer; 0 is no limit.
    public var receiveHighWaterMark: Int?
    /// How long unsent messages outlive the socket; 0 unless set.
    public var linger: Duration?
    /// Bytes of the largest part accepted; a peer that sends more is disconnected. -1 is no limit.
    public var maxMessageSize: Int?
    /// Queue only to peers whose connection is complete; without any, sending waits.
    public var immediate: Bool?
    /// For the TCP connection to be made; 0 is the kernel's own limit.
    public var connectTimeout: Duration?
    /// Between attempts to connect again.
    public var reconnectInterval: Duration?
    /// Where the interval stops doubling; 0, the default, is no doubling.
    public var reconnectIntervalMax: Duration?
    /// How long sent bytes may stay unacknowledged until the connection counts as dead (TCP_USER_TIMEOUT).
    public var tcpMaxRetransmit: Duration?
    /// For the ZMTP handshake to be done.
    public var handshakeInterval: Duration?
    /// Probes of an idle connection.
    public var tcpKeepalive: TCPKeepalive?
    /// Whether IPv6 addresses are understood beside IPv4.
    public var ipv6: Bool?
    /// XPUB: hand up every subscription, not just the first to a prefix.
    public var xpubVerbose: Bool?
    /// ROUTER: a message to an unknown identity is an error (`hostUnreachable`), not silently dropped.
    public var routerMandatory: Bool?
    /// The identity this socket has at a router it connects to; 1 to 255 bytes, the first not 0.
    public var routingID: [UInt8]?
    /// For a blocking send; nil is forever.
    public var sendTimeout: Duration?
    /// For a blocking receive; nil is forever.
    public var receiveTimeout: Duration?
    /// Connections that may wait to be accepted.
    public var backlog: Int?
    /// Encryption; nil is none.
    public var curve: Curve?

    /// libzmq's defaults, but for linger, which is 0.
    public init() {}
}

extension SocketOptions {
    func apply(to handle: SocketHandle, in context: Context) throws(ZeroMQError) {
        let numbers: [(option: Int32, name: String, value: Int?)] = [
            (ZMQ_SNDHWM, "ZMQ_SNDHWM", sendHighWaterMark),
            (ZMQ_RCVHWM, "ZMQ_RCVHWM", receiveHighWaterMark),
            (ZMQ_LINGER, "ZMQ_LINGER", linger?.wholeMilliseconds),
            (ZMQ_IMMEDIATE, "ZMQ_IMMEDIATE", immediate?.number),
            (ZMQ_CONNECT_TIMEOUT, "ZMQ_CONNECT_TIMEOUT", connectTimeout?.wholeMilliseconds),
            (ZMQ_RECONNECT_IVL, "ZMQ_RECONNECT_IVL", reconnectInterval?.wholeMilliseconds),
            (ZMQ_RECONNECT_IVL_MAX, "ZMQ_RECONNECT_IVL_MAX", reconnectIntervalMax?.wholeMilliseconds),
            (ZMQ_TCP_MAXRT, "ZMQ_TCP_MAXRT", tcpMaxRetransmit?.wholeMilliseconds),
            (ZMQ_HANDSHAKE_IVL, "ZMQ_HANDSHAKE_IVL", handshakeInterval?.wholeMilliseconds),
            (ZMQ_TCP_KEEPALIVE, "ZMQ_TCP_KEEPALIVE", tcpKeepalive.map { _ in 1 }),
            (ZMQ_TCP_KEEPALIVE_IDLE, "ZMQ_TCP_KEEPALIVE_IDLE", tcpKeepalive?.idle.wholeSeconds),
            (ZMQ_TCP_KEEPALIVE_INTVL, "ZMQ_TCP_KEEPALIVE_INTVL", tcpKeepalive?.interval.wholeSeconds),
            (ZMQ_TCP_KEEPALIVE_CNT, "ZMQ_TCP_KEEPALIVE_CNT", tcpKeepalive?.count),
            (ZMQ_IPV6, "ZMQ_IPV6", ipv6?.number),
            (ZMQ_XPUB_VERBOSE, "ZMQ_XPUB_VERBOSE", xpubVerbose?.number),
            (ZMQ_ROUTER_MANDATORY, "ZMQ_ROUTER_MANDATORY", routerMandatory?.number),
            (ZMQ_SNDTIMEO, "ZMQ_SNDTIMEO", sendTimeout?.wholeMilliseconds),
            (ZMQ_RCVTIMEO, "ZMQ_RCVTIMEO", receiveTimeout?.wholeMilliseconds),
            (ZMQ_BACKLOG, "ZMQ_BACKLOG", backlog),
        ]
        for (option, name, value) in numbers {
            if let value { try handle.set(option, name, to: Int32(clamping: value)) }
        }
        if let maxMessageSize { try handle.set(ZMQ_MAXMSGSIZE, "ZMQ_MAXMSGSIZE", to: Int64(maxMessageSize)) }
        if let routingID { try handle.set(ZMQ_ROUTING_ID, "ZMQ_ROUTING_ID", to: routingID) }
        try curve?.apply(to: handle, in: context)
    }
}

extension SocketOptions.Curve {
    fileprivate func apply(to handle: SocketHandle, in context: Context) throws(ZeroMQError) {
        switch self {
        case .server(let secretKey, let zapDomain):
            guard context.authenticates else {
                throw ZeroMQError(
                    .authenticatorMissing, "set ZMQ_CURVE_SERVER",
                    text: "no ZAP handler is bound, so any key would be accepted")
            }
            precondition(!zapDomain.isEmpty, "a CURVE server needs a ZAP domain")
            try handle.set(ZMQ_ZAP_DOMAIN, "ZMQ_ZAP_DOMAIN", to: Array(zapDomain.utf8))
            try handle.set(ZMQ_CURVE_SERVER, "ZMQ_CURVE_SERVER", to: Int32(1))
            try handle.set(ZMQ_CURVE_SECRETKEY, "ZMQ_CURVE_SECRETKEY", to: secretKey.bytes)
        case .client(let keys, let serverKey):
            try handle.set(ZMQ_CURVE_SERVERKEY, "ZMQ_CURVE_SERVERKEY", to: serverKey.bytes)
            try handle.set(ZMQ_CURVE_PUBLICKEY, "ZMQ_CURVE_PUBLICKEY", to: keys.publicKey.bytes)
            try handle.set(ZMQ_CURVE_SECRETKEY, "ZMQ_CURVE_SECRETKEY", to: keys.secretKey.bytes)
        }
    }
}

extension Bool {
    fileprivate var number: Int { self ? 1 : 0 }
}

extension Duration {
    /// Rounded up, so that a short wait is never none; from 0 to what 32 bits hold.
    var wholeMilliseconds: Int {
        guard self > .zero else { return 0 }
        let (seconds, attoseconds) = components
        guard seconds < Int64(Int32.max) / 1000 else { return Int(Int32.max) }
        let perMillisecond: Int64 = 1_000_000_000_000_000
        return Int(seconds * 1000 + (attoseconds + perMillisecond - 1) / perMillisecond)
    }

    fileprivate var wholeSeconds: Int { (wholeMilliseconds + 999) / 1000 }
}
