// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What clients see of the front end, on real sockets, whichever way they share threads.

import RoostIRC
import RoostModel
import RoostNode
import RoostServer
import Testing

private let bothWays: [ClientFrontEndOptions.Threads] = [.count(2), .perClient]

@Suite struct FrontEndTests {
    @Test(arguments: bothWays) func linesGoInAndMessagesComeOut(threads: ClientFrontEndOptions.Threads) async throws {
        try await TestNode.run(threads: threads) { node in
            let alice = try node.join("alice")
            let bob = try node.join("bob")
            alice.send("SAY :hello there\r\nPING 1\nPING 2\r\n\r\n\nPING 3\r\n")
            try bob.expect(":alice PRIVMSG #room :hello there")
            for number in 1...3 { try alice.expect("PONG :\(number)") }
        }
    }

    @Test(arguments: bothWays) func aConnectionIsAnnouncedBeforeItsLinesAndItsEndAfterThem(
        threads: ClientFrontEndOptions.Threads
    ) async throws {
        try await TestNode.run(threads: threads) { node in
            var client: TestClient? = try node.connect()
            client?.send("PING 1\r\nPING 2\r\n")
            try client?.expect("PONG :1")
            try client?.expect("PONG :2")
            client = nil
            try await eventually("the end is told") { node.log.inputs.count == 4 }
            let inputs = node.log.inputs
            guard case .clientConnected(let id, let host) = inputs[0] else {
                Issue.record("\(inputs)")
                return
            }
            let lines = ["1", "2"].map {
                NodeInput.lineReceived(id, IRCLine(command: "PING", parameters: [$0]))
            }
            #expect(host == "127.0.0.1")
            #expect(Array(inputs[1...]) == lines + [.clientLost(id, reason: "Connection closed")])
        }
    }

    @Test(arguments: bothWays) func everyoneSeesOneOrder(threads: ClientFrontEndOptions.Threads) async throws {
        try await TestNode.run(threads: threads) { node in
            let listeners = try (0..<4).map { try node.join("l\($0)") }
            let speakers = try (0..<4).map { try node.join("s\($0)") }
            for round in 0..<50 {
                for (index, speaker) in speakers.enumerated() { speaker.send("SAY \(index)-\(round)\r\n") }
            }
            let seen = try listeners.map { listener in try (0..<200).map { _ in try listener.line() } }
            #expect(Set(seen[0]).count == 200)
            for other in seen[1...] { #expect(other == seen[0]) }
        }
    }

    @Test(arguments: bothWays) func capabilitiesTakeEffectInStepOrder(threads: ClientFrontEndOptions.Threads)
        async throws
    {
        try await TestNode.run(threads: threads) { node in
            let alice = try node.join("alice")
            let bob = try node.join("bob")
            alice.send("SAY plain\r\n")
            try bob.expect(":alice PRIVMSG #room :plain")
            bob.send("CAP\r\nPING 1\r\n")
            try bob.expect("PONG :1")
            alice.send("SAY tagged\r\n")
            try bob.expect("@msgid=id :alice PRIVMSG #room :tagged")
        }
    }

    @Test(arguments: bothWays) func disconnectSendsWhatIsQueuedFirst(threads: ClientFrontEndOptions.Threads)
        async throws
    {
        try await TestNode.run(threads: threads) { node in
            let client = try node.join("alice")
            client.send("REPEAT 1000 :\(String(repeating: "x", count: 300))\r\nQUIT\r\nPING ignored\r\n")
            let lines = try client.rest().split(separator: "\r\n")
            #expect(lines.count == 1001)
            #expect(lines.last == "ERROR :bye")
            #expect(node.log.lossReasons == [])
        }
    }

    @Test(arguments: bothWays) func shutdownSendsWhatIsQueuedAndCloses(threads: ClientFrontEndOptions.Threads)
        async throws
    {
        let node = try TestNode(threads: threads) { _ in }
        let client = try node.join("alice")
        client.send("REPEAT 1000 :\(String(repeating: "x", count: 300))\r\nPING end\r\n")
        try await eventually("it is taken in") { node.log.inputs.count == 4 }
        // The step is logged while it runs; once the driver answers again, what it ordered is handed out.
        node.driver.query { _ in }
        async let told = offPool { try client.rest() }
        await node.frontEnd.shutdown()
        #expect(try await told.hasSuffix("PONG :end\r\n"))
    }

    @Test func aBusyPortIsAClearError() async throws {
        try await TestNode.run { node in
            let options = ClientFrontEndOptions(
                addresses: [.init(host: "127.0.0.1", port: node.port)], serverName: "room.test")
            let error = #expect(throws: ClientFrontEndError.self) { try ClientFrontEnd(options: options) }
            #expect(error?.description == "cannot bind 127.0.0.1:\(node.port): Address already in use")
        }
    }

    @Test func portsAreRefusedUntilClientsAreAccepted() async throws {
        let options = ClientFrontEndOptions(
            addresses: [.init(host: "127.0.0.1", port: 0), .init(host: "localhost", port: 0)], serverName: "room.test")
        let frontEnd = try ClientFrontEnd(options: options)
        let ports = frontEnd.addresses.compactMap { Int($0.split(separator: ":").last ?? "") }
        #expect(ports.count >= 2)
        #expect(throws: TestClient.Failure.self) { try TestClient(port: ports[0]) }
        await frontEnd.shutdown()
    }

    @Test func aThousandConnectionsAreTakenInAtOnce() async throws {
        try await TestNode.run(threads: .auto) { node in
            let clients = try (0..<1_000).map { _ in try node.connect() }
            for client in clients { client.send("NICK n\r\n") }
            for client in clients { try client.expect("WELCOME n") }
            clients[0].send("SAY hello\r\n")
            for client in clients.dropFirst() { try client.expect(":n PRIVMSG #room :hello") }
            let counters = node.frontEnd.takeCounters()
            #expect(counters.accepted == 1_000)
            #expect(counters.now == 1_000)
            #expect(counters.delivered == 999)
        }
    }
}
