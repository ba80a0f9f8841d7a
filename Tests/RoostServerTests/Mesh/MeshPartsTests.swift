// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The small parts of the mesh thread: addresses, probes, the health of a connection, notes that come in floods.

import Glibc
import RoostModel
import Testing
import ZeroMQ

@testable import RoostServer

@Suite struct MeshPartsTests {
    @Test(arguments: [
        ("127.0.0.1:7600", "tcp://127.0.0.1:7601"), ("[::1]:7600", "tcp://[::1]:7601"),
        ("10.1.2.3:65534", "tcp://10.1.2.3:65535"), ("[2001:db8::7]:1", "tcp://[2001:db8::7]:2"),
    ])
    func aNumericAddressCanBeDialled(text: String, stream: String) {
        let address = NumericAddress(text)
        #expect(address?.controlEndpoint == "tcp://\(text)")
        #expect(address?.streamEndpoint == stream)
    }

    @Test(arguments: [
        "", ":", "localhost:7600", "example.org:7600", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65535",
        "127.0.0.1:65536", "127.0.0.1:+1", "127.0.0.1:-1", "127.0.0.1: 1", "127.1:7600", "127.0.0.1;x:1", "0.0.0.0:1",
        "[::]:1", "::1:7600", "[::1]7600", "[127.0.0.1]:1", "[::1%lo]:1", "[]:1", "127.0.0.1:7600,127.0.0.1:7610",
        "127.0.0.1\u{0}:1", "１２７.0.0.1:1", "eth0;127.0.0.1:1", String(repeating: "1", count: 100) + ":1",
    ])
    func anythingElseIsNoAddress(text: String) {
        #expect(NumericAddress(text) == nil)
    }

    /// Aim: a port behind which nothing listens refuses, one that listens does not. Method: both, by IPv4 and a poller.
    @Test func aProbeTellsWhetherAPortRefuses() throws {
        let port = try freePorts(1)
        #expect(try probe("127.0.0.1:\(port)"))
        let context = try Context()
        let listener = try Socket(.rep, in: context)
        try listener.bind("tcp://127.0.0.1:\(port)")
        #expect(try !probe("127.0.0.1:\(port)"))
    }

    /// Aim: no answer is no refusal. Method: a network that cannot be reached, or does not answer (RFC 5737).
    @Test func aProbeWithoutAnAnswerIsNoRefusal() throws {
        let now = SystemClock.instant()
        let probe = PortProbe(try #require(NumericAddress("192.0.2.1:7600")), at: now)
        #expect(!probe.isRefused)
        #expect(probe.deadline == now + .seconds(1))
    }

    /// A process that was killed: its connections broke, and its port was open a moment longer.
    @Test func aPortThatIsOpenIsAskedAgain() throws {
        let port = try freePorts(1)
        let address = try #require(NumericAddress("127.0.0.1:\(port)"))
        var series = ProbeSeries(address, at: start)
        do {
            let context = try Context()
            let listener = try Socket(.rep, in: context)
            try listener.bind("tcp://127.0.0.1:\(port)")
            try waitFor(series.begin(at: start))
            #expect(series.end(at: start, isConnected: false) == nil)
            #expect(series.probe == nil && series.nextAt == start + ProbeSeries.interval)
        }
        try waitFor(series.begin(at: series.nextAt))
        #expect(series.end(at: series.nextAt, isConnected: false) == true)
    }

    @Test func aPortThatStaysOpenIsNotAskedForEver() throws {
        let port = try freePorts(1)
        let context = try Context()
        let listener = try Socket(.rep, in: context)
        try listener.bind("tcp://127.0.0.1:\(port)")
        var series = ProbeSeries(try #require(NumericAddress("127.0.0.1:\(port)")), at: start)
        try waitFor(series.begin(at: start))
        #expect(series.end(at: start, isConnected: true) == false, "a connection stands by now")
        try waitFor(series.begin(at: start))
        #expect(series.end(at: start + .milliseconds(950), isConnected: false) == false)
    }

    private func waitFor(_ probe: PortProbe) throws {
        guard let descriptor = probe.descriptor else { return }
        var poller = Poller<Int>()
        poller.add(descriptor: descriptor, as: 0, for: .writable)
        _ = try #require(try poller.wait(timeout: .seconds(30)).first)
    }

    private func probe(_ text: String) throws -> Bool {
        let probe = PortProbe(try #require(NumericAddress(text)), at: SystemClock.instant())
        guard let descriptor = probe.descriptor else { return probe.isRefused }
        var poller = Poller<Int>()
        poller.add(descriptor: descriptor, as: 0, for: .writable)
        let ready = try poller.wait(timeout: .seconds(30))
        #expect(ready.count == 1)
        poller.remove(0)
        return probe.isRefused
    }

    // MARK: Health of a connection

    private let end = "tcp://127.0.0.1:1"
    private let start = Instant(nanoseconds: 1_000_000_000)

    @Test func aConnectionIsWellWhileItIsHeard() {
        var health = LinkHealth(at: start)
        var change = take(.connected(endpoint: end, descriptor: 1), &health)
        #expect(change == .none)
        #expect(!health.isConnected)
        change = take(.handshakeSucceeded(endpoint: end), &health)
        #expect(change == .connected)
        #expect(health.isConnected)
        #expect(health.complaint(at: start + .seconds(10), expectsMessages: true) == nil)
        #expect(health.complaint(at: start + .seconds(11), expectsMessages: true) == "nothing is heard of it")
        #expect(health.complaint(at: start + .seconds(11), expectsMessages: false) == nil)
        health.heard(at: start + .seconds(5))
        #expect(health.complaint(at: start + .seconds(15), expectsMessages: true) == nil)
        change = take(.disconnected(endpoint: end, descriptor: 1), &health)
        #expect(change == .lost)
        change = take(.disconnected(endpoint: end, descriptor: 1), &health)
        #expect(change == .none)
    }

    @Test func libzmqThatTriesNoMoreIsNoticed() {
        var health = LinkHealth(at: start)
        #expect(health.complaint(at: start + .seconds(3), expectsMessages: true) == nil)
        #expect(health.complaint(at: start + .seconds(4), expectsMessages: true) == "libzmq tries no more to connect")
        _ = health.take(.connectRetried(endpoint: end, interval: .zero), isEncrypted: true, at: start + .seconds(2))
        #expect(health.complaint(at: start + .seconds(4), expectsMessages: true) == nil)
        _ = health.take(.connected(endpoint: end, descriptor: 1), isEncrypted: true, at: start + .seconds(2))
        #expect(health.complaint(at: start + .seconds(9), expectsMessages: true) == nil)
        #expect(health.complaint(at: start + .seconds(11), expectsMessages: true) == "the handshake does not end")
    }

    @Test func aRefusalIsSaidInWordsThatHelp() {
        for isEncrypted in [true, false] {
            var health = LinkHealth(at: start)
            for event in [
                SocketEvent.handshakeRefused(endpoint: end, status: 400),
                .handshakeProtocolFailed(endpoint: end, number: 1),
            ] {
                guard case .refused(let reason) = health.take(event, isEncrypted: isEncrypted, at: start) else {
                    Issue.record("\(event) is no refusal")
                    continue
                }
                #expect(reason.contains("mesh.secret-file"))
            }
        }
    }

    /// Aim: one handshake that fails is an accident, as when a process dies; one that was left unanswered is none of the
    /// peer's doing; three that are broken off are an answer.
    @Test func handshakesThatAreBrokenOffAreARefusal() {
        var health = LinkHealth(at: start)
        for attempt in 1...3 {
            _ = health.take(.connected(endpoint: end, descriptor: 1), isEncrypted: true, at: start)
            let change = health.take(.handshakeFailed(endpoint: end, number: 32), isEncrypted: true, at: start)
            #expect((change == .none) == (attempt < 3))
        }
        health = LinkHealth(at: start)
        for _ in 1...10 {
            _ = health.take(.connected(endpoint: end, descriptor: 1), isEncrypted: true, at: start)
            let change = health.take(
                .handshakeFailed(endpoint: end, number: 32), isEncrypted: true, at: start + .seconds(5))
            #expect(change == .none)
        }
    }

    private func take(_ event: SocketEvent, _ health: inout LinkHealth) -> LinkHealth.Change {
        health.take(event, isEncrypted: true, at: start)
    }

    // MARK: Notes in floods

    @Test func oneNoteASecondIsToldAndTheRestCounted() {
        var limiter = NoteLimiter<String>()
        let key = NoteLimiter<String>.Key(kind: "k", source: "a")
        let other = NoteLimiter<String>.Key(kind: "k", source: "b")
        var isTold = limiter.admits("1", key, at: start)
        #expect(isTold)
        isTold = limiter.admits("1", other, at: start)
        #expect(isTold)
        for number in 2...5 {
            isTold = limiter.admits("\(number)", key, at: start)
            #expect(!isTold)
        }
        let early = limiter.takeDue(at: start)
        #expect(early.isEmpty)
        let due = limiter.takeDue(at: start + .seconds(1))
        #expect(due.map(\.note) == ["5"] && due.map(\.more) == [3])
        isTold = limiter.admits("6", key, at: start + .milliseconds(1_500))
        #expect(!isTold)
        let last = limiter.takeDue(at: start + .seconds(2))
        #expect(last.map(\.note) == ["6"] && last.map(\.more) == [0])
        let none = limiter.takeDue(at: start + .seconds(3))
        #expect(none.isEmpty)
        isTold = limiter.admits("7", key, at: start + .seconds(3))
        #expect(isTold)
    }

    @Test func manySourcesAreOne() {
        var limiter = NoteLimiter<Int>()
        let told = (0..<10_000).count { limiter.admits($0, .init(kind: "k", source: "\($0)"), at: start) }
        #expect(told == NoteLimiter<Int>.sourcesMax + 1)
        let due = limiter.takeDue(at: start + .seconds(1))
        #expect(due.map(\.more) == [10_000 - told - 1])
    }
}
