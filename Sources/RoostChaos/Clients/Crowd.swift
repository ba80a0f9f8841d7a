// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The load: all clients, and the pace at which they talk. One thread serves them all; whoever runs the case tells it
// when to talk and when to end, and gets the logs.

import Dispatch
import Foundation
import RoostConfiguration
import RoostModel
import Synchronization

/// The clients of a case, on a thread of their own.
public final class Crowd: Sendable {
    /// What the crowd is told, and what it tells.
    private struct State {
        var isTalking = false
        var isOver = false
        var settled = 0
        var logs: [ClientLog] = []
        /// When somebody last got a message.
        var lastHeard = Duration.zero
    }

    /// Who its clients are.
    public let layout: CrowdLayout
    private let endpoints: [Endpoint]
    private let rate: Int
    private let returns: Bool
    private let seed: UInt64
    private let origin: ContinuousClock.Instant
    private let state = Mutex(State())
    private let finished = DispatchSemaphore(value: 0)

    /// A crowd that is not there yet.
    ///
    /// - Parameters:
    ///   - endpoints: where the nodes serve clients, in their order.
    ///   - rate: messages a second, of all together.
    ///   - returns: whether clients whose connection ends go on at the next node.
    ///   - seed: of who talks to whom.
    public init(layout: CrowdLayout, endpoints: [Endpoint], rate: Int, returns: Bool, seed: UInt64) {
        self.layout = layout
        self.endpoints = endpoints
        self.rate = rate
        self.returns = returns
        self.seed = seed
        origin = .now
    }

    /// The time since the crowd was made, in which the logs are.
    public var now: Duration { .now - origin }

    /// How many clients are welcomed and in their channels.
    public var settled: Int { state.withLock { $0.settled } }

    /// When somebody last got a message.
    public var lastHeard: Duration { state.withLock { $0.lastHeard } }

    /// Connects all clients.
    public func start() {
        let thread = Thread { [self] in
            var loop = CrowdLoop(self)
            loop.run()
            state.withLock { $0.logs = loop.logs }
            finished.signal()
        }
        thread.name = "crowd"
        thread.start()
    }

    /// Begins or ends the talk.
    public func talk(_ isTalking: Bool) { state.withLock { $0.isTalking = isTalking } }

    /// Closes all connections and gives the logs, in the order of the clients.
    public func end() -> [ClientLog] {
        state.withLock { $0.isOver = true }
        finished.wait()
        return state.withLock { $0.logs }
    }

    // MARK: The thread

    private struct CrowdLoop {
        /// The longest that a turn waits, which is how late a change of state is seen.
        private static let turnMax = Duration.milliseconds(5)

        private let crowd: Crowd
        private let clients: [CrowdClient]
        private var random: SeededRandom
        private var nextAt: Duration?
        private var spoken = 0
        /// Who talks, in turn.
        private var turn: [Int] = []

        init(_ crowd: Crowd) {
            self.crowd = crowd
            random = SeededRandom(seed: crowd.seed)
            let now = crowd.now
            clients = (0..<crowd.layout.clients).map { index in
                // Not all at one moment, as people come.
                CrowdClient(
                    index, layout: crowd.layout, endpoints: crowd.endpoints, returns: crowd.returns,
                    start: now + .milliseconds(5 * index))
            }
        }

        var logs: [ClientLog] { clients.map(\.log) }

        mutating func run() {
            while true {
                let (isTalking, isOver) = crowd.state.withLock { ($0.isTalking, $0.isOver) }
                if isOver { return }
                var now = crowd.now
                for client in clients { client.wake(at: now) }
                talk(isTalking, at: now)
                let connected = clients.filter { $0.want != nil }
                let limit = min(Self.turnMax, max(.zero, (nextAt ?? .seconds(60)) - now))
                let ready = Polling.wait(connected.compactMap(\.want), for: limit)
                now = crowd.now
                for (client, ready) in zip(connected, ready) where ready.reads || ready.writes {
                    client.serve(ready, at: now)
                }
                tell()
            }
        }

        private func tell() {
            let settled = clients.count { $0.isSettled }
            let heard = clients.lazy.map(\.lastHeard).max() ?? .zero
            crowd.state.withLock { state in
                state.settled = settled
                state.lastHeard = heard
            }
        }

        /// Has clients talk whose turn it is.
        private mutating func talk(_ isTalking: Bool, at now: Duration) {
            guard isTalking else {
                nextAt = nil
                return
            }
            // One who came back says so at once, which shows when talk flows again.
            for client in clients where client.isEager { say(client, .room, at: now) }
            var due = nextAt ?? now
            // After a pause of this process the load goes on at its pace and does not catch up.
            if now - due > .milliseconds(100) { due = now }
            while due <= now {
                if let speaker = nextSpeaker() { say(speaker, kind(of: spoken), at: now) }
                spoken += 1
                due += .seconds(1) / crowd.rate
            }
            nextAt = due
        }

        private enum Kind { case room, everybody, someone }

        /// Of ten messages six go to rooms, one to everybody, three to one user.
        private func kind(of number: Int) -> Kind {
            switch number % 10 {
            case 3: .everybody
            case 1, 5, 8: .someone
            default: .room
            }
        }

        private mutating func nextSpeaker() -> CrowdClient? {
            for _ in 0..<2 * clients.count {
                if turn.isEmpty { turn = Array(clients.indices).shuffled(using: &random) }
                if let client = turn.popLast(), clients[client].isSettled { return clients[client] }
            }
            return nil
        }

        private mutating func say(_ client: CrowdClient, _ kind: Kind, at now: Duration) {
            let layout = crowd.layout
            switch kind {
            case .room: client.say(to: layout.room(of: client.index), at: now)
            case .everybody: client.say(to: CrowdLayout.everybody, at: now)
            case .someone:
                let other = (client.index + Int.random(in: 1..<layout.clients, using: &random)) % layout.clients
                client.say(to: layout.nick(other), at: now)
            }
        }
    }
}
