// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What the driver does with effects: to whom they go, in which order, who is woken, and what never holds the lock.

import RoostIRC
import RoostModel
import RoostNode
import RoostRoster
import RoostWire
import Synchronization
import Testing

@testable import RoostServer

@Suite struct NodeDriverTests {
    init() throws {
        node = try #require(NodeID("test"))
    }

    @Test func eachLaneGetsItsPartInStepOrder() {
        let bench = Bench()
        var audience = Audience()
        for id in [bench.left, bench.right, bench.left2] { audience.insert(id) }
        bench.run([
            .send(text("1"), to: bench.left), .fanOut(text("2"), to: audience, except: bench.right),
            .setCapabilities(bench.right, [.messageTags]), .registered(bench.left),
            .send(text("3"), to: bench.right), .disconnect(bench.left),
        ])
        #expect(
            bench.taken(0) == [
                .send(text("1"), to: bench.left),
                .fanOut(text("2"), to: [bench.left, bench.left2], except: bench.right),
                .registered(bench.left), .disconnect(bench.left),
            ])
        #expect(
            bench.taken(1) == [
                .fanOut(text("2"), to: [bench.right], except: bench.right),
                .setCapabilities(bench.right, [.messageTags]), .send(text("3"), to: bench.right),
            ])
    }

    @Test func aLaneIsWokenOnlyWhenItWasEmpty() {
        let bench = Bench()
        for number in 0..<3 { bench.run([.send(text("\(number)"), to: bench.left)]) }
        #expect(bench.wakeUps(0) == 1)
        #expect(bench.wakeUps(1) == 0)
        #expect(bench.taken(0).count == 3)
        bench.run([.send(text("3"), to: bench.left)])
        #expect(bench.wakeUps(0) == 2)
    }

    @Test func oneEntryTakesAllInputsOfARead() {
        let bench = Bench()
        bench.script(.send(text("1"), to: bench.left), for: .started)
        bench.script(.send(text("2"), to: bench.left), for: .subscriberArrived)
        bench.driver.receive([.started, .subscriberArrived], readAt: nil)
        #expect(bench.wakeUps(0) == 1)
        #expect(bench.taken(0) == [.send(text("1"), to: bench.left), .send(text("2"), to: bench.left)])
    }

    @Test func whatConcernsPeersGoesToTheMeshInOrder() {
        let bench = Bench()
        bench.run([.openLink(LinkID(1), address: "a:1"), .publish(event(1))])
        bench.run([.publish(event(2)), .closeLink(LinkID(1))])
        #expect(bench.meshWakeUps == 1)
        #expect(
            bench.outbox.take() == [
                .openLink(LinkID(1), address: "a:1"), .publish(event(1)), .publish(event(2)), .closeLink(LinkID(1)),
            ])
        #expect(bench.outbox.take().isEmpty)
    }

    @Test func whatIsPublishedWhileNobodyIsSubscribedGoesNowhere() {
        let bench = Bench()
        bench.outbox.isHeard = false
        bench.run([.publish(event(1))])
        #expect(bench.meshWakeUps == 0)
        bench.run([.publish(event(2)), .closeLink(LinkID(1))])
        bench.outbox.isHeard = true
        bench.run([.publish(event(3))])
        #expect(bench.outbox.take() == [.closeLink(LinkID(1)), .publish(event(3))])
    }

    @Test func aFullOutboxClosesTheGateAndKeepsEverythingUntilItIsTaken() {
        let bench = Bench(ordersMax: 2)
        bench.run([.publish(event(1))])
        #expect(!bench.outbox.gate.isClosed)
        bench.run([.publish(event(2))])
        #expect(bench.outbox.gate.isClosed)
        bench.run([.publish(event(3))])
        let resumed = Atomic(false)
        let waits = bench.outbox.gate.whenOpen { resumed.store(true, ordering: .relaxed) }
        #expect(waits)
        #expect(bench.outbox.take().count == 3)
        #expect(!bench.outbox.gate.isClosed)
        let hasResumed = resumed.load(ordering: .relaxed)
        #expect(hasResumed)
        #expect(!bench.outbox.gate.whenOpen {})
    }

    @Test func theMeshIsWokenWhenTheDeadlineMovesEarlierAndNotWhenItMovesLater() {
        let bench = Bench()
        #expect(bench.driver.nextDeadline == nil)
        let far = SystemClock.instant() + .seconds(100)
        bench.run([], deadline: far)
        #expect(bench.driver.nextDeadline == far)
        #expect(bench.meshWakeUps == 1)
        bench.run([], deadline: far + .seconds(1))
        #expect(bench.meshWakeUps == 1)
        bench.run([], deadline: far)
        #expect(bench.meshWakeUps == 2)
    }

    @Test func theDeadlineIsToldOnceItHasCome() {
        let bench = Bench()
        bench.run([], deadline: SystemClock.instant() + .seconds(100))
        bench.driver.deadlineReached()
        #expect(bench.log.inputs == [.started])
        bench.run([], deadline: SystemClock.instant())
        bench.driver.deadlineReached()
        #expect(bench.log.inputs == [.started, .started, .deadlineReached])
    }

    @Test func aPasswordIsCheckedWhileOthersGoOn() async throws {
        let mayAnswer = Atomic(false)
        let actions = DriverActions(checkPassword: { given, stored in
            while !mayAnswer.load(ordering: .acquiring) {}
            return given == stored
        })
        let bench = Bench(actions: actions)
        bench.run([.checkPassword(bench.left, .connection, given: "a", stored: "a")])
        bench.run([.send(text("1"), to: bench.left)])
        #expect(bench.taken(0).count == 1)
        #expect(bench.log.inputs == [.started, .started])
        mayAnswer.store(true, ordering: .releasing)
        try await eventually("the answer") { bench.log.inputs.count == 3 }
        #expect(bench.log.inputs.last == .passwordChecked(bench.left, .connection, matches: true))
    }

    @Test func deliveriesAreReportedOnceEveryLaneHasFlushedThem() {
        let bench = Bench()
        bench.run([.send(text("1"), to: bench.left)], applied: vector(1))
        bench.driver.reportDelivered()
        bench.driver.reportDelivered()
        #expect(bench.log.inputs == [.started])
        bench.flush(0)
        bench.driver.reportDelivered()
        #expect(bench.log.inputs == [.started, .delivered(vector(1))])
        bench.driver.reportDelivered()
        #expect(bench.log.inputs.count == 2)
        bench.run([], applied: vector(2))
        bench.driver.reportDelivered()
        bench.driver.reportDelivered()
        #expect(bench.log.inputs.last == .delivered(vector(2)))
        #expect(bench.log.inputs.count == 4)
    }

    private func text(_ text: String) -> OutgoingMessage {
        OutgoingMessage(source: nil, command: "NOTE", parameters: [text])
    }

    private func event(_ sequence: UInt64) -> Event {
        Event(
            id: EventID(node: node, epoch: Epoch(1), sequence: sequence), time: .zero, body: .nodeLeft(reason: "test"))
    }

    private func vector(_ sequence: UInt64) -> Vector {
        Vector([node: Vector.Position(epoch: Epoch(1), sequence: sequence)])
    }

    private let node: NodeID
}

/// A driver with two lanes around a machine that does as it is told.
private final class Bench: Sendable {
    struct Script: Sendable {
        var effects: [NodeEffect] = []
        var byInput: [(NodeInput, NodeEffect)] = []
        var deadline: Instant?
        var applied = Vector()
    }

    struct Puppet: Machine {
        let log: InputLog
        let script: Shared<Script>
        var nextDeadline: Instant?
        var applied = Vector()

        mutating func step(_ input: NodeInput, at now: Moment, into effects: inout NodeEffects) {
            log.append(input)
            let script = script.value.withLock { script in
                defer { script.effects = [] }
                return script
            }
            for effect in script.effects { effects.append(effect) }
            for (wanted, effect) in script.byInput where wanted == input { effects.append(effect) }
            nextDeadline = script.deadline
            applied = script.applied
        }
    }

    final class Shared<Value: Sendable>: Sendable {
        let value: Mutex<Value>
        init(_ value: Value) { self.value = Mutex(value) }
    }

    let left = ConnectionID(lane: 0, serial: 1)
    let left2 = ConnectionID(lane: 0, serial: 2)
    let right = ConnectionID(lane: 1, serial: 1)
    let log = InputLog()
    let outbox: MeshOutbox
    let driver: NodeDriver<Puppet>
    private let lanes: [LaneInbox]
    private let wakes = Shared([0, 0])
    private let meshWakes = Shared(0)
    private let script = Shared(Script())

    init(ordersMax: Int = 100, actions: DriverActions = DriverActions()) {
        let wakes = wakes
        let meshWakes = meshWakes
        lanes = (0..<2).map { lane in LaneInbox { wakes.value.withLock { $0[lane] += 1 } } }
        outbox = MeshOutbox(ordersMax: ordersMax) { meshWakes.value.withLock { $0 += 1 } }
        driver = NodeDriver(
            machine: Puppet(log: log, script: script), lanes: lanes, outbox: outbox, actions: actions)
    }

    func script(_ effect: NodeEffect, for input: NodeInput) {
        script.value.withLock { $0.byInput.append((input, effect)) }
    }

    /// Has the machine give effects in one step.
    func run(_ effects: [NodeEffect], deadline: Instant? = nil, applied: Vector = Vector()) {
        script.value.withLock {
            $0.effects = effects
            $0.deadline = deadline
            $0.applied = applied
        }
        driver.receive([.started])
    }

    func taken(_ lane: Int) -> [Delivery] {
        var contents = LaneInbox.Contents()
        lanes[lane].take(&contents)
        return contents.deliveries
    }

    func flush(_ lane: Int) {
        var contents = LaneInbox.Contents()
        lanes[lane].take(&contents)
        lanes[lane].reportFlushed(through: contents.step)
    }

    func wakeUps(_ lane: Int) -> Int { wakes.value.withLock { $0[lane] } }

    var meshWakeUps: Int { meshWakes.value.withLock { $0 } }
}
