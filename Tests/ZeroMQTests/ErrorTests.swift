// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Errors name their cause as a code, and the operation and endpoint in their text; and a context ends in any order of
// letting go.

import Foundation
import Testing

@testable import ZeroMQ

@Suite struct ErrorTests {
    @Test func aBusyPortIsNamed() throws {
        let context = try Context()
        let first = try Socket(.router, in: context)
        let endpoint = try first.bind("tcp://127.0.0.1:*")
        let second = try Socket(.router, in: context)
        let error = #expect(throws: ZeroMQError.self) { try second.bind(endpoint) }
        #expect(error?.code == .addressInUse)
        #expect(error?.endpoint == endpoint)
        #expect(error?.description == "bind \(endpoint): Address already in use")
    }

    @Test func aBusyPortOfAnotherContextIsNamedToo() throws {
        let first = try Socket(.xpub, in: try Context())
        let endpoint = try first.bind("tcp://127.0.0.1:*")
        let second = try Socket(.router, in: try Context())
        let error = #expect(throws: ZeroMQError.self) { try second.bind(endpoint) }
        #expect(error?.code == .addressInUse)
    }

    @Test(arguments: [
        ("", ZeroMQError.Code.invalidArgument),
        ("127.0.0.1:7600", .invalidArgument),
        ("tcp://127.0.0.1", .invalidArgument),
        ("tcp://127.0.0.1:70000", .invalidArgument),
        ("tcp://[::1]:99999999999999999999", .invalidArgument),
        ("carrier-pigeon://roof", .unsupportedProtocol),
        ("tcp://203.0.113.77:7600", .addressNotAvailable),
    ])
    func aMalformedEndpointIsNamed(endpoint: String, code: ZeroMQError.Code) throws {
        let context = try Context()
        let socket = try Socket(.router, in: context)
        let error = #expect(throws: ZeroMQError.self) { try socket.bind(endpoint) }
        #expect(error?.code == code)
        #expect(error?.description.hasPrefix("bind \(endpoint): ") == true)
    }

    @Test func connectingToNonsenseIsRefused() throws {
        let context = try Context()
        let socket = try Socket(.dealer, in: context)
        let error = #expect(throws: ZeroMQError.self) { try socket.connect("tcp://127.0.0.1:port") }
        #expect(error?.code == .invalidArgument)
        #expect(error?.endpoint == "tcp://127.0.0.1:port")
    }

    @Test func leavingAnEndpointNeverUsedIsRefused() throws {
        let context = try Context()
        let socket = try Socket(.dealer, in: context)
        let error = #expect(throws: ZeroMQError.self) { try socket.disconnect("tcp://127.0.0.1:7600") }
        #expect(error?.code == .unknownEndpoint)
    }

    @Test func anUnboundPortIsFreeAgain() throws {
        let context = try Context()
        let first = try Socket(.router, in: context)
        let endpoint = try first.bind("tcp://127.0.0.1:*")
        try first.unbind(endpoint)
        let second = try Socket(.router, in: context)
        // The listener is closed by an I/O thread, a moment later.
        let bound: String? = ZeroMQTests.first { try? second.bind(endpoint) }
        #expect(bound == endpoint)
    }

    @Test func anOptionOfAnotherKindOfSocketIsNamed() throws {
        let context = try Context()
        var options = SocketOptions()
        options.routerMandatory = true
        let error = #expect(throws: ZeroMQError.self) { _ = try Socket(.sub, in: context, options: options) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.operation == "set ZMQ_ROUTER_MANDATORY")
    }

    @Test func everyOptionReachesItsSocket() throws {
        let context = try Context()
        var options = SocketOptions()
        options.sendHighWaterMark = 1024
        options.receiveHighWaterMark = 1023
        options.linger = .milliseconds(500)
        options.maxMessageSize = 1 << 20
        options.immediate = true
        options.connectTimeout = .seconds(1)
        options.reconnectInterval = .milliseconds(50)
        options.reconnectIntervalMax = .milliseconds(400)
        options.tcpMaxRetransmit = .seconds(3)
        options.handshakeInterval = .seconds(5)
        options.tcpKeepalive = .init(idle: .seconds(5), interval: .milliseconds(1500), count: 3)
        options.ipv6 = true
        options.sendTimeout = .milliseconds(7)
        options.receiveTimeout = .microseconds(8001)
        options.backlog = 99
        let socket = try Socket(.dealer, in: context, options: options)
        let expected: [(option: Int32, value: Int32)] = [
            (23, 1024), (24, 1023), (17, 500), (39, 1), (79, 1000), (18, 50), (21, 400), (80, 3000), (66, 5000),
            (34, 1), (36, 5), (37, 2), (35, 3), (42, 1), (28, 7), (27, 9), (19, 99),
        ]
        for (option, value) in expected {
            #expect(try socket.handle.number(option, "\(option)") == value, "option \(option)")
        }
        #expect(try socket.handle.number(22, "ZMQ_MAXMSGSIZE", as: Int64.self) == 1 << 20)
        try socket.setLinger(.milliseconds(1))
        #expect(try socket.handle.number(17, "ZMQ_LINGER") == 1)
    }

    @Test func lingerIsNothingUnlessSet() throws {
        let socket = try Socket(.dealer, in: try Context())
        #expect(try socket.handle.number(17, "ZMQ_LINGER") == 0)
    }

    @Test(arguments: [
        (Duration.zero, 0), (.nanoseconds(1), 1), (.milliseconds(5), 5), (.microseconds(5001), 6),
        (.seconds(-3), 0), (.seconds(Int64.min), 0), (.seconds(Int64.max), Int(Int32.max)),
        (.seconds(3_000_000), Int(Int32.max)),
    ])
    func durationsAreRoundedUpAndNeverOverflow(duration: Duration, milliseconds: Int) {
        #expect(duration.wholeMilliseconds == milliseconds)
    }

    @Test func aContextHasNoMoreSocketsThanItsLimit() throws {
        let context = try Context(maxSockets: 2)
        let first = try Socket(.pair, in: context)
        let second = try Socket(.pair, in: context)
        let error = #expect(throws: ZeroMQError.self) { _ = try Socket(.pair, in: context) }
        #expect(error?.code == .tooManyOpen)
        first.close()
        // The slot is freed by libzmq's reaper, a moment later.
        let made: Bool? = ZeroMQTests.first { (try? Socket(.pair, in: context)) == nil ? nil : true }
        #expect(made == true)
        second.close()
    }

    @Test func shuttingDownEndsABlockingCall() throws {
        let context = try Context()
        let socket = try Socket(.pair, in: context, options: patient)
        try socket.bind("inproc://quiet")
        Thread.detachNewThread { context.shutDown() }
        let error = #expect(throws: ZeroMQError.self) { try socket.receiveParts(blocking: true) }
        #expect(error?.code == .terminated)
        let late = #expect(throws: ZeroMQError.self) { _ = try Socket(.pair, in: context) }
        #expect(late?.code == .terminated)
        socket.close()
        context.terminate()
        context.terminate()
        context.shutDown()
        let later = #expect(throws: ZeroMQError.self) { _ = try Socket(.pair, in: context) }
        #expect(later?.code == .terminated)
    }

    @Test func aSocketKeepsItsContextAlive() throws {
        func makeSocket() throws -> Socket { try Socket(.pair, in: try Context(), options: patient) }
        let socket = try makeSocket()
        #expect(try socket.bind("inproc://alone") == "inproc://alone")
        #expect(try socket.receiveParts() == nil)
    }

    @Test func lingerDeliversWhatWasSentBeforeTheEnd() throws {
        let receiverContext = try Context()
        let receiver = try Socket(.router, in: receiverContext, options: patient)
        let endpoint = try receiver.bind("tcp://127.0.0.1:*")
        do {
            let context = try Context()
            var options = patient
            options.linger = deadline
            let sender = try Socket(.dealer, in: context, options: options)
            try sender.connect(endpoint)
            #expect(try sender.send(bytes("farewell")))
        }
        #expect(try receiver.receiveParts(blocking: true)?.last == bytes("farewell"))
    }
}
