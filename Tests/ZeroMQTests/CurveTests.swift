// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// CURVE lets in who holds an admitted key and nobody else; and keys are what they look like.

import Testing
import ZeroMQ

@Suite struct CurveTests {
    private let serverKeys: CurveKeyPair
    private let clientKeys: CurveKeyPair

    init() throws {
        serverKeys = try .generate()
        clientKeys = try .generate()
    }

    @Test func anAdmittedKeyTalksInSecret() throws {
        let outcome = try attempt(.client(keys: clientKeys, serverKey: serverKeys.publicKey))
        #expect(outcome.answer == [bytes("welcome")])
        let asked = ZAPRequest.Credentials.curve(clientKeys.publicKey)
        #expect(outcome.requests.map(\.credentials) == [asked])
        #expect(outcome.requests.map(\.domain) == ["mesh"])
        #expect(outcome.requests.map(\.address) == ["127.0.0.1"])
    }

    @Test func aKeyThatIsNotAdmittedIsRefused() throws {
        let outcome = try attempt(.client(keys: try .generate(), serverKey: serverKeys.publicKey))
        #expect(outcome.answer == nil)
        guard case .handshakeRefused(_, status: 400) = outcome.failure else {
            Issue.record("\(String(describing: outcome.failure)) instead of a refusal")
            return
        }
    }

    @Test func aClientThatExpectsAnotherServerTalksToNone() throws {
        let outcome = try attempt(.client(keys: clientKeys, serverKey: try CurveKeyPair.generate().publicKey))
        #expect(outcome.answer == nil)
        #expect(outcome.failure != nil)
        #expect(outcome.requests.isEmpty)
    }

    @Test func aClientWithoutKeysIsRefused() throws {
        let outcome = try attempt(nil)
        #expect(outcome.answer == nil)
        #expect(outcome.failure != nil)
        #expect(outcome.requests.isEmpty)
    }

    @Test func noServerWithoutAHandler() throws {
        let context = try Context()
        var options = SocketOptions()
        options.curve = .server(secretKey: serverKeys.secretKey, zapDomain: "mesh")
        do {
            let handler = try ZAPHandler(in: context)
            let server = try Socket(.router, in: context, options: options)
            server.close()
            let error = #expect(throws: ZeroMQError.self) { _ = try ZAPHandler(in: context) }
            #expect(error?.code == .addressInUse)
            #expect(context.authenticates)
            _ = consume handler
        }
        #expect(!context.authenticates)
        let error = #expect(throws: ZeroMQError.self) { _ = try Socket(.router, in: context, options: options) }
        #expect(error?.code == .authenticatorMissing)
    }

    @Test func aPublicKeyFollowsFromItsSecretKey() throws {
        // The test vector of libzmq's zmq_curve_keypair(3).
        let secretKey = try #require(CurveSecretKey(z85: "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6"))
        let pair = try CurveKeyPair(secretKey: secretKey)
        #expect(pair.publicKey.z85 == "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7")
        #expect(try CurveKeyPair(secretKey: clientKeys.secretKey) == clientKeys)
        #expect(clientKeys != serverKeys)
        #expect(CurvePublicKey(z85: pair.publicKey.z85) == pair.publicKey)
        #expect(CurvePublicKey(bytes: pair.publicKey.bytes) == pair.publicKey)
    }

    @Test(arguments: [
        "", "short", String(repeating: "~", count: 40), String(repeating: " ", count: 40),
        String(repeating: "#", count: 40), String(repeating: "é", count: 20), String(repeating: "\u{7f}", count: 40),
        String(repeating: "0", count: 41), String(repeating: "\"", count: 40),
    ])
    func textThatIsNoKeyIsRefused(text: String) {
        #expect(CurvePublicKey(z85: text) == nil)
        #expect(CurveSecretKey(z85: text) == nil)
    }

    @Test func aKeyHas32Bytes() {
        #expect(CurvePublicKey(bytes: [UInt8](repeating: 1, count: 31)) == nil)
        #expect(CurveSecretKey(bytes: [UInt8](repeating: 1, count: 33)) == nil)
    }

    @Test func aSecretKeyDoesNotPrintItself() {
        var dumped = ""
        dump(clientKeys, to: &dumped)
        for text in ["\(clientKeys)", String(reflecting: clientKeys), dumped] {
            #expect(!text.contains(clientKeys.secretKey.z85))
            #expect(text.contains("hidden"))
        }
    }

    private struct Outcome {
        /// What the server answered to the client.
        var answer: [[UInt8]]?
        /// What the client's monitor saw instead.
        var failure: SocketEvent?
        /// What the handler was asked.
        var requests: [ZAPRequest] = []
    }

    private enum Source: Hashable { case handler, server, client, monitor }

    /// One client that says hello to a CURVE server which admits `clientKeys` and answers.
    private func attempt(_ curve: SocketOptions.Curve?) throws -> Outcome {
        let context = try Context()
        let handler = try ZAPHandler(in: context)
        var serverOptions = patient
        serverOptions.curve = .server(secretKey: serverKeys.secretKey, zapDomain: "mesh")
        let server = try Socket(.router, in: context, options: serverOptions)
        var clientOptions = patient
        clientOptions.curve = curve
        let client = try Socket(.dealer, in: context, options: clientOptions)
        let monitor = try SocketMonitor(client, in: context)
        try client.connect(try server.bind("tcp://127.0.0.1:*"))
        #expect(try client.send(bytes("hello"), blocking: true))

        var poller = Poller<Source>()
        poller.add(handler, as: .handler)
        poller.add(server, as: .server)
        poller.add(client, as: .client)
        poller.add(monitor, as: .monitor)
        var outcome = Outcome()
        let clock = ContinuousClock()
        let end = clock.now + deadline
        while outcome.answer == nil && outcome.failure == nil && clock.now < end {
            for ready in try poller.wait(timeout: .milliseconds(50)) {
                switch ready.source {
                case .handler:
                    try handler.answerAll { request in
                        outcome.requests.append(request)
                        return request.credentials == .curve(clientKeys.publicKey)
                    }
                case .server:
                    guard let parts = try server.receiveParts() else { continue }
                    #expect(parts.count == 2)
                    #expect(try server.send([parts[0], bytes("welcome")]))
                case .client:
                    outcome.answer = try client.receiveParts()
                case .monitor:
                    while let event = try monitor.next() {
                        if outcome.failure == nil && ends(event) { outcome.failure = event }
                    }
                }
            }
        }
        return outcome
    }

    private func ends(_ event: SocketEvent) -> Bool {
        switch event {
        case .handshakeFailed, .handshakeProtocolFailed, .handshakeRefused, .disconnected: true
        default: false
        }
    }
}
