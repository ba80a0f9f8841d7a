// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Private talk in pairs: one says something, the other answers at once, and the time until the answer is there is a
// round trip. A closed loop with one message outstanding for each pair.

/// Round trips between client `2 p` and client `2 p + 1`.
struct PingPong: Load {
    private(set) var ledger: DeliveryLedger
    private(set) var completed = 0
    private(set) var outstanding = 0
    var latencies = Latencies()

    private var body: MessageBody
    /// What precedes the text, for each sender.
    private let heads: [[UInt8]]
    private var sent: [UInt32]
    private var startedAt: [Moment]
    private var isStopped = false

    init(nicks: [String], bodyLength: Int) {
        precondition(nicks.count.isMultiple(of: 2), "a pair is two")
        body = MessageBody(length: bodyLength)
        heads = nicks.indices.map { Array("PRIVMSG \(nicks[$0 ^ 1]) :".utf8) }
        sent = Array(repeating: 0, count: nicks.count)
        startedAt = Array(repeating: Moment(nanoseconds: 0), count: nicks.count)
        ledger = DeliveryLedger(streams: nicks.count)
    }

    mutating func start(fleet: inout Fleet, at now: Moment) throws(BenchFailure) {
        for client in stride(from: 0, to: heads.count, by: 2) { try begin(client, fleet: &fleet) }
    }

    mutating func stop() { isStopped = true }

    mutating func message(
        _ text: Span<UInt8>, to client: Int, at now: Moment, fleet: inout Fleet
    ) throws(BenchFailure) {
        let partner = client ^ 1
        guard let (sender, sequence) = body.parse(text), sender == partner else { return ledger.receiveForeign() }
        guard ledger.receive(stream: client, sequence: sequence, sent: sent[partner]) else { return }
        outstanding -= 1
        if !client.isMultiple(of: 2) { return try say(client, fleet: &fleet) }
        completed += 1
        latencies.record(now.nanoseconds(since: startedAt[client]))
        if !isStopped { try begin(client, fleet: &fleet) }
    }

    mutating func closeLedger() {
        for client in heads.indices { ledger.close(stream: client, sent: sent[client ^ 1]) }
        ledger.close()
    }

    private mutating func begin(_ client: Int, fleet: inout Fleet) throws(BenchFailure) {
        startedAt[client] = .now()
        try say(client, fleet: &fleet)
    }

    private mutating func say(_ client: Int, fleet: inout Fleet) throws(BenchFailure) {
        var line = heads[client]
        body.append(sender: client, sequence: sent[client], to: &line)
        line.append(contentsOf: [UInt8(ascii: "\r"), UInt8(ascii: "\n")])
        sent[client] += 1
        outstanding += 1
        try fleet.send(line, from: client)
    }
}
