// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Channels in which some or all members talk: one channel of a thousand, or many of ten. A closed loop: each speaker
// has a number of messages outstanding, and sends the next when one of them has reached every other member.

/// Deliveries to channels of equal size. Client `c` is a member of channel `c / members`.
struct FanOut: Load {
    private(set) var ledger: DeliveryLedger
    private(set) var completed = 0
    private(set) var outstanding = 0
    var latencies = Latencies()

    private let members: Int
    private let speakers: Int
    private let slots: Int
    private var body: MessageBody
    /// What precedes the text, for each channel.
    private let heads: [[UInt8]]
    private var voices: [Voice]
    /// For each message that may be outstanding: receivers that wait for it, and when it was sent.
    private var waiting: [Waiting]
    private var isStopped = false

    /// One speaker. Its messages from `sent - window` on may be outstanding.
    private struct Voice {
        let window: Int
        var sent: UInt32 = 0
    }

    private struct Waiting {
        var receivers = 0
        var sentAt = Moment(nanoseconds: 0)
    }

    /// `channels` of `members` each, in which the first `speakers` share out a window of `window` messages.
    init(channels: [String], members: Int, speakers: Int, window: Int, bodyLength: Int) {
        precondition(members > 1 && (1...members).contains(speakers) && window >= speakers, "nobody to talk to")
        self.members = members
        self.speakers = speakers
        slots = (window + speakers - 1) / speakers
        body = MessageBody(length: bodyLength)
        heads = channels.map { Array("PRIVMSG \($0) :".utf8) }
        let voiceWindows = (0..<speakers).map { window / speakers + ($0 < window % speakers ? 1 : 0) }
        voices = channels.flatMap { _ in voiceWindows.map { Voice(window: $0) } }
        waiting = Array(repeating: Waiting(), count: voices.count * slots)
        ledger = DeliveryLedger(streams: channels.count * members * speakers)
    }

    mutating func start(fleet: inout Fleet, at now: Moment) throws(BenchFailure) {
        for round in 0..<slots {
            for voice in voices.indices where round < voices[voice].window {
                try speak(voice, fleet: &fleet, at: now)
            }
        }
    }

    mutating func stop() { isStopped = true }

    mutating func message(
        _ text: Span<UInt8>, to client: Int, at now: Moment, fleet: inout Fleet
    ) throws(BenchFailure) {
        let channel = client / members
        guard let (sender, sequence) = body.parse(text), sender != client, sender / members == channel,
            sender % members < speakers
        else { return ledger.receiveForeign() }
        let speaker = sender % members
        let voice = channel * speakers + speaker
        guard ledger.receive(stream: client * speakers + speaker, sequence: sequence, sent: voices[voice].sent) else {
            return
        }
        completed += 1
        let slot = voice * slots + Int(sequence) % slots
        waiting[slot].receivers -= 1
        guard waiting[slot].receivers == 0 else { return }
        latencies.record(now.nanoseconds(since: waiting[slot].sentAt))
        outstanding -= 1
        if !isStopped { try speak(voice, fleet: &fleet, at: .now()) }
    }

    mutating func closeLedger() {
        for client in 0..<heads.count * members {
            for speaker in 0..<speakers where client % members != speaker {
                let voice = client / members * speakers + speaker
                ledger.close(stream: client * speakers + speaker, sent: voices[voice].sent)
            }
        }
        ledger.close()
    }

    private mutating func speak(_ voice: Int, fleet: inout Fleet, at now: Moment) throws(BenchFailure) {
        let channel = voice / speakers
        let sender = channel * members + voice % speakers
        let sequence = voices[voice].sent
        var line = heads[channel]
        body.append(sender: sender, sequence: sequence, to: &line)
        line.append(contentsOf: [UInt8(ascii: "\r"), UInt8(ascii: "\n")])
        waiting[voice * slots + Int(sequence) % slots] = Waiting(receivers: members - 1, sentAt: now)
        voices[voice].sent += 1
        outstanding += 1
        try fleet.send(line, from: sender)
    }
}
