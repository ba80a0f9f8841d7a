// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Decides which keys may connect: the answering side of ZAP (RFC 27), which libzmq asks about every CURVE handshake of
// its context, and about plain ones on sockets that name a ZAP domain.

import CZeroMQ

/// What libzmq asks before it lets a peer in.
public struct ZAPRequest: Equatable, Sendable {
    /// How the peer proves who it is.
    public enum Credentials: Equatable, Sendable {
        /// It does not.
        case none
        /// It holds the secret half of this key; libzmq has checked.
        case curve(CurvePublicKey)
        /// By a mechanism that Roost does not use, named here.
        case other(mechanism: String)
    }

    /// Of the socket it connected to.
    public let domain: String
    /// The peer's IP address.
    public let address: String
    /// To judge.
    public let credentials: Credentials

    /// Who asks for what, from where.
    public init(domain: String, address: String, credentials: Credentials) {
        self.domain = domain
        self.address = address
        self.credentials = credentials
    }
}

/// Answers ZAP requests. Make it before any CURVE server (which is enforced), keep it and serve it for as long as one
/// is open: without a handler, libzmq lets everyone in.
public struct ZAPHandler: ~Copyable {
    private static let endpoint = "inproc://zeromq.zap.01"

    /// For the poller.
    let requests: Socket
    private let context: Context

    /// - Throws: `addressInUse` if the context has a handler; the start of a node ends there.
    public init(in context: Context) throws(ZeroMQError) {
        let requests = try Socket(.rep, in: context)
        try requests.bind(Self.endpoint)
        context.setAuthenticates(true)
        self.requests = requests
        self.context = context
    }

    deinit {
        context.setAuthenticates(false)
    }

    /// Answers every request that waits; handshakes stand still until then.
    /// - Parameter admits: whether the peer may connect.
    /// - Throws: `terminated`.
    public func answerAll(admits: (ZAPRequest) -> Bool) throws(ZeroMQError) {
        while let parts = try requests.receiveParts() {
            let admitted = ZAPRequest(parts: parts).map(admits) ?? false
            let status = admitted ? ["200", "OK"] : ["400", "not admitted"]
            let requestID = parts.count > 1 ? parts[1] : []
            // Version, request id, status code, status text, user id, metadata.
            let reply = [ZAPRequest.version, requestID] + status.map { Array($0.utf8) } + [[], []]
            _ = try requests.send(reply)
        }
    }
}

extension ZAPRequest {
    fileprivate static let version = Array("1.0".utf8)

    /// From version, request id, domain, address, identity, mechanism, credentials; nil if it is no ZAP 1.0 request.
    init?(parts: [[UInt8]]) {
        guard parts.count >= 6, parts[0] == Self.version else { return nil }
        let mechanism = String(decoding: parts[5], as: UTF8.self)
        switch mechanism {
        case "NULL":
            credentials = .none
        case "CURVE":
            guard parts.count == 7, let key = CurvePublicKey(bytes: parts[6]) else { return nil }
            credentials = .curve(key)
        default:
            credentials = .other(mechanism: mechanism)
        }
        domain = String(decoding: parts[2], as: UTF8.self)
        address = String(decoding: parts[3], as: UTF8.self)
    }
}
