// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// One client that says as much as the server takes: it has a number of messages outstanding, far more than a server
// reads at a time, and sends the next when one has reached its receiver.

/// Messages of client 0 to client 1.
struct Burst: Load {
    private(set) var ledger = DeliveryLedger(streams: 1)
    var completed: Int { ledger.delivered }
    var outstanding: Int { Int(sent) - ledger.delivered }
    var latencies = Latencies()

    private let window: Int
    private var body: MessageBody
    private let head: [UInt8]
    private var sent: UInt32 = 0
    private var isStopped = false

    init(to nick: String, window: Int, bodyLength: Int) {
        precondition(window > 0, "nothing to say")
        self.window = window
        body = MessageBody(length: bodyLength)
        head = Array("PRIVMSG \(nick) :".utf8)
    }

    mutating func start(fleet: inout Fleet, at now: Moment) {}

    /// Fills the window up, with one write for all that fits.
    mutating func act(fleet: inout Fleet, at now: Moment) throws(BenchFailure) -> Moment? {
        var lines: [UInt8] = []
        while !isStopped, outstanding < window {
            lines.append(contentsOf: head)
            body.append(sender: 0, sequence: sent, to: &lines)
            lines.append(contentsOf: [UInt8(ascii: "\r"), UInt8(ascii: "\n")])
            sent += 1
        }
        if !lines.isEmpty { try fleet.send(lines, from: 0) }
        return nil
    }

    mutating func stop() { isStopped = true }

    mutating func message(_ text: Span<UInt8>, to client: Int, at now: Moment, fleet: inout Fleet) {
        guard client == 1, let (sender, sequence) = body.parse(text), sender == 0 else {
            return ledger.receiveForeign()
        }
        _ = ledger.receive(stream: 0, sequence: sequence, sent: sent)
    }

    mutating func closeLedger() {
        ledger.close(stream: 0, sent: sent)
        ledger.close()
    }
}
