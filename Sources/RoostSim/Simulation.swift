// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// People at work on a simulated cluster that is ill-treated, with everything checked that must hold. The same seed gives
// the same run, to the byte; `docs/simulator.md` tells how to replay one.

import RoostIRC
import RoostModel
import RoostNode
import RoostRoster
import RoostWire

/// A run of a cluster under a random workload and random faults.
///
/// Phase one: people do things and faults come and go; what must hold at every moment is checked at every moment. Phase
/// two: faults end, people settle, and after a stated time everything must have come right.
public struct Simulation: Sendable {
    /// From the first heartbeat heard both ways until all nodes must agree (DESIGN §2, P5).
    static let convergence = Duration.seconds(2)
    /// From the end of all faults until each node must have heard each other: TCP's keepalive of 5 s may have to find out
    /// that a connection leads nowhere.
    static let contact = Duration.milliseconds(6_500)
    /// How long the nodes of a cluster may take for what they do together, such as deciding on a nick.
    static let settling = Duration.milliseconds(2_500)
    /// How long an event may be on its way before all must have it. A node that finds out late that another is down says
    /// so at any moment, the moment before a check at rest too.
    static let arrival = Duration.milliseconds(500)
    /// From the end of a hold until those who were held are forgotten.
    static let forgetting = Duration.seconds(20)

    /// The seed.
    public let seed: UInt64
    /// How many deeds were done.
    public private(set) var steps = 0
    /// The hash of the run so far.
    public var trace: Trace { cluster.trace }
    /// How many people there were, and how many connections they made.
    public var counts: (people: Int, connections: Int) { (people.count, owners.count) }
    /// The faults that this seed has.
    public var faultKinds: [FaultKind] { FaultKind.allCases.filter { plan.kinds.contains($0) } }
    /// How many faults there were.
    public internal(set) var faultCount = 0
    /// How many messages were followed, and how many of them were accepted.
    public var messageCounts: (sent: Int, accepted: Int) {
        (messages.all.count, messages.all.values.count { $0.acceptedAt != nil })
    }
    /// The last things that happened, newest last: what was done, and what was seen.
    public internal(set) var recent: [String] = []
    /// How many of them are kept, at least.
    public var recentMin = 100
    /// The rules that are watched. All, unless a test is after one.
    public var watched = Set(Rule.allCases)

    var cluster: SimulatedCluster
    var workload: Workload
    var plan: FaultPlan
    var faults = FaultState()
    /// The limits of all nodes.
    let limits: NodeLimits
    var nextFault: Instant?
    var random: SeededRandom

    var people: [Person] = []
    /// The person behind each client, by the client's number.
    var owners: [Int] = []
    var stays: [[Stay]] = []
    /// The users of whom their nodes have said that they left.
    var seenOff: Set<UserID> = []
    /// Users whom an operator has asked to be disconnected: by whatever node they are at when it hears of that.
    var killed: Set<UserID> = []
    /// The user that was last introduced for each person, and by which event.
    var introduced: [Int: (user: UserID, event: EventID)] = [:]
    var messages = Messages()
    var senderOrder = SenderOrder()
    var deliveredOnce = DeliveredOnce()
    /// How many deaths of nodes have been taken in.
    private var deathsSeen = 0
    /// How much of what was published has been taken in.
    var publishedSeen = 0
    /// What people are about to say to what they have seen.
    var answers: [(number: Int, line: String)] = []
    /// When somebody last lost its node; nil where nobody did.
    var lastLoss: Instant?
    /// When somebody last did something.
    var lastDeed = Instant(nanoseconds: 0)
    /// How many deeds are done between two quiet times, where nothing goes wrong.
    private let stepsBetweenQuiets: Int

    /// A cluster of that many nodes, 1 to 20, not yet at work.
    ///
    /// - Parameters:
    ///   - faults: the kinds of faults that may happen. Each seed chooses among them.
    ///   - sabotage: what is done wrong on purpose, for a rule to see.
    public init(
        seed: UInt64, nodes: Int, faults allowed: Set<FaultKind> = Set(FaultKind.allCases),
        sabotage kind: Sabotage.Kind? = nil
    ) {
        self.seed = seed
        var random = SeededRandom(seed: seed)
        let least = UInt64.random(in: 10...2_000, using: &random)
        var delays = Delays(
            mesh: .microseconds(Int64(least))
                ... .microseconds(Int64(UInt64.random(in: least...30_000, using: &random))))
        delays.handOver = .microseconds(10) ... .microseconds(Int64(UInt64.random(in: 20...4_000, using: &random)))
        delays.client = .microseconds(10) ... .microseconds(Int64(UInt64.random(in: 20...2_000, using: &random)))
        var settings = SimulatedCluster.settings(of: (1...nodes).map { "node\($0)" })
        // A node that stands alone publishes nothing.
        if nodes == 1 { settings[0].address.mesh = "127.0.0.1:7600" }
        let addresses = settings.map(\.address.mesh)
        stepsBetweenQuiets = Int.random(in: 20...400, using: &random)
        // Never shorter than a fault lasts.
        let hold = Duration.seconds(Int.random(in: 20...90, using: &random))
        var limits = NodeLimits()
        // Some runs have little room, so that what happens at the limits happens.
        if Int.random(in: 0..<3, using: &random) == 0 {
            limits.framesBuffered = Int.random(in: 3...40, using: &random)
            limits.bytesBuffered = Int.random(in: 1_000...20_000, using: &random)
        }
        if Int.random(in: 0..<6, using: &random) == 0 {
            limits.keptMessages = Int.random(in: 1...20, using: &random)
            limits.keptBytes = Int.random(in: 1_000...20_000, using: &random)
        }
        limits.hold = hold
        limits.channelsPerUser = 5
        self.limits = limits
        let sabotage = kind.map { Sabotage($0) }
        let hasLobby = Bool.random(using: &random)
        for index in settings.indices {
            settings[index].lobby = hasLobby ? ChannelName("#c0") : nil
            settings[index].operators = [.init(name: "root", password: "secret")]
            settings[index].limits = limits
            settings[index].seeds = addresses.filter { $0 != settings[index].address.mesh }
            sabotage?.tamper(with: &settings[index])
        }
        cluster = SimulatedCluster(settings, seed: random.next(), delays: delays)
        cluster.sabotage = sabotage
        plan = FaultPlan(seed: random.next(), nodes: nodes, allowed: allowed)
        workload = Workload(seed: random.next(), nodes: nodes)
        for (node, clock) in plan.clocks.enumerated() {
            cluster.setClock(of: node, offset: clock.offset, drift: clock.drift)
        }
        self.random = SeededRandom(seed: random.next())
    }

    /// How things stand with each node, in words: how far it has come, and what it makes of the others.
    public var conditions: [String] {
        cluster.machines.enumerated().map { place, machine in
            let applied = machine.applied.sorted.map { "\($0.node)/\($0.position.epoch):\($0.position.sequence)" }
            let peers = machine.statistics.peers.map { "\($0.node) \($0.state)" }
            let state = "\(cluster.processes[place].state)"
            return "\(machine.settings.node) is \(state), at \(applied.joined(separator: " "));"
                + " \(peers.joined(separator: ", "))"
        }
    }

    // MARK: The run

    /// Lets people do so many things while faults come and go, then ends all faults and sees whether everything comes
    /// right.
    public mutating func run(steps count: Int) throws(Violation) {
        try pass(.seconds(2))
        cluster.lossPerMillion = plan.lossPerMillion
        cluster.highWaterMark = plan.highWaterMark
        // Where things go wrong, people take as long as the faults do.
        let pace = plan.isSound ? 1 : max(1, Int(plan.span / (workload.meanPause * count)))
        nextFault = plan.pause().map { cluster.now.instant + $0 }
        for _ in 0..<count {
            steps += 1
            try pass(workload.pause() * pace)
            for deed in workload.next(among: present) { perform(deed) }
            try observe()
            try demand(.memoryBounded) { () throws(Violation) in
                for machine in cluster.machines { try MemoryBounded(limits: limits).check(machine) }
            }
            if plan.isSound, steps % stepsBetweenQuiets == 0 { try rest() }
        }
        try makePeace()
        try rest()
        try outliveHolds()
        try demand(.nothingLost) { () throws(Violation) in
            try NothingLost().finish(
                messages, stays: stays, people: people, in: cluster, isSound: plan.isSound,
                isRoomy: limits.keptMessages == NodeLimits().keptMessages)
        }
    }

    /// Those who are there, as the workload knows them.
    private var present: [(number: Int, view: ClientView)] {
        people.filter(\.isThere).map { ($0.number, $0.view) }
    }

    /// Ends all faults, lets people come back to their nodes, and waits until each node has heard each other.
    private mutating func makePeace() throws(Violation) {
        nextFault = nil
        try pass(.seconds(1))
        faults.endAll(in: &cluster, reviving: Bool.random(using: &random))
        cluster.lossPerMillion = 0
        cluster.overflows = [:]
        cluster.highWaterMark = 1_024
        remember("all faults are over")
        let peace = cluster.now.instant
        while let (deaf, mute) = strangers(since: peace) {
            try pass(.milliseconds(20))
            guard cluster.now.instant - peace > Self.contact else { continue }
            return try demand(.networkHeals) { () throws(Violation) in
                throw Violation(
                    rule: .networkHeals,
                    detail: "node\(deaf + 1) has not heard node\(mute + 1), \(Self.contact) after the last fault:"
                        + " it has \(cluster.machines[deaf].statistics.peers.map { "\($0.node) \($0.state)" }), and"
                        + " no answer of \(cluster.machines[deaf].statistics.unanswered)")
            }
        }
    }

    /// Two nodes of which the first has not heard the second since then; nil where all have heard all.
    private func strangers(since peace: Instant) -> (Int, Int)? {
        let running = cluster.machines.indices.filter { cluster.isRunning($0) }
        for one in running {
            for other in running where one != other {
                if cluster.heartbeats[one]?[other] ?? peace <= peace { return (one, other) }
            }
        }
        return nil
    }

    /// Lets everybody come to rest, and sees whether everything is right.
    private mutating func rest() throws(Violation) {
        answers = []
        let limit = cluster.now.instant + .seconds(20)
        while people.contains(where: { $0.isAway || $0.isThere && ($0.view.nick == nil || $0.placesDue != nil) }),
            cluster.now.instant < limit
        {
            try pass(.milliseconds(20))
        }
        lastDeed = cluster.now.instant
        while cluster.now.instant - lastDeed < Self.convergence { try pass(.milliseconds(20), isQuiet: true) }
        try letArrive()
        try checkAtRest()
    }

    /// Waits until what nodes published in the last moments has arrived, not for nodes that go on publishing; and until a
    /// hold that is over by the clock of one node is over by those of all.
    private mutating func letArrive() throws(Violation) {
        let limit = cluster.now.instant + Self.convergence
        while let last = cluster.published.last?.at, cluster.now.instant - last < Self.arrival,
            cluster.now.instant < limit
        {
            try pass(.milliseconds(20), isQuiet: true)
        }
        guard holdsDiffer else { return }
        let clockLimit = cluster.now.instant + plan.clockDifferenceMax + Self.arrival
        while holdsDiffer, cluster.now.instant < clockLimit { try pass(.milliseconds(20), isQuiet: true) }
        // What clients are told of that is on its way.
        try pass(Self.arrival, isQuiet: true)
    }

    /// Whether some running nodes take other holds to be over than others do.
    private var holdsDiffer: Bool {
        let running = cluster.machines.indices.filter { cluster.isRunning($0) }
        return Set(running.map { cluster.machines[$0].roster.hiddenLives }).count > 1
    }

    private mutating func checkAtRest() throws(Violation) {
        let running = cluster.machines.indices.filter { cluster.isRunning($0) }
        try demand(.rostersEqual) { () throws(Violation) in
            try RostersEqual().check(running.map { cluster.machines[$0] })
        }
        try demand(.viewsTrue) { () throws(Violation) in
            for person in people where person.isThere {
                try ViewsTrue().check(person.number, person.view, at: cluster.machines[person.node])
            }
        }
        try demand(.nickUnique) { () throws(Violation) in try NickUnique().check(people) { _, _ in false } }
        try demand(.noPowerGained) { () throws(Violation) in
            let powers = NoPowerGained(cluster.published)
            for place in running {
                try powers.check(cluster.machines[place]) { cluster.knows($0, at: place) }
            }
        }
        try demand(.noGhost) { () throws(Violation) in
            try NoGhost(canBeHeld: lastLoss != nil).check(people, in: cluster)
        }
    }

    /// Waits until nobody is held any more, where somebody was, and sees whether everything is right then.
    private mutating func outliveHolds() throws(Violation) {
        guard let lost = lastLoss else { return }
        let end = lost + limits.hold + plan.clockDifferenceMax + Self.forgetting
        while cluster.now.instant < end { try pass(.milliseconds(500), isQuiet: true) }
        lastLoss = nil
        for person in people where !person.isThere { forsake(person.number) }
        settleForsaken()
        try letArrive()
        try checkAtRest()
    }

    // MARK: Time

    /// Lets time pass in small parts, so that people answer to what they see, and faults come and go.
    mutating func pass(_ duration: Duration, isQuiet: Bool = false) throws(Violation) {
        let end = cluster.now.instant + duration
        while cluster.now.instant < end {
            let slice = Duration.milliseconds(isQuiet ? 20 : plan.isSound ? 1 : 2)
            cluster.run(for: min(end - cluster.now.instant, slice))
            try observe()
            if cluster.deaths > deathsSeen {
                deathsSeen = cluster.deaths
                forgetUnknownStays()
                reviewHolds()
                // Users may be held, too, whose people had left the node while it stood still.
                if people.contains(where: { !$0.hasLeftStanding.isEmpty }) { lastLoss = cluster.now.instant }
            }
            moveFaults()
            if !isQuiet { try movePeople() }
        }
    }

    private mutating func moveFaults() {
        if let over = faults.next, over <= cluster.now.instant {
            for happening in faults.end(in: &cluster) { remember(happening) }
        }
        guard let due = nextFault, due <= cluster.now.instant else { return }
        nextFault = plan.pause().map { cluster.now.instant + $0 }
        guard let (fault, duration) = plan.next() else { return }
        let isForGood = fault.isDeath && plan.staysDown()
        if let happening = faults.begin(fault, for: isForGood ? .seconds(1_000) : duration, in: &cluster) {
            faultCount += 1
            remember(happening)
        }
    }

    // MARK: Rules

    /// Checks a rule, where it is watched.
    func demand(_ rule: Rule, _ check: () throws(Violation) -> Void) throws(Violation) {
        if watched.contains(rule) { try check() }
    }

    /// Whether two nodes may disagree on what they must decide together: something is wrong with one of them or between
    /// them, or was until just now, or frames are lost all the time.
    func areApart(_ one: Int, _ other: Int) -> Bool {
        if one == other || plan.isSound { return false }
        guard plan.lossPerMillion == 0, let calm = faults.calmSince(one, other) else { return true }
        return cluster.now.instant - calm < Self.settling
    }

    mutating func remember(_ happening: String, at instant: Instant? = nil) {
        recent.append("\((instant ?? cluster.now.instant).nanoseconds / 1_000) \(happening)")
        if recent.count > 2 * recentMin { recent.removeFirst(recentMin) }
    }
}
