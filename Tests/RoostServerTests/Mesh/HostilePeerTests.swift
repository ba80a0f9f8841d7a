// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What key holders may get wrong: a node goes on, says what was wrong, and none of its other peers is disturbed.

import RoostKeys
import RoostModel
import RoostNode
import RoostRoster
import RoostStats
import RoostWire
import Testing
import ZeroMQ

@testable import RoostServer

@Suite struct HostilePeerTests {
    private let keys: ClusterKeys

    init() throws { keys = try ClusterKeys(.random()) }

    /// Aim: topics are fixed, and what is none is counted and told. Method: a subscriber of two unknown ones.
    @Test func aSubscriptionToAnUnknownTopicIsCountedAndTold() async throws {
        let keys = keys
        try await MeshNode.run(keys: keys) { node, context in
            let socket = try Socket(.sub, in: context, options: .client(keys.client))
            try socket.subscribe(toPrefix: "Z".utf8)
            try socket.subscribe(toPrefix: "EEE".utf8)
            try socket.connect("tcp://\(node.stream)")
            _ = try node.report(context) { $0.refusals?.topics == 2 }
            #expect(node.log.lines.contains { $0.contains("somebody subscribed to a topic of") })
        }
    }

    /// Aim: a socket tells the origin, and nobody speaks for another. Method: of two played peers one sends a frame in the
    /// other's name; its link is closed, the other's is not.
    @Test func aFrameThatNamesAnotherOriginClosesItsLinkAlone() async throws {
        let keys = keys
        try await offPool {
            let context = try Context()
            let good = try PlayedPeer("good", keys: keys)
            let bad = try PlayedPeer("bad", keys: keys)
            let node = try MeshNode(seeds: [good.address, bad.address], keys: keys)
            defer { node.stop() }
            try good.waitForSubscriber()
            try bad.waitForSubscriber()
            try good.beat()
            try bad.beat()
            _ = try node.report(context) { $0.peers.count { $0.state == .connecting && $0.node != $0.address } == 2 }
            let event = Event(
                id: EventID(node: good.node, epoch: Epoch(1), sequence: 1), time: .zero, body: .nodeLeft(reason: "lie"))
            try bad.send(.events, EventFrame(header: FrameHeader(good.node), events: [event]).encoded())
            try waitFor("the refusal") {
                try good.beat()
                return node.log.lines.contains { $0.contains("it was bad and says now that it is good") } ? true : nil
            }
            #expect(!node.log.lines.contains { $0.contains("lie") })
            // Still heard: nobody calls it silent, though more than a second goes by.
            let since = SystemClock.instant()
            try waitFor("two seconds") {
                try good.beat()
                return SystemClock.instant() - since > .seconds(2) ? true : nil
            }
            #expect(!node.log.lines.contains { $0.contains("a peer is silent") && $0.contains("peer=good") })
        }
    }

    /// Aim: a message over the limit costs its sender's connection and nothing else. Method: a client sends one to the
    /// control socket; another client is answered as before.
    @Test func anOversizedRequestDisturbsNobodyElse() async throws {
        let keys = keys
        try await MeshNode.run(keys: keys) { node, context in
            let hostile = try Socket(.dealer, in: context, options: .client(keys.client))
            let monitor = try SocketMonitor(hostile, in: context)
            let good = try Socket(.dealer, in: context, options: .client(keys.client))
            try good.connect("tcp://\(node.control)")
            try ask(good, as: "good")
            try hostile.connect("tcp://\(node.control)")
            _ = try hostile.send([[UInt8](repeating: 0, count: SocketOptions.messageBytesMax + 1)])
            try waitFor("the disconnection") {
                if case .disconnected = try monitor.next() { true } else { nil }
            }
            try ask(good, as: "good")
        }
    }

    /// Aim: libzmq does not connect again to a peer that sent too much, so the node makes the link anew. Method: a played
    /// peer sends a frame over the limit; it sees another subscription, and the frame's follower is heard.
    @Test func aLinkIsMadeAnewAfterAnOversizedFrame() async throws {
        let keys = keys
        try await offPool {
            let peer = try PlayedPeer("loud", keys: keys)
            let node = try MeshNode(seeds: [peer.address], keys: keys)
            defer { node.stop() }
            try peer.waitForSubscriber()
            try peer.send(.events, [UInt8](repeating: 0, count: SocketOptions.messageBytesMax + 1))
            try peer.waitForSubscriber()
            try waitFor("its name") {
                try peer.beat()
                return node.driver.query { $0.statistics.peers.contains { $0.node == peer.node } } ? true : nil
            }
        }
    }

    /// Aim: rubbish is told once a second, not once a frame. Method: hundreds of frames of it.
    @Test func rubbishIsToldOnceASecond() async throws {
        let keys = keys
        try await offPool {
            let context = try Context()
            let peer = try PlayedPeer("loud", keys: keys)
            let node = try MeshNode(seeds: [peer.address], keys: keys)
            defer { node.stop() }
            try peer.waitForSubscriber()
            try peer.beat()
            for _ in 0..<500 { try peer.send(.events, [0xFF]) }
            let started = SystemClock.instant()
            _ = try node.report(context) { $0.refusals?.frames ?? 0 >= 500 }
            try waitFor("what was left out") { node.log.lines.contains { $0.contains("more=") } ? true : nil }
            let told = node.log.lines.count { $0.contains("a frame cannot be read") }
            let seconds = Int((SystemClock.instant() - started).components.seconds)
            #expect(told <= seconds + 2)
        }
    }

    /// Aim: what a node says last is sent before it ends. Method: it is told to end; a subscriber reads the farewell after
    /// `stop` has returned.
    @Test func theLastWordsOfANodeAreSent() async throws {
        let keys = keys
        try await offPool {
            let context = try Context()
            let node = try MeshNode(keys: keys)
            let peer = try Socket(.sub, in: context, options: .client(keys.client))
            try peer.subscribe(toPrefix: [Topic.events.rawValue])
            try peer.subscribe(toPrefix: [Topic.heartbeat.rawValue])
            try peer.connect("tcp://\(node.stream)")
            try waitFor("a heartbeat") { try peer.receiveParts() }
            node.driver.receive([.shutdownRequested(reason: "the end")])
            node.stop()
            let events = try waitFor("the farewell") { () -> [Event]? in
                guard let parts = try peer.receiveParts(), parts[0] == [Topic.events.rawValue] else { return nil }
                let body = parts[1]
                return try EventFrame(decoding: body.span.bytes).events
            }
            #expect(events.map(\.body) == [.nodeLeft(reason: "the end")])
        }
    }

    /// Aim: our own frames are never over a peer's limit, whatever clients put into their tags. Method: a machine that
    /// orders 4 MiB of tags in one step; a subscriber gets every event, in frames of 64 KiB at most and a little.
    @Test func aBurstIsCutIntoFramesThatPeersTake() async throws {
        let keys = keys
        try await offPool {
            let port = try freePorts(2)
            let node = try #require(NodeID("burst"))
            let log = LogCapture()
            let publisher = StatsPublisher(
                identity: .init(node: node, epoch: Epoch(1), version: "0", addresses: .init(clients: [])),
                interval: .seconds(1), log: log.logger, at: SystemClock.instant())
            let outbox = MeshOutbox()
            let count: UInt64 = 1_000
            let machine = BurstMachine(node: node, count: count)
            let driver = NodeDriver(machine: machine, lanes: [], outbox: outbox, actions: DriverActions())
            let thread = try MeshThread(
                addresses: MeshAddresses(control: "127.0.0.1:\(port)", stats: nil, cluster: "test"), keys: keys,
                driver: driver, outbox: outbox, stats: publisher)
            try thread.start()
            defer { thread.stop() }
            var options = SocketOptions.client(keys.client)
            options.maxMessageSize = SocketOptions.messageBytesMax
            let subscriber = try Socket(.sub, in: try Context(), options: options)
            // The machine hears of the second of these, and publishes then.
            try subscriber.subscribe(toPrefix: [Topic.events.rawValue])
            try subscriber.subscribe(toPrefix: [Topic.heartbeat.rawValue])
            try subscriber.connect("tcp://127.0.0.1:\(port + 1)")
            var sizes: [Int] = []
            var sequences: [UInt64] = []
            try waitFor("all events") {
                while let parts = try subscriber.receiveParts() {
                    let body = parts[1]
                    sizes.append(body.count)
                    sequences += try EventFrame(decoding: body.span.bytes).events.map(\.id.sequence)
                }
                return sequences.count >= count ? true : nil
            }
            #expect(sequences == Array(1...count))
            #expect(sizes.allSatisfy { $0 <= MeshLoop.frameBytes + 1_024 })
        }
    }

    /// Says HELLO, and waits for the answer.
    private func ask(_ socket: borrowing Socket, as name: String) throws {
        let node = try #require(NodeID(name))
        let introduction = Introduction(
            applied: Vector(), oldestReplayable: 1, address: NodeAddress(mesh: "", stats: ""), peers: [:],
            wall: SystemClock.moment().wall, greeting: 1)
        let hello = ControlFrame(header: FrameHeader(node), message: .hello(introduction))
        let sent = try socket.send(hello.encoded())
        #expect(sent)
        let answer = try waitFor("an answer") { try socket.receiveParts() }
        let body = try #require(answer.first)
        guard case .welcome = try ControlFrame(decoding: body.span.bytes).message else {
            Issue.record("no welcome")
            return
        }
    }
}

/// A machine that publishes many large events when somebody subscribes.
private struct BurstMachine: Machine {
    let node: NodeID
    let count: UInt64
    var nextDeadline: Instant?
    var last: UInt64 = 0

    init(node: NodeID, count: UInt64) {
        self.node = node
        self.count = count
    }

    mutating func step(_ input: NodeInput, at now: Moment, into effects: inout NodeEffects) {
        guard case .subscriberArrived = input else { return }
        for _ in 0..<count {
            last += 1
            let id = EventID(node: node, epoch: Epoch(1), sequence: last)
            let message = ChatMessage(
                kind: .tags, sender: id, target: .user(id), text: "",
                tags: [.init(key: "+filler", value: String(repeating: "x", count: 4_000))])
            effects.append(.publish(Event(id: id, time: HybridTime(wall: now.wall), body: .messageSent(message))))
        }
    }
}
