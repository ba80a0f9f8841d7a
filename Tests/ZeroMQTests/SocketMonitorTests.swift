// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// A monitor tells how a socket's connections fare, and may go before or after its socket without stopping libzmq.

import Testing

@testable import ZeroMQ

@Suite struct SocketMonitorTests {
    @Test func aConnectionIsSeenFromBothSidesUntilItBreaks() throws {
        let context = try Context()
        let server = try Socket(.router, in: context, options: patient)
        let client = try Socket(.dealer, in: context, options: patient)
        let serverMonitor = try SocketMonitor(server, in: context)
        let clientMonitor = try SocketMonitor(client, in: context)
        let endpoint = try server.bind("tcp://127.0.0.1:*")
        try client.connect(endpoint)

        let listening = try firstEvent(of: serverMonitor) { _ in true }
        guard case .listening(endpoint, _) = listening else {
            Issue.record("\(String(describing: listening)) instead of listening")
            return
        }
        let accepted = try firstEvent(of: serverMonitor) { if case .accepted = $0 { true } else { false } }
        #expect(accepted != nil)
        let connected = try firstEvent(of: clientMonitor) { if case .connected = $0 { true } else { false } }
        guard case .connected(endpoint, let descriptor) = connected else {
            Issue.record("\(String(describing: connected)) instead of connected")
            return
        }
        #expect(descriptor > 0)
        #expect(try firstEvent(of: clientMonitor) { $0 == .handshakeSucceeded(endpoint: endpoint) } != nil)

        server.close()
        let end = SocketEvent.disconnected(endpoint: endpoint, descriptor: descriptor)
        #expect(try firstEvent(of: clientMonitor) { $0 == end } != nil)
        let retried = try firstEvent(of: clientMonitor) { if case .connectRetried = $0 { true } else { false } }
        guard case .connectRetried(endpoint, let interval) = retried else {
            Issue.record("\(String(describing: retried)) instead of another attempt")
            return
        }
        #expect(interval > .zero)
    }

    @Test func aMonitorMayGoBeforeItsSocket() throws {
        let context = try Context()
        let server = try Socket(.router, in: context, options: patient)
        let client = try Socket(.dealer, in: context, options: patient)
        do {
            let monitor = try SocketMonitor(server, in: context)
            #expect(try monitor.next() == nil)
        }
        let endpoint = try server.bind("tcp://127.0.0.1:*")
        for round in 0..<50 {
            let visitor = try Socket(.dealer, in: context, options: patient)
            try visitor.connect(endpoint)
            #expect(try visitor.send([UInt8(round)], blocking: true))
            #expect(try server.receiveParts(blocking: true)?.last == [UInt8(round)])
        }
        try client.connect(endpoint)
        #expect(try client.send(bytes("hello"), blocking: true))
        #expect(try server.receiveParts(blocking: true)?.last == bytes("hello"))
        let again = try SocketMonitor(server, in: context)
        client.close()
        #expect(try firstEvent(of: again) { if case .disconnected = $0 { true } else { false } } != nil)
    }

    @Test func aSocketMayGoBeforeItsMonitor() throws {
        let context = try Context()
        let socket = try Socket(.router, in: context)
        let monitor = try SocketMonitor(socket, in: context)
        try socket.bind("tcp://127.0.0.1:*")
        socket.close()
        var events: [SocketEvent] = []
        while let event = try monitor.next() { events.append(event) }
        guard case .listening = events.first else {
            Issue.record("\(events) instead of listening")
            return
        }
    }

    @Test func unreadEventsHoldUpNobody() throws {
        // More than the 2,000 events that two default queues would hold: a full one blocks libzmq's I/O thread.
        let context = try Context()
        var options = patient
        options.reconnectInterval = .milliseconds(1)
        let server = try Socket(.router, in: context, options: patient)
        let monitor = try SocketMonitor(server, in: context)
        let endpoint = try server.bind("tcp://127.0.0.1:*")
        for round in 0..<900 {
            let client = try Socket(.dealer, in: context, options: patient)
            try client.connect(endpoint)
            #expect(try client.send([UInt8(truncatingIfNeeded: round)], blocking: true))
            #expect(try server.receiveParts(blocking: true)?.last == [UInt8(truncatingIfNeeded: round)])
        }
        var count = 0
        while try monitor.next() != nil { count += 1 }
        #expect(count > 2000)
    }

    @Test(
        arguments: [
            ([[1, 0, 7, 0, 0, 0], [97]], SocketEvent.connected(endpoint: "a", descriptor: 7)),
            ([[0, 2, 7, 0, 0, 0], [97]], .disconnected(endpoint: "a", descriptor: 7)),
            ([[0, 64, 144, 1, 0, 0], [97]], .handshakeRefused(endpoint: "a", status: 400)),
            ([[0, 128, 255, 255, 255, 255], []], .unknown(endpoint: "", event: 32_768, value: .max)),
            ([[1, 0, 7, 0, 0], [97]], nil),
            ([[1, 0, 7, 0, 0, 0]], nil),
            ([], nil),
        ] as [([[UInt8]], SocketEvent?)])
    func eventsAreParsedOrPassedOver(parts: [[UInt8]], event: SocketEvent?) {
        #expect(SocketEvent(parts: parts) == event)
    }
}
