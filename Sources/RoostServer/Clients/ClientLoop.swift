// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// All clients of one event loop: opens and closes them, and keeps their table. Reading, writing and timers stand in the
// files beside this one. Everything here runs on that loop.

import NIOCore
import RoostIRC
import RoostModel
import RoostNode

/// Makes up the ids of connections.
protocol ConnectionIDSource: Sendable {
    /// An id never used before, for the client at that place of its loop's table.
    func makeID(slot: Int) -> ConnectionID
    /// The connection with that id is gone.
    func retire(_ id: ConnectionID)
}

/// What a client loop needs to know of the front end.
struct ClientLoopContext: Sendable {
    var sink: any InputSink
    var gate: ReadGate
    var limits: ClientLimits
    var serverName: String
    var counters: CounterCell
}

/// The clients of one event loop.
final class ClientLoop {
    let eventLoop: any EventLoop
    let sink: any InputSink
    let gate: ReadGate
    /// Changed ones hold from the next time that each is looked at.
    var limits: ClientLimits
    let ids: any ConnectionIDSource
    let counters: CounterCell
    let progress: FlushProgress
    let pingLine: [UInt8]

    /// A client's place does not change while it is open, and is used again after that.
    var clients: [Client?] = []
    private var freeSlots: [Int] = []

    /// The clients with something to flush, each once, and places that were such clients'.
    var dirty: [Int] = []
    /// The message at hand, encoded.
    var variants = EncodedVariants()
    /// The lines of the read at hand.
    var lines: [ReceiveQueue.Line] = []
    /// When they were read.
    var linesReadAt = Instant(nanoseconds: 0)
    /// What the machine is to be told at the end of the turn, in the order in which it happened.
    var inputs: [NodeInput] = []
    /// When the first of the lines among that was read.
    var firstReadAt: Instant?
    /// Clients that wait for the gate to open.
    var heldAtGate: [Int] = []
    var wheel: TimerWheel
    /// The tick that the loop's one timer is set for.
    var armedTick = UInt64.max
    /// Deliveries of later steps are not in any client's buffer.
    var step: UInt64 = 0
    /// Deliveries up to this step have been offered to the kernel.
    var flushedStep: UInt64 = 0
    /// Counted here since the counters were last brought up to date.
    var tally = ClientTally()

    init(
        eventLoop: any EventLoop, context: ClientLoopContext, ids: any ConnectionIDSource, progress: FlushProgress
    ) {
        self.progress = progress
        self.eventLoop = eventLoop
        self.ids = ids
        sink = context.sink
        gate = context.gate
        limits = context.limits
        counters = context.counters
        pingLine = Array("PING :\(context.serverName)\r\n".utf8)
        wheel = TimerWheel(tickLength: context.limits.timerGrain, at: SystemClock.instant())
    }

    /// Takes in a connection, and tells the machine.
    ///
    /// - Returns: its place in the table.
    func open(_ channel: any Channel, handler: ClientHandler, host: String) -> Int {
        let slot = freeSlots.popLast() ?? clients.count
        if slot == clients.count { clients.append(nil) }
        let now = SystemClock.instant()
        let id = ids.makeID(slot: slot)
        clients[slot] = Client(
            id: id, host: host, channel: channel, handler: handler, socket: DirectSocket(of: channel), at: now)
        look(at: slot, by: now + limits.registrationTimeout)
        tell(.clientConnected(id, host: host))
        return slot
    }

    /// A connection has ended. The descriptor is closed already.
    func closed(_ slot: Int, reason: String) {
        readCompleted(slot)
        guard let client = clients[slot] else { return }
        clients[slot] = nil
        freeSlots.append(slot)
        ids.retire(client.id)
        progress.forget(client.id)
        if client.isKnown { tell(.clientLost(client.id, reason: reason)) }
    }

    /// Closes a connection once all that is queued for it is sent. The machine knows it no more.
    func disconnect(_ slot: Int) {
        guard let client = clients[slot], client.isKnown else { return }
        let cutAt = SystemClock.instant() + limits.closePatience
        clients[slot]?.phase = .closing(cutAt: cutAt)
        look(at: slot, by: cutAt)
        markDirty(slot)
    }

    /// Ends a connection for a reason of ours: tells the machine, and the client where that makes sense.
    func lose(_ slot: Int, reason: String, farewell: Bool) {
        guard let client = clients[slot], client.isKnown else { return }
        if farewell {
            append(Array("ERROR :Closing Link: \(client.host) (\(reason))\r\n".utf8), to: slot)
            disconnect(slot)
            flushSoon()
        } else {
            clients[slot]?.output.discard()
            progress.forget(client.id)
            clients[slot]?.phase = .closing(cutAt: SystemClock.instant())
        }
        tell(.clientLost(client.id, reason: reason))
        if !farewell { client.channel.close(promise: nil) }
    }

    /// Closes all connections once all that is queued for them is sent.
    func disconnectAll() {
        for slot in clients.indices { disconnect(slot) }
        flush()
    }

    /// The client is registered.
    func register(_ slot: Int) {
        guard let client = clients[slot], client.phase == .registering else { return }
        clients[slot]?.phase = .registered
        look(at: slot, by: client.lastHeard + limits.pingInterval)
    }

    /// The client's place, if it is here still.
    func slot(of id: ConnectionID) -> Int? {
        let slot = id.slot
        return slot < clients.count && clients[slot]?.id == id ? slot : nil
    }

    /// Brings the counters up to date.
    func publishTally() {
        counters.add(tally)
        tally = ClientTally()
    }
}

extension ConnectionID {
    /// The bits of a serial that hold the client's place in its table.
    static let slotBits: UInt64 = 20

    /// The `count`-th connection of a lane, at that place of the lane's table.
    init(lane: Int, count: UInt64, slot: Int) {
        precondition(slot < 1 << Self.slotBits, "client \(slot) of one lane")
        self.init(lane: lane, serial: count << Self.slotBits | UInt64(slot))
    }

    /// The client's place in its lane's table.
    @inline(__always)
    var slot: Int { Int(rawValue & (1 << Self.slotBits - 1)) }
}
