// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// One node of the cluster, whole and pure: its clients, the roster, its stream and its peers. This file holds the state
// and the way in; what is done with each kind of input stands in the folders beside it.

import RoostIRC
import RoostModel
import RoostRoster
import RoostWire

/// The machine of one node. It has no clock, no sockets, no threads and no randomness of its own: inputs go in, effects
/// come out, and the same inputs at the same moments give the same effects.
///
/// Legal order: `started` first. For a client: `clientConnected`, then lines, then `clientLost` once at most; after the
/// effect `disconnect` the machine knows the connection no more and ignores what still comes of it. For a link: after
/// the effect `openLink`, anything, until the effect `closeLink`. A moment is never before the one of the step before.
public struct Node: Sendable {
    /// What the node was told at its start or at the last reload.
    public internal(set) var settings: NodeSettings
    /// All users, nicks, channels and memberships of the cluster, as this node knows them.
    public internal(set) var roster = Roster()

    /// The lines of 005.
    var support: [Reply]

    /// The moment of the step that runs.
    var now = Moment(instant: Instant(nanoseconds: 0), wall: WallTime(milliseconds: 0))
    /// What the step that runs has ordered so far.
    var effects = NodeEffects()
    /// Stamps events. Never behind what a peer has stamped.
    var clock: HybridClock
    /// The number of the last event published.
    var sequence: UInt64 = 0
    /// The last events of each stream, for replay.
    var logs: [Life: EventLog] = [:]

    /// The clients, registered or not.
    var clients: [ConnectionID: Client] = [:]
    /// The connections of our users.
    var connections: [UserID: ConnectionID] = [:]
    /// The connections of our users in each channel that has any.
    var audiences: [ChannelName: Audience] = [:]
    /// Claims that wait for the peers' acknowledgements, by claim.
    var pendingClaims: [EventID: PendingClaim] = [:]
    /// Not after the earliest of their deadlines; nil where none waits.
    var nextClaimDeadline: Instant?
    /// Clients that wait until it is known whether the node of the user whose nick they want is down, and since when.
    var takeOversWaiting: [ConnectionID: Instant] = [:]
    /// The client that goes on as the user of the take-over that is being published.
    var takingOver: ConnectionID?
    /// What clients did, which waits until this node has caught up with the others.
    var deferred: [NodeInput] = []
    /// Clients of users who were lost while this node stood still, as long as others may have these users.
    var farewells: [ConnectionID: Farewell] = [:]
    /// Who watches which nick (MONITOR), by its folded form.
    var watchers: [String: Set<ConnectionID>] = [:]
    /// How users were seen who have left.
    var formerPrefixes = FormerPrefixes()
    /// Users who have left, newest last (WHOWAS).
    var whowas: [FormerUser] = []
    /// When each user last said something, for WHOIS; from when the user appeared until it leaves.
    var lastSpoke: [UserID: Instant] = [:]
    /// The channels that somebody can be seen in.
    var populatedChannels: Set<ChannelName> = []
    /// How many of the visible users are invisible to WHO (`+i`), and how many are network operators.
    var tallies = (invisible: 0, operators: 0)
    /// The channels without visible members that have not been ended, and since when.
    var emptyChannels: [ChannelName: Instant] = [:]

    /// What is kept for users who are held, by the life that held them.
    var mail: [Life: KeptMail] = [:]
    /// Messages from before our logs begin that a peer had not reported delivered: for its users, if it is down.
    var inherited: [Event] = []
    /// What other nodes are about to hand to users whom they took over.
    var handed: [UserID: HandedMail] = [:]
    /// What the nodes that users were at before reported delivered, where it has not all come to where they are yet.
    var seenElsewhere: [UserID: Vector] = [:]
    /// Echoes that wait until another node has their message, in order of it.
    var echoes: [WaitingEcho] = []
    /// The last event of ours that any other node has.
    var accepted: UInt64 = 0
    /// How many batches were begun, which numbers them.
    var batchCount: UInt64 = 0
    /// The batch that what is announced belongs to.
    var currentBatch: String?

    /// When the roster was last rid of what need not be remembered.
    var lastCollected = Instant(nanoseconds: 0)

    /// What this node knows of its peers.
    var mesh = Mesh()
    /// Whether clients are accepted.
    public internal(set) var isServing = false
    /// Whether the node is about to end.
    public internal(set) var isDraining = false
    /// What was counted for the statistics.
    public internal(set) var counters = NodeCounters()

    /// A node that has not started.
    public init(settings: NodeSettings) {
        self.settings = settings
        support = settings.support
        clock = HybridClock(after: HybridTime(wall: WallTime(milliseconds: settings.epoch.rawValue)))
    }

    /// Takes in what happened, and orders what follows from it.
    public mutating func step(_ input: NodeInput, at now: Moment, into effects: inout NodeEffects) {
        self.now = now
        swap(&self.effects, &effects)
        defer { swap(&self.effects, &effects) }
        notePause()
        if !input.isOfClient || !defers(input) { receive(input) }
        catchUp()
    }

    /// Takes in what happened, now.
    mutating func receive(_ input: NodeInput) {
        switch input {
        case .started: start()

        case .clientConnected(let connection, let host): connect(connection, host: host)
        case .lineReceived(let connection, let line): receive(line, from: connection)
        case .lineRefused(let connection, let error): refuse(error, from: connection)
        case .clientLost(let connection, let reason): drop(connection, reason: reason)
        case .passwordChecked(let connection, let purpose, let matches):
            passwordChecked(for: connection, purpose, matches: matches)

        case .linkConnected(let link): linkConnected(link)
        case .linkDisconnected(let link): linkDisconnected(link)
        case .probeAnswered(let link, let isRefused): probeAnswered(link, isRefused: isRefused)
        case .subscriberArrived: publishHeartbeat()
        case .eventsReceived(let link, let frame): receive(frame, on: link)
        case .acknowledgementReceived(let link, let report): receive(report, on: link)
        case .heartbeatReceived(let link, let heartbeat): receive(heartbeat, on: link)
        case .controlReceived(let source, let frame): receive(frame, from: source)
        case .frameRefused(let link, let reason): refuseFrame(on: link, reason: reason)
        case .delivered(let vector): reportDelivered(vector)

        case .deadlineReached: deadlineReached()
        case .settingsReloaded(let settings): reload(settings)
        case .shutdownRequested(let reason): shutDown(reason: reason)
        }
    }

    /// When `deadlineReached` is due next, whatever happens before.
    public var nextDeadline: Instant? {
        var next = mesh.nextHeartbeat
        func consider(_ instant: Instant?) {
            guard let instant else { return }
            next = min(next ?? instant, instant)
        }
        consider(mesh.acknowledgementDue)
        if !isDraining { consider(mesh.joinDeadline(settings.limits)) }
        consider(mesh.catchingUpUntil ?? nextClaimDeadline)
        for peer in mesh.peers.values { consider(peer.nextDeadline(settings.limits)) }
        return next
    }

    private mutating func start() {
        mesh.startedAt = now.instant
        mesh.nextHeartbeat = now.instant
        openSeeds()
        serveIfReady()
    }

    private mutating func deadlineReached() {
        beat()
        acknowledgeIfDue()
        finishTails()
        resumeStreams()
        watchSnapshots()
        serveIfReady()
        // Any of the above may have found out that something is missing.
        repairStreams()
        if let due = nextClaimDeadline, now.instant >= due { settleClaims() }
    }

    private mutating func reload(_ settings: NodeSettings) {
        var settings = settings
        // Who the node is does not change in its life.
        (settings.node, settings.epoch, settings.started) = (
            self.settings.node, self.settings.epoch, self.settings.started
        )
        // Its sockets stay where they are, and its frames say what they said.
        (settings.cluster, settings.address) = (self.settings.cluster, self.settings.address)
        self.settings = settings
        support = settings.support
        openSeeds()
    }

    private mutating func shutDown(reason: String) {
        guard !isDraining else { return }
        isDraining = true
        mesh.deliveredMax = mesh.deliveredMax ?? roster.vector
        for connection in clients.keys.sorted() {
            closeClient(connection, error: reason)
        }
        publish(.nodeLeft(reason: reason))
        publishHeartbeat()
        effects.append(.stop)
    }
}

/// What a node counts for its statistics.
public struct NodeCounters: Hashable, Sendable {
    /// Messages taken from clients, each target counted.
    public var messagesAccepted: UInt64 = 0
    /// How often each command was used.
    public var commands: [String: UInt64] = [:]
    /// The most users of this node seen at once.
    public var localUsersPeak = 0
    /// The most users of the cluster seen at once.
    public var clusterUsersPeak = 0
    /// How long echoes waited until another node had their message.
    public var echoWaits = EchoWaits()
    /// Users whom this node took over.
    public var takeOvers: UInt64 = 0
}
