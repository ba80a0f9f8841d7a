// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Where each client has a thread of its own, all are one lane to the machine. The dispatcher empties the lane's inbox.

import NIOCore
import RoostModel
import RoostNode
import Synchronization

/// Takes what the machine has for the lane, and has it spread. Lives on an event loop of its own.
final class ClientDispatcher {
    private let inbox: LaneInbox
    private let table: RecipientTable
    private let counters: CounterCell
    private var taken = LaneInbox.Contents()

    init(inbox: LaneInbox, table: RecipientTable, counters: CounterCell) {
        self.inbox = inbox
        self.table = table
        self.counters = counters
    }

    /// Spreads all that is in the inbox. What the clients' threads are still to write is owed from then on.
    func drain() {
        inbox.take(&taken)
        let takenAt = SystemClock.instant()
        var tally = ClientTally()
        tally.delivered = table.spread(
            taken.deliveries, step: taken.step, owing: inbox.progress, readAt: taken.readTimes.first)
        counters.add(tally)
        counters.record(waitingSince: taken.waitingSince, taken: takenAt, flushed: takenAt, readTimes: [])
        inbox.reportFlushed(through: taken.step)
    }
}

/// The dispatcher's lane, seen from other threads.
struct DispatchedLane: Sendable {
    let inbox: LaneInbox
    private let eventLoop: any EventLoop
    private let table = RecipientTable()
    /// Both empty until `start`.
    private let dispatcher: NIOLoopBoundBox<ClientDispatcher?>
    private let context: ContextBox

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        let dispatcher = NIOLoopBoundBox<ClientDispatcher?>.makeEmptyBox(eventLoop: eventLoop)
        self.dispatcher = dispatcher
        context = ContextBox()
        inbox = LaneInbox { eventLoop.execute { dispatcher.value?.drain() } }
    }

    /// Makes the dispatcher. To be called once, before a connection is added.
    func start(_ context: ClientLoopContext) {
        self.context.value.withLock { $0 = context }
        eventLoop.execute { [dispatcher, inbox, table] in
            ThreadName.set("dispatch")
            dispatcher.value = ClientDispatcher(inbox: inbox, table: table, counters: context.counters)
        }
    }

    /// Starts the thread of a connection.
    ///
    /// - Parameter ended: called when it has ended.
    func connect(_ descriptor: CInt, _ address: PeerAddress, ended: @escaping @Sendable () -> Void) {
        guard let context = context.value.withLock({ $0 }) else {
            preconditionFailure("a connection before the front end was started")
        }
        ClientThread.start(
            descriptor, from: address, table: table, context: context, progress: inbox.progress, ended: ended)
    }

    /// Holds the clients, and those to come, to other limits.
    func setLimits(_ limits: ClientLimits) {
        context.value.withLock { $0?.limits = limits }
        table.setLimits(limits)
    }

    /// Closes all connections once what is queued for them is sent.
    func disconnectAll() {
        eventLoop.execute { [dispatcher, table] in
            dispatcher.value?.drain()
            table.disconnectAll()
        }
    }

    private final class ContextBox: Sendable {
        let value = Mutex<ClientLoopContext?>(nil)
    }
}
