// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The four ways to show what is heard: a live screen, lines, JSON, and one table.

import RoostStats

/// Shows what the watcher hears. The loop calls ``heard(_:at:)`` for each message and ``tick(_:at:)`` about 20 times a
/// second, after the messages of that turn.
protocol Presenter: ~Copyable {
    /// One message, before the view has taken it in.
    mutating func heard(_ received: ReceivedMessage, at now: Duration)

    /// What is known at `now`. Returns the exit code when it is time to end.
    mutating func tick(_ view: ClusterView, at now: Duration) -> Int32?
}

/// How long to wait before saying that nobody answers.
let patience = Duration.seconds(3)

/// Says once, on the error output, that nobody has been heard yet.
struct WaitingNote {
    var addresses: [String]
    var errors: Output
    private var said = false

    init(addresses: [String], errors: Output) {
        self.addresses = addresses
        self.errors = errors
    }

    mutating func tick(_ view: ClusterView, at now: Duration) {
        guard !said, view.nodes.isEmpty, now >= patience else { return }
        said = true
        let reason =
            view.refusal
            ?? "nothing is heard from \(addresses.joined(separator: ", ")): nobody publishes there yet, or its"
            + " cluster has a secret and wants --key"
        errors.write("roost stats: \(reason); waiting (Ctrl-C ends)\n")
    }
}

/// A full screen that is repainted when something changed, and every second for the ages on it.
struct LiveScreen: Presenter, ~Copyable {
    /// Between two paintings, so that a busy cluster does not flood a slow terminal.
    static let paintInterval = Duration.milliseconds(100)

    private static let controlC: UInt8 = 0x03
    private static let controlD: UInt8 = 0x04

    private let terminal: Terminal
    private let screen: Screen
    private let colour: Bool
    private let size: () -> ScreenSize
    private var changed = true
    private var paintedAt: Duration?
    private var paintedSize: ScreenSize?

    init(screen: Screen, terminal: consuming Terminal, colour: Bool, size: @escaping () -> ScreenSize) {
        self.screen = screen
        self.terminal = terminal
        self.colour = colour
        self.size = size
    }

    mutating func heard(_ received: ReceivedMessage, at now: Duration) { changed = true }

    mutating func tick(_ view: ClusterView, at now: Duration) -> Int32? {
        if let number = terminal.signalled { return 128 + number }
        for key in terminal.keys() {
            switch key {
            case UInt8(ascii: "q"), UInt8(ascii: "Q"), Self.controlC, Self.controlD: return 0
            default: changed = true
            }
        }
        let size = size()
        let sincePainting = paintedAt.map { now - $0 } ?? .seconds(1)
        let due = changed ? sincePainting >= Self.paintInterval : sincePainting >= .seconds(1)
        guard due || size != paintedSize else { return nil }
        changed = false
        paintedAt = now
        paintedSize = size
        return terminal.paint(screen.lines(of: view, size: size, at: now), columns: size.columns, colour: colour)
            ? nil : 0
    }
}

/// One line a report and an event, for logs and pipes.
struct PlainLines: Presenter {
    let output: Output
    var waiting: WaitingNote
    private var lines: [String] = []
    private var eventsShown = 0

    init(output: Output, waiting: WaitingNote) {
        self.output = output
        self.waiting = waiting
    }

    mutating func heard(_ received: ReceivedMessage, at now: Duration) {
        if case .stats(let stats) = received.message { lines.append(Self.line(of: stats)) }
    }

    mutating func tick(_ view: ClusterView, at now: Duration) -> Int32? {
        waiting.tick(view, at: now)
        for event in view.events.suffix(view.eventsTotal - eventsShown) {
            let reporter = event.reporters.first.map { "\($0): " } ?? ""
            lines.append("\(clockTime(event.timeMs)) event \(event.kind): \(printable(reporter + event.text))")
        }
        eventsShown = view.eventsTotal
        defer { lines = [] }
        return lines.isEmpty || output.write(lines.joined(separator: "\n") + "\n") ? nil : 0
    }

    /// `14:03:22 node1 serving clients=3 …`: names and figures, in the units of the table.
    static func line(of stats: NodeStats) -> String {
        let figures: [(String, String)] = [
            ("clients", String(stats.connections.now)),
            ("users", String(stats.roster.users)),
            ("in/s", shortRate(stats.messages.acceptedPerSecond)),
            ("out/s", shortRate(stats.messages.deliveredPerSecond)),
            ("lag", String(stats.eventsBehind)),
            ("p99", shortLatency(microseconds: stats.worstP99Us)),
            ("cpu", "\(shortRate(stats.process.cpuPercent))%"),
            ("mem", shortBytes(stats.process.memoryBytes)),
            ("peers", "\(stats.peers.count { $0.state == .up })/\(stats.peers.count)"),
            ("up", shortAge(milliseconds: stats.uptimeMs)),
        ]
        let words =
            [clockTime(stats.timeMs), stats.node, stats.state.rawValue] + figures.map { "\($0.0)=\($0.1)" }
        return printable(words.joined(separator: " "))
    }
}

/// The published objects as they are, one a line.
struct JSONLines: Presenter {
    let output: Output
    var waiting: WaitingNote
    private var lines: [UInt8] = []

    init(output: Output, waiting: WaitingNote) {
        self.output = output
        self.waiting = waiting
    }

    mutating func heard(_ received: ReceivedMessage, at now: Duration) { lines += jsonLine(received) }

    mutating func tick(_ view: ClusterView, at now: Duration) -> Int32? {
        waiting.tick(view, at: now)
        defer { lines = [] }
        return lines.isEmpty || output.write(String(decoding: lines, as: UTF8.self)) ? nil : 0
    }
}

/// One table, or one object a node, once every node that was found has been heard, or patience ends.
struct OneLook: Presenter {
    let output: Output
    let errors: Output
    let screen: Screen
    let columns: Int
    let colour: Bool
    let json: Bool
    /// How long to wait for those that are not heard.
    let waitMax: Duration
    private var reports: [String: [UInt8]] = [:]

    init(
        screen: Screen, output: Output, errors: Output, columns: Int, colour: Bool, json: Bool,
        waitMax: Duration = patience
    ) {
        self.screen = screen
        self.output = output
        self.errors = errors
        self.columns = columns
        self.colour = colour
        self.json = json
        self.waitMax = waitMax
    }

    mutating func heard(_ received: ReceivedMessage, at now: Duration) {
        guard json, case .stats(let stats) = received.message, reports.count < ClusterView.nodesMax else { return }
        reports[stats.node] = jsonLine(received)
    }

    mutating func tick(_ view: ClusterView, at now: Duration) -> Int32? {
        let complete = view.everyFoundNodeWasHeard && view.nodes.count >= screen.addresses.count
        guard complete || now >= waitMax else { return nil }
        guard !view.nodes.isEmpty else {
            errors.write(
                """
                roost stats: no node publishes at \(screen.addresses.joined(separator: ", ")) \
                (waited \(shortAge(milliseconds: milliseconds(waitMax)))); \
                \(view.refusal ?? "start one with `roost node`, or give a running node's stats address")

                """)
            return 1
        }
        if json {
            let lines = reports.sorted { naturallyPrecedes($0.key, $1.key) }.flatMap(\.value)
            output.write(String(decoding: lines, as: UTF8.self))
        } else {
            let lines = screen.summary(of: view, columns: columns, at: now)
            output.write(lines.map { $0.rendered(colour: colour) + "\n" }.joined())
        }
        return 0
    }
}

/// The object on one line: as it came, unless line breaks in it would make it several.
private func jsonLine(_ received: ReceivedMessage) -> [UInt8] {
    if received.json.allSatisfy({ $0 >= 0x20 }) { return received.json + [UInt8(ascii: "\n")] }
    // It was decoded from JSON, so its numbers are finite and it can be encoded.
    return ((try? received.message.json()) ?? []) + [UInt8(ascii: "\n")]
}
