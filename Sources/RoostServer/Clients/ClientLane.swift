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
    /// Before this the loop turns to its sockets first, so that messages on their way join the next flush.
    private var restsUntil = Instant(nanoseconds: 0)

    /// A flush of what went to several clients is followed by a rest as long as itself, and no longer than this. Where it
    /// takes long because it has many to write to, whoever waited for it to speak again is heard before the next one, and
    /// each client is written to once for all of them instead of once for each: with 8 messages outstanding in a channel
    /// of 1,000 this doubled the deliveries per processor second, and halved the time that the slowest took. A loop with
    /// little to do has flushes of microseconds, and its rests are over before the next message. Messages for one client
    /// each would only wait.
    private static let restMax: UInt64 = 4_000_000

    init(loop: ClientLoop, inbox: LaneInbox) {
        self.loop = loop
        self.inbox = inbox
    }

    /// Performs all that is in the inbox, and writes to each client concerned once.
    func drain() {
        let takenAt = SystemClock.instant()
        guard takenAt >= restsUntil else {
            let rest = TimeAmount(restsUntil - takenAt)
            loop.eventLoop.assumeIsolated().scheduleTask(in: rest) { self.drain() }
            return
        }
        inbox.take(&taken)
        loop.step = taken.step
        for delivery in taken.deliveries { perform(delivery) }
        loop.flush()
        let flushedAt = SystemClock.instant()
        loop.counters.record(
            waitingSince: taken.waitingSince, taken: takenAt, flushed: flushedAt, readTimes: taken.readTimes)
        loop.flushedStep = taken.step
        inbox.reportFlushed(through: taken.step)
        let rest = taken.hasSharedMessages ? min(flushedAt.nanoseconds - takenAt.nanoseconds, Self.restMax) : 0
        restsUntil = Instant(nanoseconds: flushedAt.nanoseconds + rest)
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
            let loop = ClientLoop(
                eventLoop: eventLoop, context: context, ids: ids, progress: inbox.progress)
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
        eventLoop.execute { [lane] in
            lane.value?.drain()
            lane.value?.loop.disconnectAll()
        }
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

extension LaneInbox.Contents {
    /// Whether anything among it goes to several clients, beside who said it.
    fileprivate var hasSharedMessages: Bool {
        deliveries.contains { if case .fanOut(_, let ids, _) = $0 { ids.count > 2 } else { false } }
    }
}
