// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What happens to a client at each of its limits, and that it happens to no other client.

import RoostModel
import RoostNode
import RoostServer
import Testing

private let bothWays: [ClientFrontEndOptions.Threads] = [.count(1), .perClient]

@Suite struct ClientLimitTests {
    @Test(arguments: bothWays) func aClientThatDoesNotReadIsClosedAndHoldsUpNobody(
        threads: ClientFrontEndOptions.Threads
    ) async throws {
        try await TestNode.run(threads: threads) {
            $0.sendQueueBytes = 100_000
        } _: { node in
            let slow = try node.join("slow", receiveBuffer: 4_096)
            let silent = try node.connect()
            let fast = try node.join("fast")
            let speaker = try node.join("speaker")
            let text = String(repeating: "x", count: 400)
            // The kernel takes some megabytes before it takes no more.
            for _ in 0..<500 where node.log.lossReasons.isEmpty {
                speaker.send(String(repeating: "SAY :\(text)\r\n", count: 100))
                for _ in 0..<100 { try fast.expect(":speaker PRIVMSG #room :\(text)") }
            }
            #expect(node.log.lossReasons == ["SendQ exceeded"])
            try speaker.register("again")
            withExtendedLifetime((slow, silent)) {}
        }
    }

    @Test(arguments: bothWays) func aSlowReaderGetsEveryByteInOrder(threads: ClientFrontEndOptions.Threads) async throws
    {
        try await TestNode.run(threads: threads) {
            $0.sendQueueBytes = 64 << 20
        } _: { node in
            let slow = try node.join("slow", receiveBuffer: 4_096)
            let speaker = try node.join("speaker")
            let text = String(repeating: "x", count: 380)
            for number in 0..<10_000 { speaker.send("SAY :\(number) \(text)\r\n") }
            for number in 0..<10_000 { try slow.expect(":speaker PRIVMSG #room :\(number) \(text)") }
        }
    }

    @Test(arguments: bothWays) func aSilentClientIsPingedAndThenClosed(threads: ClientFrontEndOptions.Threads)
        async throws
    {
        try await TestNode.run(threads: threads) {
            $0.pingInterval = .milliseconds(100)
            $0.pingTimeout = .milliseconds(1_500)
        } _: { node in
            let lively = try node.join("lively")
            let silent = try node.join("silent")
            for _ in 0..<10 {
                try lively.expect("PING :room.test")
                lively.send("PONG room.test\r\n")
            }
            let told = try silent.rest()
            try await eventually("the machine is told") { !node.log.lossReasons.isEmpty }
            let reason = try #require(node.log.lossReasons.first)
            #expect(told == "PING :room.test\r\nERROR :Closing Link: 127.0.0.1 (\(reason))\r\n")
            #expect(reason.wholeMatch(of: /Ping timeout: [1-9][0-9]* seconds/) != nil)
            #expect(node.log.lossReasons.count == 1)
        }
    }

    @Test(arguments: bothWays) func aConnectionThatDoesNotRegisterIsClosed(
        threads: ClientFrontEndOptions.Threads
    ) async throws {
        try await TestNode.run(threads: threads) {
            $0.registrationTimeout = .seconds(1)
        } _: { node in
            let client = try node.connect()
            let registered = try node.join("alice")
            #expect(try client.rest() == "ERROR :Closing Link: 127.0.0.1 (Registration timed out)\r\n")
            try await eventually("the machine is told") { node.log.lossReasons == ["Registration timed out"] }
            registered.send("PING 1\r\n")
            try registered.expect("PONG :1")
        }
    }

    @Test(arguments: bothWays) func oneClientTooManyIsTurnedAway(threads: ClientFrontEndOptions.Threads) async throws {
        try await TestNode.run(threads: threads) {
            $0.clients = 2
        } _: { node in
            var first: TestClient? = try node.join("first")
            let second = try node.join("second")
            #expect(try node.connect().rest() == "ERROR :Closing Link: 127.0.0.1 (Too many connections)\r\n")
            first = nil
            _ = first
            try await eventually("there is room") { node.frontEnd.takeCounters().now == 1 }
            let third = try node.join("third")
            let counters = node.frontEnd.takeCounters()
            #expect(counters.refused == 1)
            #expect(counters.accepted == 3)
            #expect(counters.peak == 2)
            withExtendedLifetime((second, third)) {}
        }
    }

    @Test func oneClientTooManyFromAnAddressIsTurnedAway() async throws {
        try await TestNode.run {
            $0.clientsPerAddress = 1
        } _: { node in
            let first = try node.join("first")
            let told = try node.connect().rest()
            #expect(told == "ERROR :Closing Link: 127.0.0.1 (Too many connections from your address)\r\n")
            withExtendedLifetime(first) {}
        }
    }

    @Test func theFloodLimitDelaysLinesButLosesNone() async throws {
        try await TestNode.run {
            $0.flood = FloodLimit(linesPerSecond: 50, burst: 5)
            $0.receiveQueueLines = 3
        } _: { node in
            let client = try node.connect()
            let start = ContinuousClock.now
            for number in 0..<30 { client.send("PING \(number)\r\n") }
            for number in 0..<30 { try client.expect("PONG :\(number)") }
            // 5 at once, then 25 at 50 a second.
            #expect(ContinuousClock.now - start >= .milliseconds(490))
        }
    }

    @Test func aClientThatFloodsWhileNothingIsSentToItIsClosed() async throws {
        try await TestNode.run {
            $0.flood = FloodLimit(linesPerSecond: 1, burst: 1, excessLines: 10)
        } _: { node in
            let client = try node.connect()
            client.send("IGNORED\r\n")
            try await eventually("it is taken in") { node.log.inputs.count == 2 }
            client.send(String(repeating: "IGNORED\r\n", count: 12))
            #expect(try client.rest() == "ERROR :Closing Link: 127.0.0.1 (Excess Flood)\r\n")
        }
    }

    @Test func anExcessiveFloodIsClosed() async throws {
        try await TestNode.run {
            $0.flood = FloodLimit(linesPerSecond: 1, burst: 2, excessLines: 10)
        } _: { node in
            let client = try node.connect()
            client.send(String(repeating: "PING 1\r\n", count: 20))
            let told = try client.rest()
            #expect(told.hasSuffix("ERROR :Closing Link: 127.0.0.1 (Excess Flood)\r\n"))
            try await eventually("the machine is told") { node.log.lossReasons == ["Excess Flood"] }
        }
    }

    @Test(arguments: bothWays) func otherLimitsHoldForThoseWhoAreInAndThoseToCome(
        threads: ClientFrontEndOptions.Threads
    ) async throws {
        try await TestNode.run(threads: threads) { node in
            let client = try node.connect()
            client.send("PING 1\r\n")
            try client.expect("PONG :1")
            var limits = ClientLimits()
            limits.clientsPerAddress = 1
            limits.registrationTimeout = .seconds(3_600)
            limits.flood = FloodLimit(linesPerSecond: 1, burst: 1, excessLines: 5)
            node.frontEnd.setLimits(limits)
            let told = try node.connect().rest()
            #expect(told == "ERROR :Closing Link: 127.0.0.1 (Too many connections from your address)\r\n")
            // A loop takes the limits between two turns. An answer that comes shows that they were taken before it.
            client.send("PING 2\r\n")
            try client.expect("PONG :2")
            client.send(String(repeating: "PING 3\r\n", count: 20))
            #expect(try client.rest().hasSuffix("ERROR :Closing Link: 127.0.0.1 (Excess Flood)\r\n"))
        }
    }

    @Test func overLongLinesAndOtherBytesAreRefusedOnceAndTheNextLineIsRead() async throws {
        try await TestNode.run { node in
            let client = try node.connect()
            client.send("PING \(String(repeating: "x", count: 9_000))\r\nPING 1\r\n")
            try client.expect("REFUSED tooLong(RoostIRC.LineSection.body)")
            try client.expect("PONG :1")
            client.send(Array("PING ".utf8) + [0xFF, 0xFE] + Array("\r\nPING 2\r\n".utf8))
            try client.expect("REFUSED notUTF8")
            try client.expect("PONG :2")
        }
    }

    @Test(arguments: bothWays) func aFullWayToTheMeshPausesReadingAndLosesNothing(
        threads: ClientFrontEndOptions.Threads
    ) async throws {
        try await TestNode.run(threads: threads) { node in
            let client = try node.join("alice")
            node.closeGate()
            client.send("PING 1\r\n")
            try client.expect("PONG :1")
            // The gate is noticed by that read; what comes behind waits.
            client.send("PING 2\r\n")
            #expect(throws: TestClient.Failure.self) { try client.line(within: 0.2) }
            node.openGate()
            try client.expect("PONG :2")
        }
    }
}
