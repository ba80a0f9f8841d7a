// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// From bytes to the machine: frames lines, applies the flood limit, and pauses reading where there is no way on.

import NIOCore
import RoostIRC
import RoostModel
import RoostNode

extension ClientLoop {
    /// Bytes came from a client.
    func received(_ slot: Int, _ buffer: ByteBuffer) {
        tally.bytesIn += buffer.readableBytes
        linesReadAt = SystemClock.instant()
        guard let id = clients[slot]?.hear(at: linesReadAt) else { return }
        clients[slot]?.framer.read(buffer.readableBytesUInt8Span) { result, length in
            let input: NodeInput =
                switch result {
                case .success(let line): .lineReceived(id, line)
                case .failure(let error): .lineRefused(id, error)
                }
            lines.append(ReceiveQueue.Line(input: input, bytes: length))
        }
    }

    /// A read is over: its lines go to the machine at the end of the turn, as far as the flood limit lets them.
    func readCompleted(_ slot: Int) {
        guard !lines.isEmpty else { return }
        if let flood = limits.flood {
            for line in lines { clients[slot]?.waiting.append(line) }
            lines.removeAll(keepingCapacity: true)
            releaseWaiting(slot, flood)
        } else {
            for line in lines { tell(line.input, readAt: linesReadAt) }
            lines.removeAll(keepingCapacity: true)
        }
        if gate.isClosed { holdAtGate(slot) }
    }

    /// The machine learns of something at the end of the turn, with all else that happens in it: of two loops one waits for
    /// the other's turn with the machine once a turn, and wakes it once.
    ///
    /// - Parameter readAt: when that was read from a client; nil where it was not.
    func tell(_ input: NodeInput, readAt: Instant? = nil) {
        if inputs.isEmpty { eventLoop.assumeIsolated().execute { self.tellMachine() } }
        inputs.append(input)
        if firstReadAt == nil { firstReadAt = readAt }
    }

    private func tellMachine() {
        publishTally()
        sink.receive(inputs, readAt: firstReadAt)
        inputs.removeAll(keepingCapacity: true)
        firstReadAt = nil
    }

    /// Lets through as many waiting lines as there are tokens.
    func releaseWaiting(_ slot: Int, _ flood: FloodLimit) {
        guard clients[slot]?.isKnown == true, let count = clients[slot]?.waiting.count, count > 0 else { return }
        let now = SystemClock.instant()
        let allowed = clients[slot]?.bucket.take(upTo: count, of: flood, at: now) ?? 0
        if allowed > 0, let taken = clients[slot]?.waiting.take(allowed) {
            for input in taken { tell(input, readAt: now) }
        }
        guard let client = clients[slot] else { return }
        if let excess = flood.excessLines, client.waiting.count >= excess {
            return lose(slot, reason: "Excess Flood", farewell: true)
        }
        if client.waiting.count > 0 { look(at: slot, by: client.bucket.nextToken(of: flood)) }
        let isFull =
            client.waiting.count >= limits.receiveQueueLines || client.waiting.bytes >= limits.receiveQueueBytes
        if isFull { hold(slot, .receiveQueue) } else { release(slot, .receiveQueue) }
    }

    /// The gate has opened again.
    func gateOpened() {
        let held = heldAtGate
        heldAtGate.removeAll(keepingCapacity: true)
        for slot in held { release(slot, .gate) }
    }

    private func holdAtGate(_ slot: Int) {
        if heldAtGate.isEmpty {
            let bound = NIOLoopBound(self, eventLoop: eventLoop)
            let isWaiting = gate.whenOpen { bound.eventLoop.execute { bound.value.gateOpened() } }
            guard isWaiting else { return }
        }
        heldAtGate.append(slot)
        hold(slot, .gate)
    }

    private func hold(_ slot: Int, _ reason: Client.Hold) {
        clients[slot]?.holds.insert(reason)
        clients[slot]?.handler.pauseReading()
    }

    /// Ends one reason not to read; reading goes on when no other is left.
    func release(_ slot: Int, _ reason: Client.Hold) {
        guard let client = clients[slot], !client.holds.isEmpty else { return }
        clients[slot]?.holds.remove(reason)
        if client.holds.subtracting(reason).isEmpty { client.handler.resumeReading() }
    }
}
