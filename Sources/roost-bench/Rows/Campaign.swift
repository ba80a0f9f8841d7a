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
        case .registrations: [.registrations(clients: settings.clients ?? 5_000)]
        case .channel:
            (settings.window.map { [$0] } ?? [8, 64])
                .map { .channel(members: settings.clients ?? 1_000, window: $0) }
        case .rooms: [.rooms(count: settings.rooms, members: 10, window: settings.window ?? 1)]
        case .private: pairs.map { .pairs($0, across: false) }
        case .privateAcross: pairs.map { .pairs($0, across: true) }
        case .openLoop: [.openLoop(pairs[0], across: false)]
        case .openLoopAcross: [.openLoop(pairs[0], across: true)]
        }
    }

    /// Measures one step once.
    mutating func measure(_ step: Step) throws(BenchFailure) -> Measurement {
        switch step {
        case .memory(let clients): try memory(clients)
        case .registrations(let clients): try registrations(clients)
        case .channel(let members, let window):
            try fanOut(channels: 1, members: members, speakers: min(8, members, window), window: window)
        case .rooms(let count, let members, let window):
            try fanOut(channels: count, members: members, speakers: members, window: members * window)
        case .pairs(let pairs, let across): try self.pairs(pairs, across: across)
        case .openLoop(let pairs, let across): try openLoop(pairs, across: across)
        }
    }

    /// Numbers of pairs that the private rows measure in turn; the open loop takes the first.
    private var pairs: [Int] { settings.clients.map { [max(1, $0 / 2)] } ?? [50, 1] }

    private mutating func fleet(on endpoints: [Endpoint]) throws(BenchFailure) -> Fleet {
        var fleet = try Fleet(
            endpoints: endpoints, names: NickNames(run: settings.run, row: fleets), settings: settings)
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
    case registrations(clients: Int)
    case channel(members: Int, window: Int)
    case rooms(count: Int, members: Int, window: Int)
    case pairs(Int, across: Bool)
    case openLoop(Int, across: Bool)

    func title(rate: Int) -> String {
        switch self {
        case .memory(let clients): "idle clients, \(clients.grouped)"
        case .registrations(let clients): "registrations, \(clients.grouped)"
        case .channel(let members, let window): "channel of \(members.grouped), window \(window)"
        case .rooms(let count, let members, let window):
            "\(count.grouped) channels of \(members)" + (window == 1 ? "" : ", window \(window)")
        case .pairs(let pairs, let across):
            "private\(across ? " across" : ""), \(pairs == 1 ? "1 pair alone" : "\(pairs.grouped) pairs")"
        case .openLoop(_, let across): "open loop\(across ? " across" : ""), \(rate.grouped)/s"
        }
    }

    /// Whether a second measurement of the same server means something: memory once taken is mostly kept.
    var isRepeatable: Bool {
        if case .memory = self { return false }
        return true
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
