// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Whether a connection does what it should. libzmq connects again by itself after most failures, but gives up without a
// word after some: a message over the limit, a handshake that was refused. Then the socket must be made anew.

import RoostModel
import ZeroMQ

/// How one connection to a peer does, from what its monitor and its messages tell. A value, fed by the mesh thread.
struct LinkHealth: Sendable {
    private enum Stage: Sendable {
        /// There is no connection; libzmq tries.
        case connecting
        /// There is one to a port behind which somebody may or may not be.
        case handshaking(since: Instant)
        /// The peer is who it should be.
        case connected
    }

    /// What an event of the monitor means for those above.
    enum Change: Equatable, Sendable {
        /// Nothing new.
        case none
        /// Messages flow from here on.
        case connected
        /// They do no more.
        case lost
        /// The peer does not want us, or is none: the socket is of no more use.
        case refused(reason: String)
    }

    /// Heartbeats come four times a second.
    static let silenceMax = Duration.seconds(10)
    /// libzmq tries again every 50 ms, and gives an attempt up after a second.
    static let connectMax = Duration.seconds(3)
    /// libzmq gives a handshake up after 5 s.
    static let handshakeMax = Duration.seconds(8)
    /// A handshake that ends so soon was broken off and not just unanswered.
    private static let abruptMax = Duration.seconds(2)
    /// So many in a row are no accident.
    private static let failuresMax = 3

    private var stage = Stage.connecting
    private var lastSign: Instant
    private var failures = 0

    /// A connection that was just asked for.
    init(at now: Instant) { lastSign = now }

    /// Whether messages flow.
    var isConnected: Bool {
        if case .connected = stage { return true }
        return false
    }

    /// A message came, or there is a reason why none can have come.
    mutating func heard(at now: Instant) { lastSign = now }

    /// Takes in what the monitor tells.
    mutating func take(_ event: SocketEvent, isEncrypted: Bool, at now: Instant) -> Change {
        lastSign = now
        switch event {
        case .connected:
            stage = .handshaking(since: now)
            return .none
        case .handshakeSucceeded:
            stage = .connected
            failures = 0
            return .connected
        case .disconnected, .closed:
            let wasConnected = isConnected
            stage = .connecting
            return wasConnected ? .lost : .none
        case .handshakeRefused:
            return .refused(reason: "it refuses this node's key; give both the same mesh.secret-file")
        case .handshakeProtocolFailed:
            return .refused(
                reason: isEncrypted
                    ? "it is not encrypted or holds another secret; give both the same mesh.secret-file"
                    : "it is encrypted or is no node; give this one its mesh.secret-file too")
        case .handshakeFailed:
            if case .handshaking(let since) = stage, now - since < Self.abruptMax { failures += 1 }
            stage = .connecting
            guard failures >= Self.failuresMax else { return .none }
            return .refused(
                reason: "it breaks off the handshake; "
                    + (isEncrypted
                        ? "if it holds another secret, give both the same mesh.secret-file"
                        : "see what listens there"))
        default:
            return .none
        }
    }

    /// Why the socket must be made anew; nil where it is well.
    ///
    /// - Parameter expectsMessages: whether silence is a sign of trouble.
    func complaint(at now: Instant, expectsMessages: Bool) -> String? {
        let silence = now - lastSign
        switch stage {
        case .connecting: return silence > Self.connectMax ? "libzmq tries no more to connect" : nil
        case .handshaking: return silence > Self.handshakeMax ? "the handshake does not end" : nil
        case .connected: return expectsMessages && silence > Self.silenceMax ? "nothing is heard of it" : nil
        }
    }
}
