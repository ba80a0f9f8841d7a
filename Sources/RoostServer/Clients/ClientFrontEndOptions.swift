// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What the front end is told at its start: plain values. How they are written down is the configuration's business.

/// Where clients connect, how they share threads, and their limits.
public struct ClientFrontEndOptions: Hashable, Sendable {
    /// How client connections share threads.
    public enum Threads: Hashable, Sendable {
        /// One event loop for every two cores.
        case auto
        /// This many event loops, at least 1.
        case count(Int)
        /// A thread of its own for each connection, which ends with it.
        case perClient
    }

    /// Where to listen.
    public struct Address: Hashable, Sendable {
        /// A name, or a numeric IPv4 or IPv6 address. Of a name, all its addresses are listened on.
        public var host: String
        /// 0 for any free port.
        public var port: Int

        /// That port on that host.
        public init(host: String, port: Int) {
            self.host = host
            self.port = port
        }
    }

    /// Where to listen; at least one.
    public var addresses: [Address]
    /// How client connections share threads.
    public var threads: Threads
    /// What PING carries.
    public var serverName: String
    /// The limits.
    public var limits: ClientLimits

    /// Those options.
    public init(
        addresses: [Address], threads: Threads = .auto, serverName: String, limits: ClientLimits = ClientLimits()
    ) {
        self.addresses = addresses
        self.threads = threads
        self.serverName = serverName
        self.limits = limits
    }
}

/// Every limit of client sockets, with what happens at it. Those of nicks, channels and so on stand with the machine,
/// those of a line with its grammar.
public struct ClientLimits: Hashable, Sendable {
    /// Connections in all, or as many as the process may have descriptors for. One more is sent ERROR and closed.
    public var clients = 10_000
    /// Connections from one address; nil for no limit. One more is sent ERROR and closed.
    public var clientsPerAddress: Int? = 128
    /// Connections that may wait to be accepted. The system drops more.
    public var backlog = 4_096
    /// Bytes that may wait to be sent to one client. Above it the client is closed ("SendQ exceeded").
    public var sendQueueBytes = 1 << 20
    /// Bytes of whole lines that one client may have waiting to be handled. At it, reading from the client pauses. What
    /// was being read (4,096 bytes at most) still comes.
    public var receiveQueueBytes = 64 << 10
    /// Lines that one client may have waiting to be handled. At it, reading pauses likewise.
    public var receiveQueueLines = 256
    /// How fast one client may send; nil for no limit. Lines above it wait in the receive queue.
    public var flood: FloodLimit?
    /// How long a connection may take to register. After that it is closed.
    public var registrationTimeout = Duration.seconds(30)
    /// How long a client may be silent until it is sent a PING.
    public var pingInterval = Duration.seconds(90)
    /// How long it may then stay silent. After that it is closed ("Ping timeout").
    public var pingTimeout = Duration.seconds(60)
    /// How long a connection that is to be closed has to take what is queued for it and to close its own end. After
    /// that it is cut.
    public var closePatience = Duration.seconds(5)

    /// The defaults.
    public init() {}
}

/// How fast a client may send lines: a token bucket.
public struct FloodLimit: Hashable, Sendable {
    /// Lines a second in the long run, at least 1.
    public var linesPerSecond: Int
    /// Lines at once after a silence, at least 1.
    public var burst: Int
    /// Waiting lines at which the client is closed ("Excess Flood"); nil to let it wait as long as it likes.
    public var excessLines: Int?

    /// Those bounds.
    public init(linesPerSecond: Int, burst: Int, excessLines: Int? = nil) {
        self.linesPerSecond = linesPerSecond
        self.burst = burst
        self.excessLines = excessLines
    }
}
