// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// From the machine to the sockets: what a turn of the loop has for a client is gathered in its buffer, and each client
// is written to once, at the end of the turn.

import Glibc
import NIOCore
import RoostIRC
import RoostModel
import RoostNode

extension ClientLoop {
    /// At so many gathered bytes a client is written to without waiting for the end of the turn.
    private static let flushBytes = 64 << 10
    /// How long a client that was sent everything has to close its own end. Time for what it has sent meanwhile to
    /// arrive: an end that is cut with bytes unread may cost the client what we sent last.
    private static let shutPatience = Duration.seconds(1)

    /// Encodes a message for one client.
    func send(_ message: OutgoingMessage, to id: ConnectionID) {
        guard let slot = slot(of: id), let capabilities = clients[slot]?.capabilities else { return }
        if message.isChat { tally.delivered += 1 }
        append(message.encoded(for: capabilities), to: slot)
    }

    /// Encodes a message for each variant of capabilities among many clients of this loop.
    func fanOut(_ message: OutgoingMessage, to ids: [ConnectionID], except: ConnectionID?) {
        variants.begin(message)
        let limit = min(limits.sendQueueBytes, Self.flushBytes)
        var delivered = 0
        for id in ids where id != except {
            let slot = id.slot
            guard slot < clients.count else { continue }
            switch clients[slot]?.append(message, to: id, &variants, limit: limit) {
            case .nothing, nil: continue
            case .queued: break
            case .becameDirty: dirty.append(slot)
            case .isFull: flush(slot)
            }
            delivered += 1
        }
        if message.isChat { tally.delivered += delivered }
    }

    /// Messages from here on are encoded for these capabilities.
    func setCapabilities(_ capabilities: CapabilitySet, of slot: Int) {
        clients[slot]?.capabilities = capabilities
    }

    /// Adds bytes to what a client is sent in this turn.
    func append(_ bytes: [UInt8], to slot: Int) {
        switch clients[slot]?.append(bytes, limit: min(limits.sendQueueBytes, Self.flushBytes)) {
        case .nothing, .queued, nil: break
        case .becameDirty: dirty.append(slot)
        case .isFull: flush(slot)
        }
    }

    /// Has the client flushed at the end of the turn, even if there is nothing to write.
    func markDirty(_ slot: Int) {
        guard clients[slot]?.isDirty == false else { return }
        clients[slot]?.isDirty = true
        dirty.append(slot)
    }

    /// Writes to every dirty client. Ends each turn that has appended anything.
    func flush() {
        var next = 0
        // The list may grow meanwhile: a client that is lost here is told so.
        while next < dirty.count {
            flush(dirty[next])
            next += 1
        }
        dirty.removeAll(keepingCapacity: true)
        publishTally()
    }

    /// Flushes at the end of a turn that does so for no other reason.
    func flushSoon() {
        eventLoop.assumeIsolated().execute { self.flush() }
    }

    private func flush(_ slot: Int) {
        switch clients[slot]?.flush() {
        case .nothing, nil: break
        case .written(let count):
            tally.bytesOut += count
            hasCaughtUp(slot)
        case .rest(let rest, let count):
            tally.bytesOut += count
            hand(rest, to: slot)
        case .failed(let error):
            if clients[slot]?.isKnown == true {
                lose(slot, reason: SystemError.text(error), farewell: false)
            } else {
                clients[slot]?.channel.close(promise: nil)
            }
            return
        }
        switch clients[slot]?.standing(limit: limits.sendQueueBytes) {
        case .stays, nil: break
        case .isDone: shut(slot)
        case .isOverLimit: lose(slot, reason: "SendQ exceeded", farewell: false)
        }
    }

    /// The kernel has everything that the client was to be sent.
    func hasCaughtUp(_ slot: Int) {
        guard let id = clients[slot]?.settle() else { return }
        progress.reached(id, step: step, at: SystemClock.instant())
    }

    /// The kernel has not; everything up to some step, though.
    private func owes(_ slot: Int, _ id: ConnectionID) {
        let through = clients[slot]?.isOwed == true ? clients[slot]?.handedStep ?? 0 : flushedStep
        clients[slot]?.isOwed = true
        clients[slot]?.handedStep = flushedStep
        progress.owe(CollectionOfOne(id), through: through, newest: step, at: SystemClock.instant())
    }

    /// Gives the channel what the kernel did not take.
    private func hand(_ rest: [UInt8], to slot: Int) {
        guard let channel = clients[slot]?.channel, let id = clients[slot]?.id else { return }
        owes(slot, id)
        channel.writeAndFlush(ByteBuffer(bytes: rest)).assumeIsolated().whenComplete { result in
            guard self.clients[slot]?.id == id else { return }
            switch result {
            case .success:
                self.tally.bytesOut += rest.count
                self.clients[slot]?.output.restWasWritten()
                if self.clients[slot]?.output.queuedBytes == 0 { self.hasCaughtUp(slot) }
                // Not written from within the channel's own write, but at the end of the turn.
                self.markDirty(slot)
                self.flushSoon()
            case .failure:
                // The channel closes, which its handler is about to learn.
                self.clients[slot]?.output.discard()
                self.progress.forget(id)
            }
        }
    }

    /// Shuts our end of a connection that has been sent everything. The peer closes its own, or is cut soon.
    private func shut(_ slot: Int) {
        guard let client = clients[slot], !client.isShut else { return }
        clients[slot]?.isShut = true
        clients[slot]?.holds = []
        if case .closing(let cutAt) = client.phase {
            let earlier = min(cutAt, SystemClock.instant() + Self.shutPatience)
            clients[slot]?.phase = .closing(cutAt: earlier)
            look(at: slot, by: earlier)
        }
        client.channel.close(mode: .output, promise: nil)
        client.handler.resumeReading()
    }
}

extension OutgoingMessage {
    /// Whether it counts as a message delivered.
    var isChat: Bool { command == "PRIVMSG" || command == "NOTICE" || command == "TAGMSG" }
}
