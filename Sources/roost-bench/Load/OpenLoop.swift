// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Private messages at a fixed rate, whether or not earlier ones have arrived. Latency counts from the moment a message
// was due and not from when it was sent, so a server (or a generator) that stalls pays for each message that should
// have gone out meanwhile: no coordinated omission (https://github.com/giltene/wrk2#acknowledgements).

/// Messages from client `2 p` to client `2 p + 1`, the pairs taking turns.
struct OpenLoop: Load {
    private(set) var ledger: DeliveryLedger
    var completed: Int { ledger.delivered }
    var outstanding: Int { Int(count) - ledger.delivered }
    var latencies = Latencies()

    private var body: MessageBody
    private let heads: [[UInt8]]
    private let interval: UInt64
    private var startedAt = Moment(nanoseconds: 0)
    /// Messages sent by all together; the n-th is due n intervals after the start.
    private var count: UInt64 = 0

    init(nicks: [String], rate: Int, bodyLength: Int) {
        precondition(nicks.count.isMultiple(of: 2) && rate > 0, "pairs, at a rate")
        body = MessageBody(length: bodyLength)
        heads = stride(from: 0, to: nicks.count, by: 2).map { Array("PRIVMSG \(nicks[$0 + 1]) :".utf8) }
        interval = UInt64(1_000_000_000 / rate)
        ledger = DeliveryLedger(streams: nicks.count / 2)
    }

    mutating func start(fleet: inout Fleet, at now: Moment) {
        startedAt = now
    }

    mutating func act(fleet: inout Fleet, at now: Moment) throws(BenchFailure) -> Moment? {
        while due(count) <= now {
            let pair = Int(count % UInt64(heads.count))
            var line = heads[pair]
            body.append(sender: 2 * pair, sequence: UInt32(count / UInt64(heads.count)), to: &line)
            line.append(contentsOf: [UInt8(ascii: "\r"), UInt8(ascii: "\n")])
            count += 1
            try fleet.send(line, from: 2 * pair)
        }
        return due(count)
    }

    /// Nothing to do: messages are sent by `act` alone, and it is not called after the end.
    mutating func stop() {}

    mutating func message(_ text: Span<UInt8>, to client: Int, at now: Moment, fleet: inout Fleet) {
        guard let (sender, sequence) = body.parse(text), sender == client ^ 1, sender.isMultiple(of: 2) else {
            return ledger.receiveForeign()
        }
        let pair = sender / 2
        guard ledger.receive(stream: pair, sequence: sequence, sent: sent(pair)) else { return }
        latencies.record(now.nanoseconds(since: due(UInt64(sequence) * UInt64(heads.count) + UInt64(pair))))
    }

    mutating func closeLedger() {
        for pair in heads.indices { ledger.close(stream: pair, sent: sent(pair)) }
        ledger.close()
    }

    private func due(_ number: UInt64) -> Moment {
        Moment(nanoseconds: startedAt.nanoseconds + number * interval)
    }

    private func sent(_ pair: Int) -> UInt32 {
        let pairs = UInt64(heads.count)
        return UInt32(count / pairs + (UInt64(pair) < count % pairs ? 1 : 0))
    }
}
