// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// One wait for many sources: it finds what is ready, wakes for another thread, and forgets what is closed.

import Foundation
import Testing

@testable import ZeroMQ

@Suite struct PollerTests {
    private enum Source: Hashable { case left, right, wakeUp, pipe }

    @Test func nothingReadyEndsAtTheTimeout() throws {
        let context = try Context()
        let socket = try Socket(.pair, in: context)
        try socket.bind("inproc://quiet")
        var poller = Poller<Source>()
        poller.add(socket, as: .left)
        let clock = ContinuousClock()
        let start = clock.now
        #expect(try poller.wait(timeout: .milliseconds(20)) == [])
        #expect(clock.now - start >= .milliseconds(19))
        #expect(try poller.wait(timeout: .zero) == [])
    }

    @Test func everyReadySourceIsNamedWithItsEvents() throws {
        let context = try Context()
        let left = try Socket(.pair, in: context)
        let right = try Socket(.pair, in: context)
        try left.bind("inproc://pair")
        try right.connect("inproc://pair")
        let wakeUp = try WakeUp()
        var poller = Poller<Source>()
        poller.add(left, as: .left, for: [.readable, .writable])
        poller.add(right, as: .right)
        poller.add(wakeUp, as: .wakeUp)
        #expect(try poller.wait(timeout: deadline) == [.init(source: .left, events: .writable)])

        poller.change(.left, to: .readable)
        #expect(try left.send(bytes("x")))
        wakeUp.signal()
        wakeUp.signal()
        let both: [Poller<Source>.Ready] = [
            .init(source: .right, events: .readable), .init(source: .wakeUp, events: .readable),
        ]
        #expect(try first { try poller.wait(timeout: deadline) == both ? true : nil } == true)
        #expect(wakeUp.drain())
        #expect(!wakeUp.drain())
        #expect(try poller.wait(timeout: deadline) == [.init(source: .right, events: .readable)])

        poller.remove(.right)
        #expect(try poller.wait(timeout: .zero) == [])
    }

    @Test func aThreadThatWaitsIsWokenByAnother() throws {
        let there = try WakeUp()
        let back = try WakeUp()
        let rounds = 500
        Thread.detachNewThread {
            var poller = Poller<Source>()
            poller.add(there, as: .left)
            for _ in 0..<rounds {
                // A failure here shows as a missing answer over there.
                guard let ready = try? poller.wait(timeout: deadline), !ready.isEmpty else { return }
                there.drain()
                back.signal()
            }
        }
        var poller = Poller<Source>()
        poller.add(back, as: .wakeUp)
        for round in 0..<rounds {
            there.signal()
            #expect(try poller.wait(timeout: deadline).map(\.source) == [.wakeUp], "round \(round)")
            #expect(back.drain())
        }
    }

    @Test func aPlainDescriptorIsReadableWhenItHasBytes() throws {
        let pipe = Pipe()
        var poller = Poller<Source>()
        poller.add(descriptor: pipe.fileHandleForReading.fileDescriptor, as: .pipe)
        #expect(try poller.wait(timeout: .zero) == [])
        try pipe.fileHandleForWriting.write(contentsOf: [1])
        #expect(try poller.wait(timeout: deadline) == [.init(source: .pipe, events: .readable)])
    }

    @Test func aClosedSocketLeavesByItself() throws {
        let context = try Context()
        let wakeUp = try WakeUp()
        var poller = Poller<Source>()
        do {
            let socket = try Socket(.pair, in: context)
            try socket.bind("inproc://brief")
            poller.add(socket, as: .left, for: .writable)
        }
        poller.add(wakeUp, as: .wakeUp)
        wakeUp.signal()
        #expect(try poller.wait(timeout: deadline).map(\.source) == [.wakeUp])
        // Its name is free again.
        let socket = try Socket(.pair, in: context)
        poller.add(socket, as: .left)
        #expect(try poller.wait(timeout: deadline).map(\.source) == [.wakeUp])
    }

    @Test func shuttingDownEndsTheWait() throws {
        let context = try Context()
        let socket = try Socket(.pair, in: context)
        try socket.bind("inproc://quiet")
        var poller = Poller<Source>()
        poller.add(socket, as: .left)
        Thread.detachNewThread { context.shutDown() }
        var thrown: ZeroMQError?
        do { _ = try poller.wait(timeout: deadline) } catch { thrown = error }
        #expect(thrown?.code == .terminated)
    }
}
