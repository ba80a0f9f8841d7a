// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What a client loop keeps for each of its connections, contiguous in memory with those of the others.

import NIOCore
import RoostIRC
import RoostModel
import RoostNode

/// One connection, seen from its event loop.
struct Client {
    /// How far the connection has come.
    enum Phase: Equatable {
        /// The machine knows it; the registration timeout runs.
        case registering
        /// The machine knows it; pings keep it.
        case registered
        /// The machine knows it no more. It is cut at that time, if it has not closed by then.
        case closing(cutAt: Instant)
    }

    /// Why reading from it pauses.
    struct Hold: OptionSet {
        let rawValue: UInt8
        /// The way to the mesh is full.
        static let gate = Hold(rawValue: 1)
        /// Its receive queue is full.
        static let receiveQueue = Hold(rawValue: 2)
    }

    let id: ConnectionID
    let host: String
    let channel: any Channel
    let handler: ClientHandler
    /// Nil where bytes must go through the channel's pipeline.
    let socket: DirectSocket?
    let openedAt: Instant

    var phase = Phase.registering
    var capabilities: CapabilitySet = []
    var output = ClientOutput()
    /// Whether the loop has said that it has something coming.
    var isOwed = false
    /// What the loop had flushed when it handed bytes to the channel last: with these, everything up to this step has
    /// reached the kernel.
    var handedStep: UInt64 = 0
    /// Whether it is in the loop's list of clients to flush.
    var isDirty = false
    /// Whether it has been written its welcome. The memory that this took is given back at once, so that many newcomers
    /// take it one after the other.
    var isWelcomed = false
    /// Whether our end is shut: all was sent, and only the peer's end is waited for.
    var isShut = false

    var framer = LineFramer()
    var lastHeard: Instant
    /// When it was sent a PING that it has not answered.
    var pingedAt: Instant?
    /// The tick in which it is looked at next; entries of other ticks are out of date.
    var timerTick = UInt64.max
    var bucket = TokenBucket()
    /// Lines that wait for the flood limit.
    var waiting = ReceiveQueue()
    var holds: Hold = []

    init(
        id: ConnectionID, host: String, channel: any Channel, handler: ClientHandler, socket: DirectSocket?,
        at now: Instant
    ) {
        self.id = id
        self.host = host
        self.channel = channel
        self.handler = handler
        self.socket = socket
        openedAt = now
        lastHeard = now
    }

    /// Whether the machine knows it.
    var isKnown: Bool {
        if case .closing = phase { return false }
        return true
    }

    /// Takes note that bytes came from it. Nil where they are for nobody any more; its id, so that what they bring is told
    /// in its name.
    mutating func hear(at now: Instant) -> ConnectionID? {
        guard isKnown else { return nil }
        lastHeard = now
        pingedAt = nil
        return id
    }

    /// Takes note that the kernel has all that it was to be sent. Its id, where the loop had said that it was owed something.
    mutating func settle() -> ConnectionID? {
        guard isOwed else { return nil }
        isOwed = false
        return id
    }

    /// What becomes of a client after a flush.
    enum Standing {
        case stays
        /// It was to be closed, and has been sent everything.
        case isDone
        /// It reads too slowly.
        case isOverLimit
    }

    /// What becomes of it after a flush, where it may have so many bytes queued.
    mutating func standing(limit: Int) -> Standing {
        let queuedBytes = output.queuedBytes
        if isKnown { return queuedBytes > limit ? .isOverLimit : .stays }
        return queuedBytes == 0 ? .isDone : .stays
    }

    /// What an append asks the loop to do.
    enum Appended {
        /// Nothing: there were no bytes, or the client is not to be told any more.
        case nothing
        /// Nothing: the client is in the list already.
        case queued
        /// To put it into the list of clients to flush.
        case becameDirty
        /// To flush it at once, because it has gathered so much.
        case isFull
    }

    /// Adds bytes to what it is sent.
    @inline(__always)
    mutating func append(_ bytes: [UInt8], limit: Int) -> Appended {
        guard !bytes.isEmpty, isKnown else { return .nothing }
        output.append(bytes)
        guard output.queuedBytes < limit else { return .isFull }
        if isDirty { return .queued }
        isDirty = true
        return .becameDirty
    }

    /// Adds a message that many get, if it is meant for this connection and not for one that was at this place before.
    @inline(__always)
    mutating func append(
        _ message: OutgoingMessage, to id: ConnectionID, _ variants: inout EncodedVariants, limit: Int
    ) -> Appended {
        guard id == self.id else { return .nothing }
        return append(variants.bytes(of: message, for: capabilities), limit: limit)
    }

    /// Writes what was gathered.
    mutating func flush() -> FlushResult {
        isDirty = false
        let socket = socket
        let result = output.flush { socket?.send($0) ?? .wouldBlock }
        if !isWelcomed, phase == .registered {
            isWelcomed = true
            output.trim()
        }
        return result
    }
}

/// Lines read from a client that its flood limit does not let through yet.
struct ReceiveQueue: Sendable {
    struct Line: Sendable {
        let input: NodeInput
        let bytes: Int
    }

    private var lines: [Line] = []
    private(set) var bytes = 0

    var count: Int { lines.count }

    mutating func append(_ line: Line) {
        lines.append(line)
        bytes += line.bytes
    }

    /// Takes out the first lines.
    mutating func take(_ count: Int) -> [NodeInput] {
        let taken = lines.prefix(count)
        lines.removeFirst(taken.count)
        bytes -= taken.reduce(0) { $0 + $1.bytes }
        return taken.map(\.input)
    }
}
