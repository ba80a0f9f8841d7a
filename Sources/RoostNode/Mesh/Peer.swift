// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What a node knows of one of its peers, and when something is due about it.

import RoostModel
import RoostRoster
import RoostWire

/// Another node.
struct Peer: Sendable {
    /// How far we have come with its stream.
    enum Stage: Hashable, Sendable {
        /// It lives anew, and what is left of its earlier life is being asked for of others, until then.
        case finishing(Life, until: Instant)
        /// Its sign of life was heard and HELLO sent; events are kept until WELCOME tells where to begin.
        case greeting
        /// Its snapshot is on the way; events are kept until it is merged.
        case fetching
        /// Its stream is applied as it comes.
        case following
    }

    /// What is made of its silence (DESIGN §8).
    enum Health: Hashable, Sendable {
        /// Heard of late.
        case up
        /// Not heard of late, by nobody.
        case suspect
        /// Not heard of late by us, but by another peer.
        case unreachable
        /// Given up, or left; its users are held.
        case down
    }

    /// The link to it; nil where it is known through others only.
    var link: LinkID?
    /// Its life.
    var epoch: Epoch
    /// Where it is reached.
    var address: NodeAddress
    /// How far we have come with its stream.
    var stage = Stage.greeting
    /// What is made of its silence.
    var health = Health.up
    /// When anything of it was last heard; nil where nothing of this life ever was.
    var lastHeard: Instant?
    /// When it was last heard, by us or by another peer.
    var lastEvidence: Instant
    /// Whether it said goodbye.
    var hasLeft = false
    /// When its port refused a connection last; nil where it has been heard since.
    var refusedAt: Instant?
    /// When it was given up last.
    var downAt: Instant?
    /// Whether operators have been told that we are in step with it.
    var isAnnounced = false
    /// Its last event, as far as it or others have told.
    var highest: UInt64 = 0
    /// Whether its signs of life say that it is in step with this life of ours.
    var isInStepWithUs = false
    /// How far it has applied each stream, by its last report.
    var applied = Vector()
    /// How far its deliveries have come in each stream, by its last report.
    var delivered = Vector()
    /// How far it has applied lives that are over and whose users are held, by its last sign of life.
    var formerLives: [Life: UInt64] = [:]
    /// The life that it had before, and how far its deliveries had come then, by its last report.
    var former: (life: Life, delivered: Vector)?

    /// Runs of events that wait for those before them or for a snapshot, in order of their first event. None is empty.
    var waiting: [[Event]] = []
    /// About the bytes of those events.
    var waitingBytes = 0
    /// Since when events before the waiting ones, or the last ones, have been missing.
    var gapSince: Instant?
    /// When they were last asked for.
    var askedAt: Instant?
    /// How often they were asked for without an answer.
    var attempts = 0
    /// Until when its stream waits for another that a take-over names.
    var stalledUntil: Instant?
    /// The event that it has waited for in vain.
    var notAwaited: EventID?
    /// The peers that have not answered yet what they have of its earlier life.
    var tailAwaited: Set<NodeID> = []

    /// The number of the last request for its snapshot.
    var snapshotRequest: UInt32 = 0
    /// The chunks of its snapshot so far.
    var chunks: [[UInt8]] = []
    /// A snapshot that waits until the streams that we follow have come as far as it.
    var snapshot: Snapshot?
    /// How long it may wait.
    var snapshotDeadline: Instant?
    /// Since when its digest has differed from ours at equal vectors; nil where it does not.
    var mismatchSince: Instant?

    /// How many events of ours it has acknowledged, its own stream being applied here as far as it was then.
    var confirmed: UInt64 = 0
    /// Acknowledgements that wait for its stream: so many events of ours, at that number of its own.
    var unconfirmed: [(ours: UInt64, theirs: UInt64)] = []

    /// What was counted.
    var counters = PeerCounters()

    /// Whether its process is known to be no more.
    var isGone: Bool { hasLeft || refusedAt != nil }
    /// Whether its stream is applied as it comes.
    var isFollowed: Bool { stage == .following }
    /// Whether it is there and speaks to us.
    var isAnswering: Bool { health != .down && lastHeard != nil }
    /// Whether it can be asked for something now.
    var isReachable: Bool { health == .up && link != nil && lastHeard != nil }

    /// How far the deliveries of a life of a peer had come by its last report; nil where it is none that is known here.
    func delivered(in life: Life) -> Vector? {
        if life.epoch == epoch { return delivered }
        return former?.life == life ? former?.delivered : nil
    }

    /// Takes in how far it has come. Where it went on to the next life of a node, it had come so far in the one before.
    mutating func note(_ report: Acknowledgement) {
        for (node, position) in applied.positions where report.applied[node].map({ $0.epoch > position.epoch }) ?? false
        {
            formerLives[Life(node: node, epoch: position.epoch)] = position.sequence
        }
        applied = report.applied
        delivered = report.delivered
    }

    /// How far its deliveries have come, as far as it has told.
    var report: DeliveryReport { DeliveryReport(delivered: delivered, formerLives: formerLives) }

    /// The last report of a life that is over has come.
    mutating func noteDelivered(_ vector: Vector, in life: Life) {
        if life.epoch == epoch {
            delivered = vector
        } else if former?.life == life {
            former?.delivered = vector
        }
    }

    /// When something must be done about it.
    func nextDeadline(_ limits: NodeLimits) -> Instant? {
        var next: Instant?
        func consider(_ instant: Instant?) {
            guard let instant else { return }
            next = min(next ?? instant, instant)
        }
        if let gapSince, stage == .following { consider(repairDue(since: gapSince, limits)) }
        if stage == .fetching { consider(snapshotDeadline) }
        if case .finishing(_, let until) = stage { consider(until) }
        consider(stalledUntil)
        return next
    }

    /// When a gap is asked for, again or first. The wait grows with each attempt without answer.
    func repairDue(since: Instant, _ limits: NodeLimits) -> Instant {
        guard let askedAt else { return health == .up && link != nil ? since + limits.gapPatience : since }
        return askedAt + limits.gapPatience * (5 * min(attempts, 10))
    }
}

/// How far the deliveries of a node have come.
struct DeliveryReport: Sendable {
    /// In the present life of each node.
    var delivered = Vector()
    /// How far the lives before were applied there, where that was told.
    var formerLives: [Life: UInt64] = [:]

    /// Whether an event was delivered, if it was a message for a client there.
    func covers(_ event: EventID) -> Bool {
        if let position = delivered[event.node], position.epoch > event.epoch, let last = formerLives[event.life] {
            return event.sequence <= last
        }
        return delivered.covers(event)
    }
}

/// What is counted of a peer.
public struct PeerCounters: Hashable, Sendable {
    /// Events of its stream that were applied.
    public var eventsApplied: UInt64 = 0
    /// Gaps seen in its stream.
    public var gaps: UInt64 = 0
    /// Events of its stream that were replayed to us.
    public var replayed: UInt64 = 0
    /// Those of them that came from another peer than itself.
    public var replayedByOthers: UInt64 = 0
    /// Events of its stream that were skipped, since nobody had them any more.
    public var skipped: UInt64 = 0
    /// Times that its roster was found to differ from ours at equal vectors.
    public var mismatches: UInt64 = 0
    /// Snapshots of it that were merged.
    public var snapshots: UInt64 = 0
    /// Frames of it that could not be read.
    public var malformed: UInt64 = 0
    /// The time that a question and its answer took last; nil before the first answer.
    public var roundTrip: Duration?
}
