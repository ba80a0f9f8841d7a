// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// People at work on a simulated cluster, with everything that must hold checked as it happens. The same seed gives the
// same run, to the byte; `docs/simulator.md` tells how to replay one.

import RoostIRC
import RoostModel
import RoostNode
import RoostRoster

/// A run of a cluster under a random workload.
public struct Simulation: Sendable {
    private struct Person: Sendable {
        let id: SimulatedCluster.ClientID
        let node: Int
        var view = ClientView()
        var isThere = true
    }

    /// How long nothing is done before the nodes are compared.
    private static let quietTime = Duration.seconds(2)

    /// The seed.
    public let seed: UInt64
    /// How many deeds were done.
    public private(set) var steps = 0
    /// The hash of the run so far.
    public var trace: Trace { cluster.trace }
    /// How many clients there were.
    public var clientsSeen: Int { people.count }
    /// The last things that happened, newest last: what was done, and what was seen.
    public private(set) var recent: [String] = []

    private var cluster: SimulatedCluster
    private var workload: Workload
    private var people: [Person] = []
    private var deliveries: Deliveries
    /// How many deeds are done between two quiet times.
    private let stepsBetweenQuiets: Int
    /// What people are about to say to what they have seen.
    private var answers: [(number: Int, line: String)] = []

    /// A cluster of that many nodes, 1 to 20, not yet at work.
    public init(seed: UInt64, nodes: Int) {
        self.seed = seed
        var random = SeededRandom(seed: seed)
        let least = UInt64.random(in: 10...2_000, using: &random)
        let latencyMax = Duration.microseconds(Int64(UInt64.random(in: least...30_000, using: &random)))
        var settings = SimulatedCluster.settings(of: (1...nodes).map { "node\($0)" })
        stepsBetweenQuiets = Int.random(in: 20...400, using: &random)
        let hasLobby = Bool.random(using: &random)
        for index in settings.indices {
            settings[index].lobby = hasLobby ? ChannelName("#c0") : nil
            settings[index].operators = [.init(name: "root", password: "secret")]
            settings[index].limits.channelsPerUser = 5
        }
        cluster = SimulatedCluster(
            settings, seed: random.next(), latency: .microseconds(Int64(least))...latencyMax)
        workload = Workload(seed: random.next(), nodes: nodes)
        deliveries = Deliveries(latencyMax: latencyMax)
    }

    /// Lets people do so many things, and checks after each, and after every few hundred and at the end in a quiet time.
    public mutating func run(steps count: Int) throws(Violation) {
        cluster.run(for: .seconds(2))
        try observe()
        for _ in 0..<count {
            steps += 1
            try pass(workload.pause())
            for deed in workload.next(among: present) { perform(deed) }
            try observe()
            try NickUnique().check(present)
            if steps % stepsBetweenQuiets == 0 { try rest() }
        }
        try rest()
        try deliveries.finish()
    }

    /// Lets time pass in small parts, so that people answer to what they see.
    private mutating func pass(_ duration: Duration) throws(Violation) {
        var rest = duration
        while rest > .zero {
            cluster.run(for: min(rest, .milliseconds(1)))
            rest -= .milliseconds(1)
            try observe()
            answer()
        }
    }

    private var present: [(number: Int, view: ClientView)] {
        people.filter(\.isThere).map { ($0.id.number, $0.view) }
    }

    private mutating func rest() throws(Violation) {
        cluster.run(for: Self.quietTime)
        try observe()
        answers = []
        try RostersEqual().check(cluster.machines)
        for person in people where person.isThere {
            try ViewsTrue().check(person.id.number, person.view, at: cluster.machines[person.node])
        }
    }

    // MARK: Doing

    private mutating func perform(_ deed: Deed) {
        switch deed {
        case .connect(let node):
            let id = cluster.connect(to: node, host: "192.0.2.\(people.count % 8)")
            people.append(Person(id: id, node: node))
            remember("\(id) connects to \(cluster.machines[node].settings.node)")
            say("CAP REQ :echo-message multi-prefix", id.number)
            say("CAP END", id.number)
            say("NICK \(workload.nick())", id.number)
            say("USER u\(people.count % 3) 0 * :Somebody", id.number)
        case .drop(let number):
            remember("client \(number) loses its connection")
            cluster.drop(people[number].id, reason: "Connection reset by peer")
            depart(number, at: cluster.now.instant)
        case .say(let number, let line):
            say(line, number)
        case .tell(let number, let target, let isNotice):
            guard people[number].view.nick != nil else { return }
            let text = deliveries.send(from: number, to: target, at: cluster.now.instant)
            say("\(isNotice ? "NOTICE" : "PRIVMSG") \(target) :\(text)", number)
        }
    }

    private mutating func say(_ line: String, _ number: Int) {
        remember("client \(number)> \(line)")
        cluster.send(line, from: people[number].id)
    }

    private mutating func depart(_ number: Int, at instant: Instant) {
        guard people[number].isThere else { return }
        people[number].isThere = false
        deliveries.depart(number, at: instant)
    }

    // MARK: Seeing

    private mutating func observe() throws(Violation) {
        for (instant, sight) in cluster.takeSights() {
            switch sight {
            case .line(let client, let text):
                remember("\(client)< \(text)", at: instant)
                try see(text, client.number, at: instant)
            case .closed(let client):
                remember("\(client) is disconnected", at: instant)
                depart(client.number, at: instant)
            case .note(let node, let note):
                if case .digestMismatch(let peer, _, _) = note { try compare(node, peer) }
                try NothingAmiss().check(note, of: node)
            case .reload, .stopped:
                break
            }
        }
    }

    private mutating func answer() {
        let answers = answers
        self.answers = []
        for (number, line) in answers where people[number].isThere { say(line, number) }
    }

    /// Says in what two nodes differ that report that they do, where they have not moved on meanwhile.
    private func compare(_ node: NodeID, _ peer: NodeID) throws(Violation) {
        let pair = cluster.machines.filter { $0.settings.node == node || $0.settings.node == peer }
        guard pair.count == 2, pair[0].roster.vector == pair[1].roster.vector else { return }
        try RostersEqual().check(pair)
    }

    private mutating func see(_ text: String, _ number: Int, at instant: Instant) throws(Violation) {
        let line: IRCLine
        do {
            line = try IRCLine(parsing: text, limits: .fromServer)
        } catch {
            throw Violation(rule: "LinesLegal", detail: "client \(number) was sent \"\(text)\": \(error)")
        }
        try deliveries.see(line, by: number, knowing: people[number].view, at: instant)
        people[number].view.see(line)
        if let answer = answer(to: line, knowing: people[number].view) { answers.append((number, answer)) }
    }

    /// What an operator of a channel says to what somebody else does there.
    private mutating func answer(to line: IRCLine, knowing view: ClientView) -> String? {
        guard let name = line.parameters.first.map({ ChannelName($0) }), view.operated.contains(name),
            let sender = line.sender, sender != view.nick
        else { return nil }
        switch line.command {
        case "JOIN": return workload.welcome(of: sender, to: name)
        case "MODE" where line.parameters.count == 3 && line.parameters[1] == "+b":
            return workload.pardon(of: line.parameters[2], in: name)
        default: return nil
        }
    }

    private mutating func remember(_ happening: String, at instant: Instant? = nil) {
        recent.append("\((instant ?? cluster.now.instant).nanoseconds / 1_000) \(happening)")
        if recent.count > 400 { recent.removeFirst(200) }
    }
}
