// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// `roost stats`: subscribes to one node, finds the others, shows them all until it is told to stop.

import Glibc
import RoostKeys
import RoostStats
import ZeroMQ

/// What to watch and how to show it.
public struct WatchOptions: Sendable, Equatable {
    /// Where the first local node publishes its stats.
    public static let defaultAddress = "127.0.0.1:7602"

    /// Stats addresses to begin with, at least one. The other nodes are found through these.
    public let addresses: [String]
    /// Show every node once and end.
    public let once: Bool
    /// Print the published objects, one a line, instead of a table.
    public let json: Bool
    /// What opens the statistics of nodes that are encrypted; nil for those that are not.
    public var key: StatsKey?

    /// - Parameters:
    ///   - addresses: each `HOST:PORT`, `[IPV6]:PORT` or `HOST` (port 7602); none means ``defaultAddress``.
    ///   - once: show every node once and end.
    ///   - json: print the published objects, one a line.
    /// - Throws: ``WatchError/notAnAddress(_:)``, a usage error.
    public init(addresses: [String] = [], once: Bool = false, json: Bool = false) throws(WatchError) {
        for address in addresses where StatsAddress(address) == nil { throw .notAnAddress(address) }
        self.addresses = addresses.isEmpty ? [Self.defaultAddress] : addresses
        self.once = once
        self.json = json
    }
}

/// Why `roost stats` could not begin.
public enum WatchError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The text is not `HOST:PORT`.
    case notAnAddress(String)
    /// The host has no address.
    case unknownHost(String)

    /// One line that says what is wrong and what to try.
    public var description: String {
        switch self {
        case .notAnAddress(let text):
            "'\(text)' is no stats address; it is HOST:PORT, such as \(WatchOptions.defaultAddress)"
        case .unknownHost(let text):
            "the host of '\(text)' cannot be found; try its numeric address"
        }
    }
}

/// Watches a cluster on this thread: a live table if standard output is a terminal, else a line for each report.
///
/// - Returns: the exit code: 0 when the user ended it or everything was shown, 1 when `once` found nobody, 128 and the
///   number of the signal that ended a live table.
/// - Throws: ``WatchError`` if an address given cannot be found; `ZeroMQError` if the process is out of descriptors.
public func runWatch(_ options: WatchOptions) throws -> Int32 {
    let surroundings = Surroundings.current()
    let output = Output(descriptor: STDOUT_FILENO)
    let errors = Output(descriptor: STDERR_FILENO)
    let screen = Screen(addresses: options.addresses)
    let waiting = WaitingNote(addresses: options.addresses, errors: errors)
    // Before the terminal is taken over, so that what fails is said on a terminal that works.
    var watch = try Watch(options.addresses, key: options.key)
    if options.once {
        let columns = surroundings.isScreen ? Terminal.size(of: STDOUT_FILENO).columns : surroundings.columns
        var look = OneLook(
            screen: screen, output: output, errors: errors, columns: columns, colour: surroundings.colour,
            json: options.json)
        return try watch.run(&look)
    }
    if options.json {
        var lines = JSONLines(output: output, waiting: waiting)
        return try watch.run(&lines)
    }
    guard surroundings.isScreen else {
        var lines = PlainLines(output: output, waiting: waiting)
        return try watch.run(&lines)
    }
    let terminal = Terminal(input: STDIN_FILENO, output: output)
    var live = LiveScreen(screen: screen, terminal: terminal, colour: surroundings.colour) {
        Terminal.size(of: STDOUT_FILENO)
    }
    return try watch.run(&live)
}

/// The loop: receive, take in, follow new addresses, show.
struct Watch: ~Copyable {
    /// Between two looks at the clock and the keyboard.
    static let turn = Duration.milliseconds(50)

    private var subscriber: Subscriber
    private var view = ClusterView()

    init(_ addresses: [String], key: StatsKey? = nil) throws {
        var subscriber = try Subscriber(context: try Context(), key: key)
        for address in addresses where !subscriber.follow(address) { throw WatchError.unknownHost(address) }
        self.subscriber = subscriber
    }

    /// Runs until `presenter` says the exit code.
    mutating func run<Shown: Presenter & ~Copyable>(_ presenter: inout Shown) throws -> Int32 {
        let clock = ContinuousClock()
        let start = clock.now
        while true {
            let received = try subscriber.receive(timeout: Self.turn)
            let now = clock.now - start
            view.refusal = subscriber.refusal
            for message in received {
                presenter.heard(message, at: now)
                view.heard(message.message, at: now)
            }
            // An address that leads nowhere shows as a node that is not heard.
            for address in view.statsAddresses.sorted() { subscriber.follow(address) }
            view.tick(at: now)
            if let exitCode = presenter.tick(view, at: now) { return exitCode }
        }
    }
}
