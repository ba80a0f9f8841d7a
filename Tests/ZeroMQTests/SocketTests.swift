// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Sending and receiving on every kind of socket: what arrives, what is refused, what is dropped, and that a message is
// never torn.

import Foundation
import Synchronization
import Testing
import ZeroMQ

@Suite struct SocketTests {
    @Test func aRequestIsAnsweredOverTCP() throws {
        let context = try Context()
        let server = try Socket(.rep, in: context, options: patient)
        let client = try Socket(.req, in: context, options: patient)
        try client.connect(try server.bind("tcp://127.0.0.1:*"))
        #expect(try client.send(bytes("ping"), blocking: true))
        #expect(try server.receiveParts(blocking: true) == [bytes("ping")])
        #expect(try server.send(bytes("pong"), blocking: true))
        #expect(try client.receiveParts(blocking: true) == [bytes("pong")])
    }

    @Test func aReplyWithoutARequestIsWrong() throws {
        let context = try Context()
        let server = try Socket(.rep, in: context)
        let error = #expect(throws: ZeroMQError.self) { try server.send(bytes("pong")) }
        #expect(error?.code == .wrongState)
    }

    @Test func partsArriveTogetherAndInOrder() throws {
        let context = try Context()
        let left = try Socket(.dealer, in: context, options: patient)
        let right = try Socket(.dealer, in: context, options: patient)
        try right.connect(try left.bind("tcp://127.0.0.1:*"))
        let parts: [[UInt8]] = [bytes("E"), [], Array(repeating: 200, count: 70_000)]
        #expect(try right.send(parts, blocking: true))
        #expect(try left.receiveParts(blocking: true) == parts)

        #expect(try right.send(bytes("a"), more: true, blocking: true))
        #expect(try right.send(bytes("b"), blocking: true))
        var part = Message()
        #expect(try left.receive(into: &part, blocking: true))
        #expect(part.hasMore == true)
        #expect(part.bytes == bytes("a"))
        #expect(try left.receive(into: &part))
        #expect(part.hasMore == false)
        #expect(part.bytes == bytes("b"))
        #expect(try !left.receive(into: &part))
        #expect(part.count == 0)
    }

    @Test func receivingNothingIsNil() throws {
        let context = try Context()
        let socket = try Socket(.router, in: context)
        try socket.bind("inproc://quiet")
        #expect(try socket.receiveParts() == nil)
        if try socket.receive() != nil { Issue.record("a message from nowhere") }
    }

    @Test func aReceiveTimeoutEndsTheWait() throws {
        let context = try Context()
        var options = SocketOptions()
        options.receiveTimeout = .milliseconds(20)
        let socket = try Socket(.pair, in: context, options: options)
        try socket.bind("inproc://quiet")
        let clock = ContinuousClock()
        let start = clock.now
        #expect(try socket.receiveParts(blocking: true) == nil)
        #expect(clock.now - start >= .milliseconds(19))
    }

    @Test func aFullQueueRefusesAndKeepsTheMessage() throws {
        let context = try Context()
        let sender = try Socket(.pair, in: context, options: patient(highWaterMark: 2))
        let receiver = try Socket(.pair, in: context, options: patient(highWaterMark: 2))
        try receiver.bind("inproc://narrow")
        try sender.connect("inproc://narrow")
        // Within a process the two queues are one.
        for number in 0..<4 { #expect(try sender.send([UInt8(number)])) }
        var message = Message("fifth")
        #expect(try !sender.send(&message))
        #expect(message.bytes == bytes("fifth"))
        for number in 0..<4 { #expect(try receiver.receiveParts() == [[UInt8(number)]]) }
        #expect(try sender.send(&message, blocking: true))
        #expect(message.count == 0)
        #expect(try receiver.receiveParts(blocking: true) == [bytes("fifth")])
    }

    @Test func aRefusedMessageLeavesNoPartBehind() throws {
        let context = try Context()
        let sender = try Socket(.dealer, in: context, options: patient(highWaterMark: 2))
        let receiver = try Socket(.dealer, in: context, options: patient(highWaterMark: 2))
        try receiver.bind("inproc://narrow")
        try sender.connect("inproc://narrow")
        var accepted = 0
        for number in 0..<10 where try sender.send([[UInt8(number)], bytes("x"), bytes("y")]) { accepted += 1 }
        #expect(accepted == 4)
        for number in 0..<4 {
            #expect(try receiver.receiveParts() == [[UInt8(number)], bytes("x"), bytes("y")])
        }
        #expect(try sender.send([[99], bytes("z")], blocking: true))
        #expect(try receiver.receiveParts(blocking: true) == [[99], bytes("z")])
    }

    @Test func noMessageIsTornWhileTheQueueFillsAndEmpties() throws {
        let context = try Context()
        let sender = try Socket(.dealer, in: context, options: patient(highWaterMark: 2))
        try sender.bind("inproc://narrow")
        let torn = Mutex<Int?>(nil)
        let done = try WakeUp()
        let reader = Thread {
            // An error here leaves the count nil.
            torn.withLock { $0 = try? tornMessages(from: "inproc://narrow", in: context) }
            done.signal()
        }
        reader.start()
        var refused = 0
        for number in 0..<50_000 {
            let sent = try sender.send([[0], [1], [UInt8(truncatingIfNeeded: number)]])
            if !sent { refused += 1 }
        }
        #expect(try sender.send([bytes("end")], blocking: true))
        var poller = Poller<Int>()
        poller.add(done, as: 0)
        #expect(try poller.wait(timeout: deadline).count == 1)
        #expect(torn.withLock { $0 } == 0)
        #expect(refused > 0)
    }

    @Test func aMessageCutShortByALostPeerIsDroppedToItsEnd() throws {
        let context = try Context()
        var options = patient
        options.immediate = true
        options.reconnectInterval = .milliseconds(10)
        let client = try Socket(.dealer, in: context, options: options)
        let monitor = try SocketMonitor(client, in: context)
        let server = try Socket(.dealer, in: context, options: patient)
        let endpoint = try server.bind("tcp://127.0.0.1:*")
        try client.connect(endpoint)
        #expect(try client.send(bytes("a"), more: true, blocking: true))
        server.close()
        // The new attempt begins after the socket was told of the loss; polling makes it take notice.
        #expect(try firstEvent(of: monitor) { if case .connectRetried = $0 { true } else { false } } != nil)
        var poller = Poller<Int>()
        poller.add(client, as: 0, for: .writable)
        #expect(try poller.wait(timeout: deadline).count == 1)
        // What `send` of all parts relies on: at most one refusal, then silence up to the last part.
        var refused = 0
        for part in ["b", "c"] where try !client.send(bytes(part), more: true) { refused += 1 }
        #expect(refused <= 1)
        #expect(try client.send(bytes("d")))

        let next = try Socket(.dealer, in: context, options: patient)
        let bound: String? = first { try? next.bind(endpoint) }
        #expect(bound == endpoint)
        #expect(try client.send([bytes("x"), bytes("y")], blocking: true))
        #expect(try next.receiveParts(blocking: true) == [bytes("x"), bytes("y")])
    }

    @Test func aDealerThatIsImmediateRefusesUntilItIsConnected() throws {
        let context = try Context()
        var options = patient
        options.immediate = true
        let server = try Socket(.router, in: context, options: patient)
        let client = try Socket(.dealer, in: context, options: options)
        let endpoint = try server.bind("tcp://127.0.0.1:*")
        try server.unbind(endpoint)
        try client.connect(endpoint)
        #expect(try !client.send(bytes("too early")))
    }

    @Test func aPublisherDropsBeyondTheHighWaterMark() throws {
        let context = try Context()
        let publisher = try Socket(.xpub, in: context, options: patient(highWaterMark: 4))
        let subscriber = try Socket(.sub, in: context, options: patient(highWaterMark: 4))
        try publisher.bind("inproc://narrow")
        try subscriber.connect("inproc://narrow")
        try subscriber.subscribe(toPrefix: [])
        #expect(try publisher.receiveParts(blocking: true) == [[1]])
        for number in 0..<100 { #expect(try publisher.send([UInt8(number)])) }
        var received: [[UInt8]] = []
        while let parts = try subscriber.receiveParts() { received += parts }
        #expect(received == (0..<8).map { [UInt8($0)] })
    }

    @Test(arguments: [true, false])
    func onlyAVerbosePublisherSeesEverySubscription(verbose: Bool) throws {
        let context = try Context()
        var options = patient
        options.xpubVerbose = verbose
        let publisher = try Socket(.xpub, in: context, options: options)
        let first = try Socket(.sub, in: context)
        let second = try Socket(.sub, in: context)
        let endpoint = try publisher.bind("tcp://127.0.0.1:*")
        try first.connect(endpoint)
        try second.connect(endpoint)
        try first.subscribe(toPrefix: "H".utf8)
        #expect(try publisher.receiveParts(blocking: true) == [[1] + bytes("H")])
        try second.subscribe(toPrefix: "H".utf8)
        try second.subscribe(toPrefix: "E".utf8)
        if verbose { #expect(try publisher.receiveParts(blocking: true) == [[1] + bytes("H")]) }
        #expect(try publisher.receiveParts(blocking: true) == [[1] + bytes("E")])
    }

    @Test func aSubscriberHearsOnlyItsPrefixes() throws {
        let context = try Context()
        let publisher = try Socket(.xpub, in: context, options: patient)
        let subscriber = try Socket(.sub, in: context, options: patient)
        try subscriber.connect(try publisher.bind("tcp://127.0.0.1:*"))
        try subscriber.subscribe(toPrefix: "stats.".utf8)
        #expect(try publisher.receiveParts(blocking: true) == [[1] + bytes("stats.")])
        #expect(try publisher.send([bytes("event.gap"), bytes("no")]))
        #expect(try publisher.send([bytes("stats.node1"), bytes("yes")]))
        #expect(try subscriber.receiveParts(blocking: true) == [bytes("stats.node1"), bytes("yes")])
    }

    @Test func aMandatoryRouterRefusesStrangersAndStaysInStep() throws {
        let context = try Context()
        var options = patient
        options.routerMandatory = true
        let router = try Socket(.router, in: context, options: options)
        let dealer = try Socket(.dealer, in: context, options: patient)
        try dealer.connect(try router.bind("tcp://127.0.0.1:*"))
        let error = #expect(throws: ZeroMQError.self) { try router.send([bytes("nobody"), bytes("hi")]) }
        #expect(error?.code == .hostUnreachable)

        #expect(try dealer.send(bytes("hello"), blocking: true))
        let hello = try #require(try router.receiveParts(blocking: true))
        try #require(hello.count == 2)
        #expect(try router.send([hello[0], bytes("welcome")]))
        #expect(try dealer.receiveParts(blocking: true) == [bytes("welcome")])
    }

    @Test func aRoutingIDIsHowTheRouterKnowsThePeer() throws {
        let context = try Context()
        var options = patient
        options.routingID = bytes("node1")
        let router = try Socket(.router, in: context, options: patient)
        let dealer = try Socket(.dealer, in: context, options: options)
        try dealer.connect(try router.bind("tcp://127.0.0.1:*"))
        #expect(try dealer.send(bytes("hello"), blocking: true))
        #expect(try router.receiveParts(blocking: true) == [bytes("node1"), bytes("hello")])
    }

    @Test func aMessageOfTooManyPartsIsThrownAwayWhole() throws {
        let context = try Context()
        let left = try Socket(.pair, in: context, options: patient)
        let right = try Socket(.pair, in: context, options: patient)
        try left.bind("inproc://parts")
        try right.connect("inproc://parts")
        #expect(try left.send((0..<5).map { [UInt8($0)] }))
        #expect(try left.send(bytes("next")))
        let error = #expect(throws: ZeroMQError.self) { try right.receiveParts(partsMax: 4) }
        #expect(error?.code == .messageTooLong)
        #expect(error?.description == "receive: 5 parts, 4 allowed")
        #expect(try right.receiveParts() == [bytes("next")])
    }

    @Test func aPartBeyondTheMaximumSizeDisconnectsItsSender() throws {
        let context = try Context()
        var options = patient
        options.maxMessageSize = 1000
        let server = try Socket(.router, in: context, options: options)
        let client = try Socket(.dealer, in: context, options: patient)
        let monitor = try SocketMonitor(client, in: context)
        try client.connect(try server.bind("tcp://127.0.0.1:*"))
        #expect(try client.send([UInt8](repeating: 1, count: 1001), blocking: true))
        let event = try firstEvent(of: monitor) { if case .disconnected = $0 { true } else { false } }
        #expect(event != nil)
        #expect(try server.receiveParts() == nil)
    }
}

/// Reads until the message "end" and counts those that have not the three parts 0, 1 and something.
private func tornMessages(from endpoint: String, in context: Context) throws -> Int {
    let reader = try Socket(.dealer, in: context, options: patient(highWaterMark: 2))
    try reader.connect(endpoint)
    var torn = 0
    while let parts = try reader.receiveParts(blocking: true), parts != [bytes("end")] {
        if parts.count != 3 || parts[0] != [0] || parts[1] != [1] { torn += 1 }
    }
    return torn
}
