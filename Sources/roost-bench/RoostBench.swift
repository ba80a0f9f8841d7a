// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The command line of the load generator: flags, the order of the work, what is printed and the exit code. It drives
// any IRC server through plain IRC and imports nothing of Roost's, so that it can judge it like any other.

import ArgumentParser
import Glibc

/// `roost-bench`.
@main
struct RoostBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "roost-bench",
        abstract: "Puts an IRC server under load and prints what it can do.",
        discussion: """
            Every message is checked: each receiver must get each message once, in its sender's order, or the row \
            prints FAILED and the exit code is 1. Processor times need the server's processes on this machine; they are \
            found by the targets' ports. Turn the server's flood and per-address limits off, or rows will fail and say \
            what the server objected to.
            """)

    @Option(name: .long, help: "HOST:PORT of a server; several are the nodes of one cluster.")
    var target: [String] = ["127.0.0.1:6667"]

    @Option(name: .long, help: "A process of the server, instead of those that listen on the targets' ports.")
    var serverPid: [Int32] = []

    @Option(name: .long, help: "Rows to run, separated by commas; see --list. Default: all that the targets allow.")
    var rows: String?

    @Option(name: .long, help: "Clients of a row, instead of the row's own number.")
    var clients: Int?

    @Option(name: .long, help: "Messages outstanding: of the channel, or of each member of the rooms.")
    var window: Int?

    @Option(name: .long, help: "Number of channels of the rooms row.")
    var rooms = 50

    @Option(name: .long, help: "Members of the silent row that read nothing.")
    var silent = 20

    @Option(name: .long, help: "How long each row measures, after half a second of warming up.")
    var seconds = 5.0

    @Option(name: .long, help: "Runs of each row; the table then gives median, least and greatest.")
    var `repeat` = 1

    @Option(name: .long, help: "Registrations under way at a time.")
    var handshakes = 512

    @Option(name: .long, help: "Messages a second of the open loop.")
    var rate = 1_000

    @Option(name: .long, help: "Bytes of text in each message.")
    var length = 60

    @Flag(name: .long, help: "Receivers acknowledge at once (TCP_QUICKACK): for servers without TCP_NODELAY.")
    var quickAck = false

    @Flag(name: .long, help: "Print one JSON object a row.")
    var json = false

    @Flag(name: .long, help: "Explain the rows and exit.")
    var list = false

    func validate() throws {
        _ = try chosenRows()
        _ = try endpoints()
        let positive = [clients ?? 1, window ?? 1, rooms, `repeat`, handshakes]
        guard positive.allSatisfy({ (1...1_000_000).contains($0) }) else {
            throw ValidationError("--clients, --window, --rooms, --repeat and --handshakes take 1 to 1000000.")
        }
        guard (0.1...3_600).contains(seconds) else { throw ValidationError("--seconds takes 0.1 to 3600.") }
        guard (0...10_000).contains(silent) else { throw ValidationError("--silent takes 0 to 10000.") }
        guard (1...100_000).contains(rate) else { throw ValidationError("--rate takes 1 to 100000.") }
        guard (MessageBody.shortest...350).contains(length) else {
            throw ValidationError("--length takes \(MessageBody.shortest) to 350: a line holds 512 bytes in all.")
        }
    }

    func run() throws {
        if list {
            for row in Row.allCases { print("\(row.rawValue)\n    \(row.explanation)") }
            return
        }
        guard try measure() else { throw ExitCode(1) }
    }

    /// Runs all rows; false if one failed.
    private func measure() throws -> Bool {
        raiseDescriptorLimit()
        sharpenTimers()
        let settings = try makeSettings()
        let server = try ServerProcesses(named: serverPid, listeningOn: settings.targets.map(\.port))
        var campaign = Campaign(settings: settings, server: server)
        if !json { printHeader(settings, server) }
        var isSound = true
        for row in try chosenRows() {
            for step in campaign.steps(of: row) {
                let report = report(step, of: row, &campaign)
                isSound = isSound && report.isSound
                if json {
                    print(try JSONReport(report, targets: settings.targets).line())
                } else {
                    for line in Table.lines(report) { print(line) }
                }
                fflush(nil)
            }
        }
        return isSound
    }

    private func report(_ step: Step, of row: Row, _ campaign: inout Campaign) -> StepReport {
        var runs: [Measurement] = []
        var failure: String?
        do throws(BenchFailure) {
            for _ in 0..<(step.isRepeatable ? `repeat` : 1) { runs.append(try campaign.measure(step)) }
        } catch {
            failure = error.description
        }
        return StepReport(row: row, title: step.title(rate: rate), runs: runs, failure: failure)
    }

    private func printHeader(_ settings: Settings, _ server: ServerProcesses) {
        let processes = server.isEmpty ? "no process found here, so no processor times" : server.description
        print("roost-bench \(settings.targets.map(\.description).joined(separator: " ")) (\(processes))")
        print("\(seconds) s a row, \(`repeat`) run\(`repeat` == 1 ? "" : "s"), \(length) bytes of text a message\n")
        for line in Table.header { print(line) }
    }

    private func makeSettings() throws -> Settings {
        var settings = Settings()
        settings.targets = try endpoints()
        settings.clients = clients
        settings.window = window
        settings.rooms = rooms
        settings.silent = silent
        settings.measured = .seconds(seconds)
        settings.bodyLength = length
        settings.handshakesMax = handshakes
        settings.openLoopRate = rate
        settings.acknowledgesAtOnce = quickAck
        settings.run = Int(getpid())
        return settings
    }

    private func endpoints() throws -> [Endpoint] {
        try target.map { text in
            guard let endpoint = Endpoint(text) else {
                throw ValidationError("--target \(text): write HOST:PORT, for example 127.0.0.1:6667.")
            }
            return endpoint
        }
    }

    private func chosenRows() throws -> [Row] {
        guard let rows else { return Row.allCases.filter { $0.isUsual && (!$0.needsTwoNodes || target.count > 1) } }
        return try rows.split(separator: ",").map { name in
            guard let row = Row(rawValue: String(name)) else {
                let known = Row.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("--rows: there is no row \(name); the rows are \(known).")
            }
            guard !row.needsTwoNodes || target.count > 1 else {
                throw ValidationError("--rows \(row.rawValue) needs two nodes: give --target twice.")
            }
            return row
        }
    }

    /// Lets waits end when they are due instead of up to 50 µs later, which the open loop would count as the server's.
    /// Where the system does not allow it, that much is added to its latencies.
    private func sharpenTimers() {
        let descriptor = open("/proc/self/timerslack_ns", O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        write(descriptor, "1", 1)
        close(descriptor)
    }

    /// Lets this process open as many sockets as the system allows it; a privileged user gets what the rows need.
    private func raiseDescriptorLimit() {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        let wanted = rlim_t(max((clients ?? 18_000) + 1_000, 10 * rooms) + 100)
        limit.rlim_cur = limit.rlim_max
        if limit.rlim_max < wanted {
            var higher = rlimit(rlim_cur: wanted, rlim_max: wanted)
            if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &higher) == 0 { return }
        }
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
