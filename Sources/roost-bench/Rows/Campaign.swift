// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Carries out rows: builds each row's clients, runs its load, and puts what came of it into a measurement. Every row
// has clients, nicks and channels of its own, and begins when the server has come to rest.

/// The rows of one program run against one server.
struct Campaign {
    let settings: Settings
    let server: ServerProcesses
    /// Counts the fleets made so far, so that no two share nicks.
    private var fleets = 0

    init(settings: Settings, server: ServerProcesses) {
        self.settings = settings
        self.server = server
    }

    /// The single measurements that a row stands for, in order.
    func steps(of row: Row) -> [Step] {
        switch row {
        case .memory: [.memory(clients: settings.clients ?? 5_000)]
        case .memoryRemote: [.memoryRemote(users: settings.clients ?? 18_000)]
        case .registrations: [.registrations(clients: settings.clients ?? 5_000)]
        case .channel:
            (settings.window.map { [$0] } ?? [8, 64])
                .map { .channel(members: settings.clients ?? 1_000, window: $0) }
        case .rooms: [.rooms(count: settings.rooms, members: 10, window: settings.window ?? 1)]
        case .private: pairs.map { .pairs($0, across: false) }
        case .privateAcross: pairs.map { .pairs($0, across: true) }
        case .openLoop: [.openLoop(pairs[0], across: false)]
        case .openLoopAcross: [.openLoop(pairs[0], across: true)]
        case .silent: [.silent(settings.silent, talkers: settings.clients ?? 20)]
        case .burst: [.burst(window: settings.window ?? 20_000)]
        }
    }

    /// Measures one step once.
    mutating func measure(_ step: Step) throws(BenchFailure) -> Measurement {
        switch step {
        case .memory(let clients): try memory(clients)
        case .memoryRemote(let users): try memoryRemote(users)
        case .registrations(let clients): try registrations(clients)
        case .channel(let members, let window):
            try fanOut(channels: 1, members: members, speakers: min(8, members, window), window: window)
        case .rooms(let count, let members, let window):
            try fanOut(channels: count, members: members, speakers: members, window: members * window)
        case .pairs(let pairs, let across): try self.pairs(pairs, across: across)
        case .openLoop(let pairs, let across): try openLoop(pairs, across: across)
        case .silent(let silent, let talkers): try self.silent(silent, talkers: talkers)
        case .burst(let window): try burst(window: window)
        }
    }

    /// Numbers of pairs that the private rows measure in turn; the open loop takes the first.
    private var pairs: [Int] { settings.clients.map { [max(1, $0 / 2)] } ?? [50, 1] }

    private mutating func fleet(
        on endpoints: [Endpoint], receiveBytes: Int32? = nil
    ) throws(BenchFailure) -> Fleet {
        var fleet = try Fleet(
            endpoints: endpoints, names: NickNames(run: settings.run, row: fleets), settings: settings,
            receiveBytes: receiveBytes)
        fleets += 1
        try fleet.rest(server)
        return fleet
    }

    private mutating func memory(_ clients: Int) throws(BenchFailure) -> Measurement {
        var fleet = try fleet(on: settings.targets)
        // The first clients pay for what the server sets up once.
        try fleet.register(100)
        try fleet.rest(server)
        let meter = try Meter(server)
        let before = try server.residentBytes()
        try fleet.register(clients)
        try fleet.rest(server)
        let after = try server.residentBytes()
        let bytes = after > before ? Double(after - before) / Double(clients) : 0
        var measurement = Measurement(try meter.stop(completed: clients))
        if !server.isEmpty { measurement.cost = Figure(bytes, "bytes each") }
        return measurement
    }

    /// What the first node needs to know the users of the second.
    private mutating func memoryRemote(_ users: Int) throws(BenchFailure) -> Measurement {
        let first = try ServerProcesses(named: [], listeningOn: [settings.targets[0].port])
        var witness = try fleet(on: [settings.targets[0]])
        try witness.register(1)
        var fleet = try fleet(on: [settings.targets[1]])
        // The first users pay for what a node sets up once.
        try fleet.register(1_000)
        try fleet.rest(server)
        let meter = try Meter(first)
        let before = try first.residentBytes()
        try fleet.register(users)
        try fleet.rest(server)
        let after = try first.residentBytes()
        var measurement = Measurement(try meter.stop(completed: users))
        try witness.meet((0..<users + 1_000).map { fleet.nick($0) })
        let bytes = after > before ? Double(after - before) / Double(users) : 0
        if !first.isEmpty { measurement.cost = Figure(bytes, "bytes each") }
        return measurement
    }

    private mutating func registrations(_ clients: Int) throws(BenchFailure) -> Measurement {
        var fleet = try fleet(on: settings.targets)
        let meter = try Meter(server)
        try fleet.register(clients)
        let outcome = try meter.stop(completed: clients)
        var latencies = Latencies()
        for handshake in fleet.handshakes { latencies.record(handshake) }
        var measurement = Measurement(outcome, latencies: latencies)
        measurement.rate = outcome.rate(of: "clients/s")
        measurement.cost = outcome.microsecondsEach
        return measurement
    }

    private mutating func fanOut(
        channels: Int, members: Int, speakers: Int, window: Int
    ) throws(BenchFailure) -> Measurement {
        var fleet = try fleet(on: settings.targets)
        let names = NickNames(run: settings.run, row: fleets)
        try fleet.register(channels * members)
        try fleet.join { names.channel($0 / members) }
        try fleet.rest(server)
        var load = FanOut(
            channels: (0..<channels).map(names.channel), members: members, speakers: speakers, window: window,
            bodyLength: settings.bodyLength)
        let outcome = try fleet.run(&load, of: server)
        var measurement = Measurement(outcome, latencies: load.latencies, ledger: load.ledger)
        measurement.rate = outcome.rate(of: "deliveries/s")
        measurement.cost = outcome.perProcessorSecond
        return measurement
    }

    private mutating func pairs(_ pairs: Int, across: Bool) throws(BenchFailure) -> Measurement {
        var fleet = try pairedFleet(pairs, across: across)
        var load = PingPong(nicks: (0..<2 * pairs).map { fleet.nick($0) }, bodyLength: settings.bodyLength)
        let outcome = try fleet.run(&load, of: server)
        var measurement = Measurement(outcome, latencies: load.latencies, ledger: load.ledger)
        measurement.rate = outcome.rate(of: "round trips/s")
        measurement.cost = outcome.perProcessorSecond
        return measurement
    }

    private mutating func openLoop(_ pairs: Int, across: Bool) throws(BenchFailure) -> Measurement {
        var fleet = try pairedFleet(pairs, across: across)
        var load = OpenLoop(
            nicks: (0..<2 * pairs).map { fleet.nick($0) }, rate: settings.openLoopRate,
            bodyLength: settings.bodyLength)
        let outcome = try fleet.run(&load, of: server)
        var measurement = Measurement(outcome, latencies: load.latencies, ledger: load.ledger)
        measurement.rate = outcome.rate(of: "messages/s")
        measurement.cost = outcome.microsecondsEach
        return measurement
    }

    /// Others talk while some read nothing, and the server must let go of these.
    private mutating func silent(_ silent: Int, talkers: Int) throws(BenchFailure) -> Measurement {
        var fleet = try fleet(on: [settings.targets[0]])
        let channel = NickNames(run: settings.run, row: fleets).channel(0)
        try fleet.register(talkers)
        // What the system keeps for them is not the server's.
        var deaf = try self.fleet(on: [settings.targets[0]], receiveBytes: 4_096)
        try deaf.register(silent)
        try deaf.join { _ in channel }
        try fleet.join { _ in channel }
        var load = ChannelLoop(
            channel: channel, members: talkers, rate: settings.openLoopRate, bodyLength: settings.bodyLength)
        let outcome = try fleet.run(&load, of: server)
        try deaf.expectClosed()
        var measurement = Measurement(outcome, latencies: load.latencies, ledger: load.ledger)
        measurement.rate = outcome.rate(of: "deliveries/s")
        measurement.cost = outcome.perProcessorSecond
        return measurement
    }

    private mutating func burst(window: Int) throws(BenchFailure) -> Measurement {
        var fleet = try fleet(on: [settings.targets[0]])
        try fleet.register(2)
        var load = Burst(to: fleet.nick(1), window: window, bodyLength: settings.bodyLength)
        let outcome = try fleet.run(&load, of: server)
        var measurement = Measurement(outcome, ledger: load.ledger)
        measurement.rate = outcome.rate(of: "messages/s")
        measurement.cost = outcome.perProcessorSecond
        return measurement
    }

    private mutating func pairedFleet(_ pairs: Int, across: Bool) throws(BenchFailure) -> Fleet {
        var fleet = try fleet(on: Array(settings.targets.prefix(across ? 2 : 1)))
        try fleet.register(2 * pairs)
        try fleet.meet { $0 ^ 1 }
        try fleet.rest(server)
        return fleet
    }
}

/// One line of the table.
enum Step {
    case memory(clients: Int)
    case memoryRemote(users: Int)
    case registrations(clients: Int)
    case channel(members: Int, window: Int)
    case rooms(count: Int, members: Int, window: Int)
    case pairs(Int, across: Bool)
    case openLoop(Int, across: Bool)
    case silent(Int, talkers: Int)
    case burst(window: Int)

    func title(rate: Int) -> String {
        switch self {
        case .memory(let clients): "idle clients, \(clients.grouped)"
        case .memoryRemote(let users): "users of another node, \(users.grouped)"
        case .registrations(let clients): "registrations, \(clients.grouped)"
        case .channel(let members, let window): "channel of \(members.grouped), window \(window)"
        case .rooms(let count, let members, let window):
            "\(count.grouped) channels of \(members)" + (window == 1 ? "" : ", window \(window)")
        case .pairs(let pairs, let across):
            "private\(across ? " across" : ""), \(pairs == 1 ? "1 pair alone" : "\(pairs.grouped) pairs")"
        case .openLoop(_, let across): "open loop\(across ? " across" : ""), \(rate.grouped)/s"
        case .silent(let silent, let talkers): "channel of \(talkers), and \(silent) silent"
        case .burst(let window): "burst of one, window \(window.grouped)"
        }
    }

    /// Whether a second measurement of the same server means something: memory once taken is mostly kept.
    var isRepeatable: Bool {
        switch self {
        case .memory, .memoryRemote: false
        case .registrations, .channel, .rooms, .pairs, .openLoop, .silent, .burst: true
        }
    }
}

extension Fleet {
    /// Serves the clients until the server has nothing more to do (less than 3 % of a core), ten seconds at most.
    mutating func rest(_ server: ServerProcesses) throws(BenchFailure) {
        let window = Duration.milliseconds(200)
        for _ in 0..<50 {
            let before = try server.processorTime()
            try pause(window)
            let used = try server.processorTime() - before
            if Double(used) < 0.03 * Double(window.inNanoseconds) { return }
        }
    }
}
