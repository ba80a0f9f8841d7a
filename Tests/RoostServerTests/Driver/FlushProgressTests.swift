// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What a node may report as delivered: what the kernel has taken for everybody who is waited for.

import RoostModel
import RoostNode
import Testing

@testable import RoostServer

@Suite struct FlushProgressTests {
    private let start = Instant(nanoseconds: 1_000_000_000)
    private let alice = ConnectionID(lane: 0, serial: 1)
    private let bob = ConnectionID(lane: 0, serial: 2)

    @Test func whatIsOwedHoldsTheReportBack() {
        let progress = FlushProgress()
        #expect(progress.isReached(9, at: start))
        progress.owe([alice, bob], through: 3, newest: 5, at: start)
        #expect(progress.isReached(3, at: start))
        #expect(!progress.isReached(4, at: start))
        progress.reached(alice, step: 5, at: start)
        #expect(!progress.isReached(4, at: start))
        progress.reached(bob, step: 4, at: start)
        #expect(progress.isReached(4, at: start))
        #expect(!progress.isReached(5, at: start))
        progress.reached(bob, step: 5, at: start)
        #expect(progress.isReached(9, at: start))
    }

    @Test func whoeverIsGoneIsOwedNothing() {
        let progress = FlushProgress()
        progress.owe([alice], through: 3, newest: 5, at: start)
        progress.forget(alice)
        #expect(progress.isReached(5, at: start))
    }

    /// Aim: one client that does not read costs all others one wait, not one for each message. Method: it is owed more and
    /// more; after the patience it is passed over, until it has caught up.
    @Test func whoDoesNotReadIsWaitedForOnce() {
        let progress = FlushProgress()
        progress.owe([alice], through: 3, newest: 5, at: start)
        let end = start + FlushProgress.patience
        progress.owe([alice], through: 3, newest: 6, at: end)
        #expect(!progress.isReached(5, at: end))
        let later = end + .milliseconds(1)
        #expect(progress.isReached(6, at: later))
        progress.owe([alice], through: 3, newest: 7, at: later)
        #expect(progress.isReached(7, at: later))
        progress.reached(alice, step: 7, at: later)
        progress.owe([alice], through: 7, newest: 8, at: later)
        #expect(!progress.isReached(8, at: later))
    }

    /// Aim: who reads slowly, but reads, is waited for. Method: a step forward before each end of the patience.
    @Test func whoReadsSlowlyIsWaitedFor() {
        let progress = FlushProgress()
        var now = start
        for step in 1...10 as ClosedRange<UInt64> {
            progress.owe([alice], through: step - 1, newest: step, at: now)
            now = now + FlushProgress.patience
            #expect(progress.isReached(step - 1, at: now) && !progress.isReached(step, at: now))
        }
    }

    /// Aim: bytes that wait in the process are not delivered. Method: a client with a small window that does not read, on
    /// shared threads and on one of its own; its lane is not flushed until it has read everything, but is once it was
    /// waited for in vain. (A time in the past asks without any patience coming to its end.)
    @Test(arguments: [ClientFrontEndOptions.Threads.count(1), .perClient])
    func bytesThatTheKernelHasNotTakenAreNotDelivered(threads: ClientFrontEndOptions.Threads) async throws {
        try await TestNode.run(threads: threads, { $0.sendQueueBytes = 64 << 20 }) { node in
            try await offPool {
                let lane = node.frontEnd.lanes[0]
                let past = Instant(nanoseconds: 0)
                let slow = try node.join("slow", receiveBuffer: 4_096)
                try waitFor("nothing is owed") { lane.isFlushed(through: .max, at: past) ? true : nil }
                let text = String(repeating: "x", count: 400)
                let repeats = 20_000
                slow.send("REPEAT \(repeats) :\(text)\r\n")
                try waitFor("the kernel is full") { lane.isFlushed(through: .max, at: past) ? nil : true }
                for _ in 0..<repeats { try slow.expect("NOTE :\(text)") }
                try waitFor("nothing is owed") { lane.isFlushed(through: .max, at: past) ? true : nil }

                slow.send("REPEAT \(repeats) :\(text)\r\n")
                try waitFor("the kernel is full") { lane.isFlushed(through: .max, at: past) ? nil : true }
                try waitFor("it was waited for") {
                    lane.isFlushed(through: .max, at: SystemClock.instant()) ? true : nil
                }
                #expect(lane.isFlushed(through: .max, at: past), "it is passed over from then on")
            }
        }
    }
}
