// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What a node is told before it starts: plain values, all of them valid. The initial values here are the defaults;
// what each key is called, what it allows and what it means stands once, in `ConfigurationKeys.swift`.

import RoostKeys

/// The whole configuration of one node.
public struct Configuration: Sendable, Equatable {
    /// Who the node is and where it keeps its files.
    public var node = Node()
    /// What the node writes to its log.
    public var log = Log()
    /// How the cluster presents itself to clients; the same on every node.
    public var server = Server()
    /// What ADMIN answers.
    public var admin = Admin()
    /// Where clients connect. Never empty.
    public var listeners = [Endpoint(host: "127.0.0.1", port: 6667)]
    /// How client connections share threads.
    public var threads = Threads.auto
    /// The channel that every newcomer joins; empty for none.
    public var lobby = "#lobby"
    /// What PASS must carry, plain or as a crypt(3) hash; empty when none is asked for.
    public var password = ""
    /// Who may become an operator with OPER.
    public var operators: [Operator] = []
    /// The links to other nodes.
    public var mesh = Mesh()
    /// What becomes of users whose node is down.
    public var hold = Hold()
    /// The published statistics.
    public var stats = Stats()
    /// How long clients may be silent or slow.
    public var timeouts = Timeouts()
    /// How much of anything one client, channel or node may have.
    public var limits = Limits()

    /// The defaults: a single node on 127.0.0.1:6667.
    public init() {}
}

extension Configuration {
    /// Who the node is and where it keeps its files.
    public struct Node: Sendable, Equatable {
        /// The node's name in the mesh, the stats and WHOIS for operators: 1 to 12 of `a-z 0-9 - _ .`.
        public var name = "node"
        /// Where the node keeps its epoch. An absolute path, or relative to the working directory.
        public var dataDirectory = "data/node"
    }

    /// What the node writes to its log.
    public struct Log: Sendable, Equatable {
        /// The least level that is written.
        public var level = LogLevel.info
        /// Text for people or JSON for collectors.
        public var format = LogFormat.text
    }

    /// Levels as in swift-log, from the most talkative to the most silent.
    public enum LogLevel: String, Sendable, CaseIterable {
        case trace, debug, info, notice, warning, error, critical
    }

    /// How a line of the log is written.
    public enum LogFormat: String, Sendable, CaseIterable {
        case text, json
    }

    /// How the cluster presents itself to clients.
    public struct Server: Sendable, Equatable {
        /// The one server name that clients see for the whole cluster.
        public var name = "roost.local"
        /// The text beside the server name in WHOIS and LINKS.
        public var description = "A Roost chat network"
        /// `NETWORK` in 005.
        public var network = "Roost"
        /// The message of the day, lines separated by `\n`; empty when there is none.
        public var motd = ""
        /// Where `motd` is to be read from; empty once that is done.
        public var motdFile = ""
    }

    /// What ADMIN answers; an empty field is left out.
    public struct Admin: Sendable, Equatable {
        /// Where the server is or who runs it.
        public var location = ""
        /// More of the same.
        public var details = ""
        /// Whom to write to.
        public var email = ""
    }

    /// How client connections share threads.
    public enum Threads: Sendable, Equatable {
        /// One event loop for every two cores.
        case auto
        /// This many event loops.
        case count(Int)
        /// A thread of its own for every connection, which ends with it.
        case perClient
    }

    /// One who may become an operator.
    public struct Operator: Sendable, Equatable {
        /// The first parameter of OPER.
        public var name = ""
        /// The second parameter of OPER, plain or as a crypt(3) hash.
        public var password = ""
        /// Masks on `user@host` of which one must fit; empty when any host will do.
        public var hosts: [String] = []

        /// An operator known by name and password.
        public init(name: String = "", password: String = "", hosts: [String] = []) {
            self.name = name
            self.password = password
            self.hosts = hosts
        }
    }

    /// When a message counts as accepted, which its sender sees by its echo.
    public enum Acknowledge: String, Sendable, CaseIterable {
        /// When its node has it.
        case local
        /// When another node that is up has it, or there is none.
        case one
    }

    /// Who may go on as a user whose node is down.
    public enum TakeOver: String, Sendable, CaseIterable {
        /// Who is logged in to the same account.
        case account
        /// That, and who has the same user name and host.
        case host
        /// Nobody.
        case off
    }

    /// What becomes of users whose node is down.
    public struct Hold: Sendable, Equatable {
        /// How long they are held.
        public var time = Duration.seconds(90)
        /// Who may take their place.
        public var takeOver = TakeOver.host
        /// Messages kept for each, and for the held members of each channel.
        public var messages = 1_000
        /// Bytes of messages kept for the users of one node.
        public var bytes = 32 << 20
    }

    /// The links to other nodes.
    public struct Mesh: Sendable, Equatable {
        /// The control port; the events port is one above it. Nil for a node without peers.
        public var listen: Endpoint?
        /// What the node tells others to connect to; the same as `listen` unless it was set.
        public var advertise: Endpoint?
        /// Control ports of other nodes to begin with; one is enough, the rest are learned.
        public var peers: [Endpoint] = []
        /// Nodes of another cluster are refused.
        public var cluster = "roost"
        /// The file that the secret was read from; empty when it came from elsewhere.
        public var secretFile = ""
        /// What all nodes of the cluster share and nobody else knows; nil for a cluster that is not encrypted.
        public var secret: ClusterSecret?
        /// A peer that nobody has heard for so long is down.
        public var downAfter = Duration.seconds(3)
        /// When a message counts as accepted.
        public var acknowledge = Acknowledge.one
        /// The longest wait for peers to acknowledge a claim on a nick.
        public var claimWait = Duration.milliseconds(250)
        /// Events that may wait for the mesh thread; at the limit reading from clients pauses.
        public var queueEvents = 65_536
        /// Bytes that may wait for the mesh thread; at the limit reading from clients pauses.
        public var queueBytes = 64 << 20
        /// Bytes of its stream that a node keeps for repair; the oldest go first.
        public var replayBytes = 64 << 20
        /// Age of the oldest events that a node keeps for repair.
        public var replayAge = Duration.seconds(600)
    }

    /// The published statistics.
    public struct Stats: Sendable, Equatable {
        /// Where they are published; nil when they are off. Two above the mesh's control port unless it was set.
        public var listen: Endpoint?
        /// Time from one report to the next.
        public var interval = Duration.seconds(1)
    }

    /// How long clients may be silent or slow.
    public struct Timeouts: Sendable, Equatable {
        /// A client silent for so long is sent a PING.
        public var pingInterval = Duration.seconds(90)
        /// A client that then stays silent for so long is disconnected.
        public var pingTimeout = Duration.seconds(60)
        /// A connection that has not registered by then is closed.
        public var registration = Duration.seconds(30)
    }

    /// How much of anything one client, channel or node may have. What happens at each limit is told with its key.
    public struct Limits: Sendable, Equatable {
        /// Bytes of a nick (`NICKLEN`).
        public var nickLength = 30
        /// Bytes of a channel name, its prefix included (`CHANNELLEN`).
        public var channelLength = 64
        /// Bytes of a topic (`TOPICLEN`).
        public var topicLength = 390
        /// Bytes of an away message (`AWAYLEN`).
        public var awayLength = 390
        /// Bytes of the reason in a KICK (`KICKLEN`).
        public var kickLength = 390
        /// Channels that one user may be in (`CHANLIMIT`).
        public var channelsPerUser = 100
        /// Targets of one command (`TARGMAX`).
        public var targets = 20
        /// Entries of all list modes of a channel together (`MAXLIST`).
        public var listEntries = 200
        /// Nicks that one client may monitor (`MONITOR`).
        public var monitorEntries = 100
        /// Users who left that a node remembers.
        public var whowasEntries = 1_000
        /// Bytes that may wait to be sent to one client.
        public var sendQueueBytes = 1 << 20
        /// Bytes read from one client that may wait to be handled.
        public var receiveQueueBytes = 64 << 10
        /// Lines read from one client that may wait to be handled.
        public var receiveQueueLines = 256
        /// Connections to this node.
        public var clients = 10_000
        /// Connections to this node from one address; nil for no limit.
        public var clientsPerAddress: Int? = 128
        /// Connections that may wait to be accepted.
        public var backlog = 4_096
        /// Lines a second that one client may send in the long run; nil for no limit.
        public var floodRate: Int?
        /// Lines that one client may send at once after a silence.
        public var floodBurst = 20
    }
}
