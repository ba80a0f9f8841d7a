// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// One channel in which the members take turns to say something at a fixed rate, whether or not earlier messages have
// arrived. Latency counts from the moment a message was due, as in OpenLoop.

/// Messages of every member of one channel to all others of the fleet.
struct ChannelLoop: Load {
    private(set) var ledger: DeliveryLedger
    var completed: Int { ledger.delivered }
    var outstanding: Int { Int(count) * (members - 1) - ledger.delivered }
    var latencies = Latencies()

    private var body: MessageBody
    private let head: [UInt8]
    private let members: Int
    private let interval: UInt64
    private var startedAt = Moment(nanoseconds: 0)
    /// Messages sent by all together; the n-th is due n intervals after the start.
    private var count: UInt64 = 0

    init(channel: String, members: Int, rate: Int, bodyLength: Int) {
        precondition(members > 1 && rate > 0, "somebody to talk to, at a rate")
        self.members = members
        body = MessageBody(length: bodyLength)
        head = Array("PRIVMSG \(channel) :".utf8)
        interval = UInt64(1_000_000_000 / rate)
        ledger = DeliveryLedger(streams: members * members)
    }

    mutating func start(fleet: inout Fleet, at now: Moment) {
        startedAt = now
    }

    mutating func act(fleet: inout Fleet, at now: Moment) throws(BenchFailure) -> Moment? {
        while due(count) <= now {
            let sender = Int(count % UInt64(members))
            var line = head
            body.append(sender: sender, sequence: UInt32(count / UInt64(members)), to: &line)
            line.append(contentsOf: [UInt8(ascii: "\r"), UInt8(ascii: "\n")])
            count += 1
            try fleet.send(line, from: sender)
        }
        return due(count)
    }

    /// Nothing to do: messages are sent by `act` alone, and it is not called after the end.
    mutating func stop() {}

    mutating func message(_ text: Span<UInt8>, to client: Int, at now: Moment, fleet: inout Fleet) {
        guard let (sender, sequence) = body.parse(text), sender != client, sender < members else {
            return ledger.receiveForeign()
        }
        guard ledger.receive(stream: client * members + sender, sequence: sequence, sent: sent(sender)) else { return }
        latencies.record(now.nanoseconds(since: due(UInt64(sequence) * UInt64(members) + UInt64(sender))))
    }

    mutating func closeLedger() {
        for receiver in 0..<members {
            for sender in 0..<members where sender != receiver {
                ledger.close(stream: receiver * members + sender, sent: sent(sender))
            }
        }
        ledger.close()
    }

    private func due(_ number: UInt64) -> Moment {
        Moment(nanoseconds: startedAt.nanoseconds + number * interval)
    }

    private func sent(_ sender: Int) -> UInt32 {
        UInt32(count / UInt64(members) + (UInt64(sender) < count % UInt64(members) ? 1 : 0))
    }
}
