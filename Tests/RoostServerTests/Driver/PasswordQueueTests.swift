// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Comparing passwords is slow by design, so what clients can ask of it is bounded.

import RoostModel
import RoostNode
import Synchronization
import Testing

@testable import RoostServer

@Suite struct PasswordQueueTests {
    private let alice = ConnectionID(lane: 0, serial: 1)
    private let bob = ConnectionID(lane: 0, serial: 2)

    /// A queue whose comparisons wait until they may go on, and what came of them.
    private final class Bench: Sendable {
        let mayGoOn = Atomic(false)
        let compared = Mutex<[String]>([])
        let answers = Mutex<[String]>([])

        func makeQueue() -> PasswordQueue {
            PasswordQueue { [self] given, stored in
                while !mayGoOn.load(ordering: .acquiring) {}
                compared.withLock { $0.append(given) }
                return given == stored
            }
        }

        func answer(_ name: String) -> @Sendable (Bool) -> Void {
            { [self] matches in answers.withLock { $0.append("\(name) \(matches)") } }
        }
    }

    @Test func aClientWaitsForOneAnswerAtATime() async throws {
        let bench = Bench()
        let queue = bench.makeQueue()
        queue.check("right", against: "right", for: alice, answer: bench.answer("first"))
        queue.check("right", against: "right", for: alice, answer: bench.answer("second"))
        queue.check("wrong", against: "right", for: bob, answer: bench.answer("bob"))
        #expect(bench.answers.withLock { $0 } == ["second false"])
        bench.mayGoOn.store(true, ordering: .releasing)
        try await eventually("the answers") { bench.answers.withLock { $0.count } == 3 }
        #expect(bench.answers.withLock { $0 } == ["second false", "first true", "bob false"])
        queue.check("right", against: "right", for: alice, answer: bench.answer("third"))
        try await eventually("the answer") { bench.answers.withLock { $0.last } == "third true" }
    }

    @Test func whatAClientThatLeftWaitedForIsNotCompared() async throws {
        let bench = Bench()
        let queue = bench.makeQueue()
        queue.check("1", against: "1", for: alice, answer: bench.answer("alice"))
        queue.check("2", against: "2", for: bob, answer: bench.answer("bob"))
        queue.forget(bob)
        let carol = ConnectionID(lane: 0, serial: 3)
        queue.check("3", against: "3", for: carol, answer: bench.answer("carol"))
        bench.mayGoOn.store(true, ordering: .releasing)
        try await eventually("the last answer") { bench.answers.withLock { $0.last } == "carol true" }
        #expect(bench.answers.withLock { $0 } == ["alice true", "carol true"])
        #expect(bench.compared.withLock { $0 } == ["1", "3"])
    }

    @Test func tooManyAreRefused() async throws {
        let bench = Bench()
        let queue = bench.makeQueue()
        let refused = Atomic(0)
        for serial in 0..<UInt64(PasswordQueue.waitingMax + 10) {
            queue.check("1", against: "1", for: ConnectionID(lane: 0, serial: serial)) { matches in
                if !matches { refused.wrappingAdd(1, ordering: .relaxed) }
            }
        }
        let count = refused.load(ordering: .relaxed)
        #expect(count == 10)
        bench.mayGoOn.store(true, ordering: .releasing)
    }
}
