// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What a node is told at its start, and again when the configuration is reloaded. How it is written down is the
// business of RoostConfiguration.

import RoostModel
import RoostWire

/// The settings of one node.
public struct NodeSettings: Hashable, Sendable {
    /// An operator's account.
    public struct Operator: Hashable, Sendable {
        /// The name given to OPER.
        public var name: String
        /// The password, plain or as a crypt(3) hash.
        public var password: String
        /// The masks (`user@host`) that may use it; none means all.
        public var masks: [String]

        /// An operator's account.
        public init(name: String, password: String, masks: [String] = []) {
            self.name = name
            self.password = password
            self.masks = masks
        }
    }

    /// When a message counts as accepted, which its sender sees by its echo (DESIGN §2).
    public enum Acknowledgement: String, Hashable, Sendable, CaseIterable {
        /// When this node has it.
        case local
        /// When one other node that is up has it, or there is none.
        case one
    }

    /// Who may go on as a user whose node is down, before the hold is over (DESIGN §6.1, rule 4).
    public enum TakeOverPolicy: String, Hashable, Sendable, CaseIterable {
        /// Who is logged in to the user's account.
        case account
        /// That, and who has the same user name and host: not for people behind one address who distrust each other.
        case host
        /// Nobody.
        case off
    }

    /// Who the node is. Does not change in its life.
    public var node: NodeID
    /// Which life this is. Does not change in it.
    public var epoch: Epoch
    /// The name of the cluster.
    public var cluster: String
    /// Where peers reach this node; an empty mesh address where it has no mesh.
    public var address: NodeAddress
    /// Where peers may be found: `HOST:PORT`, numeric.
    public var seeds: [String]

    /// The one server name that clients of the whole cluster see.
    public var serverName: String
    /// What the server says it is.
    public var serverDescription: String
    /// The network's name (005 NETWORK).
    public var networkName: String
    /// The message of the day, line by line; empty for none.
    public var motd: [String]
    /// What ADMIN answers, line by line.
    public var admin: [String]
    /// The channel that newcomers join; nil for none.
    public var lobby: ChannelName?
    /// The password that connections must give, plain or as a crypt(3) hash; nil for none.
    public var password: String?
    /// The operators.
    public var operators: [Operator]
    /// When the process began, for 003.
    public var started: WallTime
    /// What the program calls itself (002, 004, VERSION).
    public var version: String

    /// When a message counts as accepted.
    public var acknowledge: Acknowledgement
    /// Who may take over a user who is held.
    public var takeOver: TakeOverPolicy

    /// The limits.
    public var limits: NodeLimits

    /// Settings for a node that stands alone, with defaults for all but its identity.
    public init(node: NodeID, epoch: Epoch) {
        self.node = node
        self.epoch = epoch
        cluster = "roost"
        address = NodeAddress(mesh: "", stats: "")
        seeds = []
        serverName = "roost.local"
        serverDescription = "Roost chat"
        networkName = "Roost"
        motd = []
        admin = []
        lobby = ChannelName("#lobby")
        password = nil
        operators = []
        started = WallTime(milliseconds: epoch.rawValue)
        version = "roost"
        acknowledge = .one
        takeOver = .host
        limits = NodeLimits()
    }
}

/// Every limit of the machine, with what happens at it. Those of sockets (line, send queue, flood, clients for each
/// address) stand with the front end, which keeps them.
public struct NodeLimits: Hashable, Sendable {
    /// The longest nick, in characters (005 NICKLEN). A longer one is refused with 432.
    public var nickLength = 30
    /// The longest user name, in characters (005 USERLEN). A longer one is cut.
    public var userLength = 18
    /// The longest host shown, in characters (005 HOSTLEN).
    public var hostLength = 63
    /// The longest real name, in bytes (005 NAMELEN). A longer one is cut.
    public var realNameLength = 150
    /// The longest channel name, in bytes (005 CHANNELLEN). A longer one is refused with 479.
    public var channelLength = 64
    /// The longest topic, in bytes (005 TOPICLEN). A longer one is cut.
    public var topicLength = 390
    /// The longest reason of KICK, PART, QUIT, in bytes (005 KICKLEN). A longer one is cut.
    public var reasonLength = 390
    /// The longest away message, in bytes (005 AWAYLEN). A longer one is cut.
    public var awayLength = 390
    /// The longest channel key, in bytes (005 KEYLEN). A longer one is refused.
    public var keyLength = 32
    /// The most channels that a user is in at once (005 CHANLIMIT). One more is refused with 405.
    public var channelsPerUser = 100
    /// The most targets of one command (005 MAXTARGETS, TARGMAX). More are refused with 407.
    public var targetsPerCommand = 20
    /// The most mode changes with a parameter in one line (005 MODES). The rest is ignored.
    public var modesPerLine = 12
    /// The most entries of all lists of a channel together (005 MAXLIST). One more is refused with 478.
    public var listEntriesPerChannel = 200
    /// The most nicks that a client watches (005 MONITOR). One more is refused with 734.
    public var monitorEntries = 100
    /// How many users WHOWAS remembers. The oldest is forgotten.
    public var whowasEntries = 1_000
    /// The most clients of this node; one more is sent ERROR and closed.
    public var clients = 50_000

    /// How long a claim waits for its peers' acknowledgements. After that it stands by what is known.
    public var claimWait = Duration.milliseconds(250)
    /// How long a node may be silent until it is suspect.
    public var suspectAfter = Duration.seconds(1)
    /// How long nobody may hear a node until it is down and its users are held.
    public var downAfter = Duration.seconds(3)
    /// How long the users of a node that is down are held until they are gone.
    public var hold = Duration.seconds(90)
    /// The most messages kept for a user who is held, and for the held members of a channel. One more is not kept, and
    /// its sender is told.
    public var keptMessages = 1_000
    /// The most bytes of messages that a node keeps for the held users of one other. One more message is not kept, and
    /// its sender is told.
    public var keptBytes = 32 << 20
    /// How often a node gives a sign of life.
    public var heartbeatInterval = Duration.milliseconds(250)
    /// How soon after new events a node reports them applied.
    public var acknowledgeAfter = Duration.milliseconds(5)
    /// How long the start waits for any peer to answer before the node serves alone.
    public var joinPatience = Duration.seconds(1)
    /// How long the start waits at most to be in step with peers that did answer.
    public var joinLimit = Duration.seconds(15)
    /// The age at which a gap in a stream is asked for.
    public var gapPatience = Duration.milliseconds(20)
    /// How many bytes of events one answer to a replay request holds, roughly; the asker asks again for the rest.
    public var replayBytes = 256 << 10
    /// How much of each stream a node keeps for replay, in bytes as on the wire, roughly.
    public var replayLogBytes = 64 << 20
    /// How long it keeps it.
    public var replayLogAge = Duration.seconds(600)
    /// The size of a chunk of a snapshot, in bytes.
    public var snapshotChunkBytes = 64 << 10
    /// How many chunks are on the way at once.
    public var snapshotCredit: UInt32 = 8
    /// The most frames kept for a stream that has a gap or no snapshot yet; above it they are let go, and asked for
    /// again.
    public var framesBuffered = 2_000
    /// The most bytes of those frames, roughly.
    public var bytesBuffered = 32 << 20
    /// How long a channel without members keeps its state, where it was not its last member who left it on purpose.
    public var emptyChannelKept = Duration.seconds(60)
    /// How far a peer's time of day may be from ours; one further away is refused.
    public var clockSkew = Duration.seconds(10)
    /// The most peers; one more is refused.
    public var peers = 32

    /// The defaults.
    public init() {}
}
