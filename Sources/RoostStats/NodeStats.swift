// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What a node says about itself once a second: the schema of the topic `stats.<node>`, described for readers in other
// languages in docs/protocol/stats.md. Gathering the values is the server's task, drawing them is RoostWatch's.

/// One report of one node.
///
/// The JSON has the same names in `snake_case`, units last (`timeMs` is `time_ms`). All integers are zero or more and
/// below 2^53, so that every JSON reader holds them exactly. Totals count from the start of this epoch and never fall;
/// what is per second, in percent or a quantile covers the interval since the previous report.
public struct NodeStats: Codable, Sendable, Equatable {
    /// Version of this schema: 1. It changes only when a field changes its meaning or goes away.
    public var schema: Int
    /// The node's name, unique in its cluster.
    public var node: String
    /// Which life of the node this is: a restarted node has a higher one.
    public var epoch: Int
    /// The node's wall clock when it took the report, in milliseconds since 1970-01-01 UTC.
    public var timeMs: Int
    /// How long this epoch has run, in milliseconds, by a clock that is never set.
    public var uptimeMs: Int
    /// The time that the report's rates and quantiles cover, in milliseconds: about 1,000.
    public var intervalMs: Int
    /// Whether clients can use the node.
    public var state: State
    /// The version of Roost that the node runs.
    public var version: String
    /// Where the node can be reached.
    public var addresses: Addresses
    /// Client connections.
    public var connections: Connections
    /// What the node knows of the whole cluster.
    public var roster: Roster
    /// Chat messages (PRIVMSG, NOTICE, TAGMSG).
    public var messages: Messages
    /// Bytes read from and written to clients.
    public var bytes: Bytes
    /// What the operating system says of the process.
    public var process: Process
    /// How long messages took.
    public var latency: Latencies
    /// Who and what this node turned away on the mesh and here; absent in reports of older versions.
    public var refusals: Refusals?
    /// Users whose node is down, and what is kept for them; absent in reports of older versions.
    public var holds: Holds?
    /// How long senders waited to see that another node has their message; absent in reports of older versions.
    public var echoes: Echoes?
    /// How streams and rosters were mended; absent in reports of older versions.
    public var repairs: Repairs?
    /// The other nodes that this one knows, sorted by node name.
    public var peers: [Peer]

    /// A report. See the properties for meaning and unit.
    public init(
        node: String, epoch: Int, timeMs: Int, uptimeMs: Int, intervalMs: Int, state: State, version: String,
        addresses: Addresses, connections: Connections, roster: Roster, messages: Messages, bytes: Bytes,
        process: Process, latency: Latencies, refusals: Refusals? = nil, holds: Holds? = nil,
        echoes: Echoes? = nil, repairs: Repairs? = nil, peers: [Peer]
    ) {
        self.schema = 1
        self.node = node
        self.epoch = epoch
        self.timeMs = timeMs
        self.uptimeMs = uptimeMs
        self.intervalMs = intervalMs
        self.state = state
        self.version = version
        self.addresses = addresses
        self.connections = connections
        self.roster = roster
        self.messages = messages
        self.bytes = bytes
        self.process = process
        self.latency = latency
        self.refusals = refusals
        self.holds = holds
        self.echoes = echoes
        self.repairs = repairs
        self.peers = peers
    }
}

extension NodeStats {
    /// The life of a node. An open set: a reader shows a state that it does not know as it stands.
    public struct State: RawRepresentable, Codable, Sendable, Hashable {
        /// Catching up with its peers; the client port is closed.
        public static let joining = State(rawValue: "joining")
        /// Accepts clients.
        public static let serving = State(rawValue: "serving")
        /// Leaves politely; accepts no new clients.
        public static let draining = State(rawValue: "draining")

        /// The word in the JSON.
        public var rawValue: String

        /// The state that `rawValue` names, known or not.
        public init(rawValue: String) { self.rawValue = rawValue }
    }

    /// Where a node can be reached, each `HOST:PORT` with IPv6 hosts in brackets, as others should dial it.
    public struct Addresses: Codable, Sendable, Equatable {
        /// IRC listeners.
        public var clients: [String]
        /// The mesh control port; absent when the node has no mesh.
        public var mesh: String?
        /// Where this report is published.
        public var stats: String?

        /// A node's addresses.
        public init(clients: [String], mesh: String? = nil, stats: String? = nil) {
            self.clients = clients
            self.mesh = mesh
            self.stats = stats
        }
    }

    /// Client connections of this node.
    public struct Connections: Codable, Sendable, Equatable {
        /// Open at the moment, registered or not.
        public var now: Int
        /// The most that were ever open together.
        public var peak: Int
        /// Accepted in all.
        public var accepted: Int
        /// Turned away in all: too many in all or from one address, a wrong password, a ban, a registration too slow.
        public var refused: Int

        /// Counts of connections.
        public init(now: Int = 0, peak: Int = 0, accepted: Int = 0, refused: Int = 0) {
            self.now = now
            self.peak = peak
            self.accepted = accepted
            self.refused = refused
        }
    }

    /// What the node knows of the whole cluster.
    public struct Roster: Codable, Sendable, Equatable {
        /// Users of all nodes, held ones included.
        public var users: Int
        /// Channels of all nodes.
        public var channels: Int
        /// A hash of the whole, in hexadecimal. Nodes in step show the same; under load two reports can differ because
        /// they were taken at different moments.
        public var digest: String

        /// Counts of what the roster holds.
        public init(users: Int = 0, channels: Int = 0, digest: String = "") {
            self.users = users
            self.channels = channels
            self.digest = digest
        }
    }

    /// Chat messages: PRIVMSG, NOTICE and TAGMSG.
    public struct Messages: Codable, Sendable, Equatable {
        /// Taken from this node's clients, in all; one for each target.
        public var accepted: Int
        /// Written to this node's clients, in all; one for each recipient.
        public var delivered: Int
        /// Accepted a second.
        public var acceptedPerSecond: Double
        /// Delivered a second.
        public var deliveredPerSecond: Double

        /// Counts of messages.
        public init(
            accepted: Int = 0, delivered: Int = 0, acceptedPerSecond: Double = 0, deliveredPerSecond: Double = 0
        ) {
            self.accepted = accepted
            self.delivered = delivered
            self.acceptedPerSecond = acceptedPerSecond
            self.deliveredPerSecond = deliveredPerSecond
        }
    }

    /// Bytes between this node and its clients, above TCP (and above TLS).
    public struct Bytes: Codable, Sendable, Equatable {
        /// Read from clients, in all.
        public var `in`: Int
        /// Handed to the kernel for clients, in all.
        public var out: Int

        /// Counts of bytes.
        public init(in received: Int = 0, out sent: Int = 0) {
            self.in = received
            self.out = sent
        }
    }

    /// What the operating system says of the process.
    public struct Process: Codable, Sendable, Equatable {
        /// Processor time used, user and system together, in seconds.
        public var cpuSeconds: Double
        /// Share of one core: 200 is two cores busy all the time.
        public var cpuPercent: Double
        /// Resident memory.
        public var memoryBytes: Int
        /// Threads of the process.
        public var threads: Int
        /// The longest that a piece of work waited for a client event loop or the mesh thread, in milliseconds.
        public var loopLagMs: Double

        /// A sample of the process.
        public init(
            cpuSeconds: Double = 0, cpuPercent: Double = 0, memoryBytes: Int = 0, threads: Int = 0,
            loopLagMs: Double = 0
        ) {
            self.cpuSeconds = cpuSeconds
            self.cpuPercent = cpuPercent
            self.memoryBytes = memoryBytes
            self.threads = threads
            self.loopLagMs = loopLagMs
        }
    }

    /// What was turned away at the sockets of the mesh and the statistics, in all.
    public struct Refusals: Codable, Sendable, Equatable {
        /// Strangers who wanted to connect: without a key of this cluster, or with one that does not open that socket.
        public var handshakes: Int
        /// Connections to other nodes that these did not want.
        public var links: Int
        /// Subscriptions to topics that do not exist.
        public var topics: Int
        /// Messages of other nodes that cannot be read.
        public var frames: Int

        /// Counts of what was turned away.
        public init(handshakes: Int = 0, links: Int = 0, topics: Int = 0, frames: Int = 0) {
            self.handshakes = handshakes
            self.links = links
            self.topics = topics
            self.frames = frames
        }
    }

    /// How long messages took to the clients of this node.
    public struct Latencies: Codable, Sendable, Equatable {
        /// Messages of this node's own clients: from the line being read to its bytes being handed to the kernel.
        public var local: Quantiles
        /// Messages of other nodes: from the origin's time stamp to delivery here. Includes the difference between the
        /// two machines' clocks.
        public var mesh: Quantiles

        /// The two kinds of latency.
        public init(local: Quantiles = Quantiles(), mesh: Quantiles = Quantiles()) {
            self.local = local
            self.mesh = mesh
        }
    }

    /// A distribution of times, in microseconds, within 1/32 of the true values. All are 0 while `count` is 0.
    public struct Quantiles: Codable, Sendable, Equatable {
        /// How many were measured.
        public var count: Int
        /// Half took at most this long.
        public var p50Us: Int
        /// Nine of ten took at most this long.
        public var p90Us: Int
        /// 99 of 100 took at most this long.
        public var p99Us: Int
        /// The longest, exact.
        public var maxUs: Int

        /// A distribution; see ``LatencyHistogram/quantiles``.
        public init(count: Int = 0, p50Us: Int = 0, p90Us: Int = 0, p99Us: Int = 0, maxUs: Int = 0) {
            self.count = count
            self.p50Us = p50Us
            self.p90Us = p90Us
            self.p99Us = p99Us
            self.maxUs = maxUs
        }
    }
}
