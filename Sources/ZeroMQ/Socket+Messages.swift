// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Sending and receiving, part by part or whole messages. Nothing waits unless it is asked to.

import CZeroMQ

extension Socket {
    /// Sends one part.
    /// - Parameters:
    ///   - message: empty afterwards if it was sent, else untouched.
    ///   - more: whether another part of the same message follows.
    ///   - blocking: wait for room, for the `sendTimeout` at most.
    /// - Returns: false if it would have to wait. A publisher never waits: it drops for the subscriber that is full.
    /// - Throws: `hostUnreachable` from a mandatory router; `terminated`.
    public func send(
        _ message: inout Message, more: Bool = false, blocking: Bool = false
    ) throws(ZeroMQError) -> Bool {
        let flags = (more ? ZMQ_SNDMORE : 0) | (blocking ? 0 : ZMQ_DONTWAIT)
        return try message.withRaw { raw in
            retryingInterrupted { zmq_msg_send(raw, handle.pointer, flags) }
        }.sent()
    }

    /// Sends one part, as above; large arrays are not copied.
    public func send(_ bytes: [UInt8], more: Bool = false, blocking: Bool = false) throws(ZeroMQError) -> Bool {
        var message = Message(bytes)
        return try send(&message, more: more, blocking: blocking)
    }

    /// Sends a message of several parts: all of them or none.
    /// - Returns: false if it would have to wait, or the peer left half-way; nothing was sent then.
    public func send(_ parts: [[UInt8]], blocking: Bool = false) throws(ZeroMQError) -> Bool {
        precondition(!parts.isEmpty, "a message has a part")
        var sent = true
        for (index, part) in parts.enumerated() {
            let more = index < parts.count - 1
            if try !send(part, more: more, blocking: blocking) {
                sent = false
                // After a refusal of the first part libzmq expects a new message. A later one means that the peer is
                // lost: the parts before are taken back and those that follow dropped, up to the last; so that must
                // follow, or libzmq would take the next message for the rest of this one.
                if index == 0 { break }
            }
        }
        return sent
    }

    /// Receives one part; `hasMore` tells whether another follows, which is then there at once.
    /// - Returns: nil if there is none, or none came within the `receiveTimeout`.
    /// - Throws: `terminated`.
    public func receive(blocking: Bool = false) throws(ZeroMQError) -> Message? {
        var message = Message()
        guard try receive(into: &message, blocking: blocking) else { return nil }
        return message
    }

    /// Receives one part into a message that is used again, whose content is freed.
    /// - Returns: false if there is none; the message is empty then.
    public func receive(into message: inout Message, blocking: Bool = false) throws(ZeroMQError) -> Bool {
        try message.withRaw { raw in
            retryingInterrupted { zmq_msg_recv(raw, handle.pointer, blocking ? 0 : ZMQ_DONTWAIT) }
        }.received()
    }

    /// Receives a whole message.
    /// - Parameter partsMax: more parts are read and thrown away, and the message with them.
    /// - Returns: nil if there is none.
    /// - Throws: `messageTooLong` beyond `partsMax`; `terminated`.
    public func receiveParts(partsMax: Int = 16, blocking: Bool = false) throws(ZeroMQError) -> [[UInt8]]? {
        var message = Message()
        guard try receive(into: &message, blocking: blocking) else { return nil }
        var parts = [message.bytes]
        var count = 1
        while message.hasMore {
            guard try receive(into: &message) else { break }
            count += 1
            if count <= partsMax { parts.append(message.bytes) }
        }
        guard count <= partsMax else {
            throw ZeroMQError(.messageTooLong, "receive", text: "\(count) parts, \(partsMax) allowed")
        }
        return parts
    }
}

/// What a send or receive came to; the errno value is kept because Swift may free memory, and so change it, meanwhile.
private enum Transfer {
    case done
    case failed(Int32)

    func sent() throws(ZeroMQError) -> Bool { try succeeded("send") }
    func received() throws(ZeroMQError) -> Bool { try succeeded("receive") }

    private func succeeded(_ operation: String) throws(ZeroMQError) -> Bool {
        guard case .failed(let number) = self else { return true }
        let error = ZeroMQError(number: number, operation)
        if error.code == .again { return false }
        throw error
    }
}

/// A signal cuts a blocking call short; it is simply called again.
private func retryingInterrupted(_ call: () -> Int32) -> Transfer {
    while true {
        if call() >= 0 { return .done }
        let number = zmq_errno()
        if ZeroMQError.Code(number: number) != .interrupted { return .failed(number) }
    }
}
