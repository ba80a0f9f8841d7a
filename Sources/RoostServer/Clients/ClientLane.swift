// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// A lane whose clients share an event loop: takes what the machine has for them and has the loop perform it, in order.

import NIOCore
import RoostModel
import RoostNode
import Synchronization

/// One lane, with its clients. Lives on its event loop.
final class ClientLane {
    let loop: ClientLoop
    private let inbox: LaneInbox
    private var taken = LaneInbox.Contents()

    init(loop: ClientLoop, inbox: LaneInbox) {
        self.loop = loop
        self.inbox = inbox
    }

    /// Performs all that is in the inbox, and writes to each client concerned once.
    func drain() {
        inbox.take(&taken)
        let takenAt = SystemClock.instant()
        for delivery in taken.deliveries { perform(delivery) }
        loop.flush()
        loop.counters.record(
            waitingSince: taken.waitingSince, taken: takenAt, flushed: SystemClock.instant(),
            readTimes: taken.readTimes)
        inbox.reportFlushed(through: taken.step)
    }

    private func perform(_ delivery: Delivery) {
        switch delivery {
        case .fanOut(let message, let ids, let except): loop.fanOut(message, to: ids, except: except)
        case .send(let message, let id): loop.send(message, to: id)
        case .setCapabilities(let id, let capabilities):
            if let slot = loop.slot(of: id) { loop.setCapabilities(capabilities, of: slot) }
        case .registered(let id):
            if let slot = loop.slot(of: id) { loop.register(slot) }
        case .disconnect(let id):
            if let slot = loop.slot(of: id) { loop.disconnect(slot) }
        }
    }
}

/// A lane's way from other threads to its event loop.
struct SharedLane: Sendable {
    let eventLoop: any EventLoop
    let inbox: LaneInbox
    /// Empty until `start`.
    private let lane: NIOLoopBoundBox<ClientLane?>

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        let lane = NIOLoopBoundBox<ClientLane?>.makeEmptyBox(eventLoop: eventLoop)
        self.lane = lane
        inbox = LaneInbox { eventLoop.execute { lane.value?.drain() } }
    }

    /// Makes the lane. To be called once, before a connection is added.
    func start(_ context: ClientLoopContext, ids: any ConnectionIDSource) {
        eventLoop.execute { [lane, eventLoop, inbox] in
            let loop = ClientLoop(eventLoop: eventLoop, context: context, ids: ids)
            lane.value = ClientLane(loop: loop, inbox: inbox)
        }
    }

    /// Puts the handler of a new connection into its channel's pipeline.
    func add(_ channel: any Channel, host: String) throws {
        guard let loop = lane.value?.loop else { throw ChannelError.operationUnsupported }
        try channel.pipeline.syncOperations.addHandler(ClientHandler(loop: loop, host: host))
    }

    /// Holds the clients to other limits.
    func setLimits(_ limits: ClientLimits) {
        eventLoop.execute { [lane] in lane.value?.loop.limits = limits }
    }

    /// Closes all connections once what is queued for them is sent.
    func disconnectAll() {
        eventLoop.execute { [lane] in lane.value?.loop.disconnectAll() }
    }
}

/// Numbers the connections of one lane.
final class LaneIDs: ConnectionIDSource {
    private let lane: Int
    private let count = Atomic<UInt64>(0)

    init(lane: Int) { self.lane = lane }

    func makeID(slot: Int) -> ConnectionID {
        ConnectionID(lane: lane, count: count.wrappingAdd(1, ordering: .relaxed).newValue, slot: slot)
    }

    func retire(_ id: ConnectionID) {}
}
