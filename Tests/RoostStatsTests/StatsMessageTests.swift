// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The JSON that other programs read: pinned byte for byte, and forgiving where the schema may grow.

import RoostStats
import Testing

struct StatsMessageTests {
    @Test func theReportIsExactlyThisJSON() throws {
        let expected = """
            {"addresses":{"clients":["127.0.0.1:6667","[::1]:6667"],"mesh":"127.0.0.1:7600","stats":"127.0.0.1:7602"},\
            "bytes":{"in":1000,"out":90000},"connections":{"accepted":12,"now":7,"peak":9,"refused":1},\
            "echoes":{"mean_us":7000,"slowest_us":8000,"waited":6},\
            "epoch":1767225600000,\
            "holds":{"bytes":400,"isolated":false,"messages":3,"taken_over":5,"users":2},"interval_ms":1000,\
            "latency":{"local":{"count":3,"max_us":90,"p50_us":20,"p90_us":80,"p99_us":90},\
            "mesh":{"count":0,"max_us":0,"p50_us":0,"p90_us":0,"p99_us":0}},\
            "messages":{"accepted":40,"accepted_per_second":2.5,"delivered":400,"delivered_per_second":25},\
            "node":"node1",\
            "peers":[{"address":"127.0.0.1:7610","events_in":5,"events_out":6,"gaps":1,"lag":2,"malformed":0,\
            "node":"node2","replays":1,"round_trip_us":180,"snapshots":1,"state":"up",\
            "stats_address":"127.0.0.1:7612"}],\
            "process":{"cpu_percent":3.5,"cpu_seconds":1.25,"loop_lag_ms":0.5,"memory_bytes":20971520,"threads":6},\
            "refusals":{"frames":4,"handshakes":1,"links":2,"topics":3},\
            "repairs":{"by_others":9,"mismatches":11,"skipped":10},\
            "roster":{"channels":2,"digest":"00c0ffee","users":21},\
            "schema":1,"state":"serving","time_ms":1767225610000,"uptime_ms":10000,"version":"0.1.0"}
            """
        #expect(try StatsMessage.stats(.sample).parts() == [Array("stats.node1".utf8), Array(expected.utf8)])
    }

    @Test func theEventIsExactlyThisJSON() throws {
        let expected = """
            {"epoch":1767225600000,"kind":"peer_down","node":"node1","peer":"node2","text":"node2 is down",\
            "time_ms":1767225610000,"values":{"lastSeq_seen":"17"}}
            """
        #expect(try StatsMessage.event(.sample).parts() == [Array("event.peer_down".utf8), Array(expected.utf8)])
    }

    @Test(arguments: [StatsMessage.stats(.sample), .event(.sample)])
    func whatIsReadIsWhatWasWritten(message: StatsMessage) throws {
        #expect(try StatsMessage(parts: try message.parts()) == message)
    }

    @Test func fieldsAndWordsOfLaterVersionsDoNotStopAReader() throws {
        var json = String(decoding: try StatsMessage.stats(.sample).json(), as: UTF8.self)
        json.replace("\"schema\":1", with: "\"schema\":1,\"new_field\":{\"a\":[1]}")
        json.replace("\"state\":\"serving\"", with: "\"state\":\"resting\"")
        var expected = NodeStats.sample
        expected.state = NodeStats.State(rawValue: "resting")
        #expect(try StatsMessage(parts: [Array("stats.node1".utf8), Array(json.utf8)]) == .stats(expected))
    }

    @Test func fieldsThatMayBeMissingMayBeMissing() throws {
        var stats = NodeStats.sample
        stats.addresses.mesh = nil
        stats.peers = [.init(node: "node2", address: "127.0.0.1:7610", state: .connecting)]
        let json = try StatsMessage.stats(stats).json()
        #expect(!String(decoding: json, as: UTF8.self).contains("null"))
        #expect(try StatsMessage(parts: [Array("stats.node1".utf8), json]) == .stats(stats))
    }

    @Test func otherMessagesAreRefusedWithTheReason() throws {
        let json = try StatsMessage.stats(.sample).json()
        let topic = Array("stats.node1".utf8)
        #expect(throws: StatsMessageError.wrongPartCount(1)) { try StatsMessage(parts: [topic]) }
        #expect(throws: StatsMessageError.unknownTopic("news")) { try StatsMessage(parts: [Array("news".utf8), json]) }
        var later = NodeStats.sample
        later.schema = 2
        let laterJSON = try StatsMessage.stats(later).json()
        #expect(throws: StatsMessageError.unknownSchema(2)) { try StatsMessage(parts: [topic, laterJSON]) }
        for length in 0..<json.count {
            #expect(throws: StatsMessageError.self) { try StatsMessage(parts: [topic, Array(json.prefix(length))]) }
        }
    }

    @Test func aNumberThatIsNotFiniteIsRefusedByTheWriter() {
        var stats = NodeStats.sample
        stats.process.cpuPercent = .infinity
        #expect(throws: EncodingError.self) { try StatsMessage.stats(stats).json() }
    }
}

extension NodeStats {
    static let sample = NodeStats(
        node: "node1", epoch: 1_767_225_600_000, timeMs: 1_767_225_610_000, uptimeMs: 10_000, intervalMs: 1_000,
        state: .serving, version: "0.1.0",
        addresses: .init(
            clients: ["127.0.0.1:6667", "[::1]:6667"], mesh: "127.0.0.1:7600", stats: "127.0.0.1:7602"),
        connections: .init(now: 7, peak: 9, accepted: 12, refused: 1),
        roster: .init(users: 21, channels: 2, digest: "00c0ffee"),
        messages: .init(accepted: 40, delivered: 400, acceptedPerSecond: 2.5, deliveredPerSecond: 25),
        bytes: .init(in: 1_000, out: 90_000),
        process: .init(cpuSeconds: 1.25, cpuPercent: 3.5, memoryBytes: 20_971_520, threads: 6, loopLagMs: 0.5),
        latency: .init(local: .init(count: 3, p50Us: 20, p90Us: 80, p99Us: 90, maxUs: 90)),
        refusals: .init(handshakes: 1, links: 2, topics: 3, frames: 4),
        holds: .init(users: 2, messages: 3, bytes: 400, takenOver: 5, isolated: false),
        echoes: .init(waited: 6, meanUs: 7_000, slowestUs: 8_000),
        repairs: .init(byOthers: 9, skipped: 10, mismatches: 11),
        peers: [
            .init(
                node: "node2", address: "127.0.0.1:7610", statsAddress: "127.0.0.1:7612", state: .up,
                roundTripUs: 180, eventsIn: 5, eventsOut: 6, lag: 2, gaps: 1, replays: 1, snapshots: 1)
        ])
}

extension StatsEvent {
    static let sample = StatsEvent(
        kind: .peerDown, node: "node1", epoch: 1_767_225_600_000, timeMs: 1_767_225_610_000, peer: "node2",
        text: "node2 is down", values: ["lastSeq_seen": "17"])
}
