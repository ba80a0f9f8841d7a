// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// All that can happen to a node. The driver turns what sockets, timers and people do into these.

import RoostIRC
import RoostModel
import RoostWire

/// Something that happened to this node. What is large and seldom is indirect: lines are what there are arrays of.
public enum NodeInput: Equatable, Sendable {
    /// The driver is ready to perform effects. First input of all, and only once.
    case started

    /// A client's connection was accepted, from that numeric address.
    case clientConnected(ConnectionID, host: String)
    /// A client sent a line.
    case lineReceived(ConnectionID, IRCLine)
    /// A client sent something that is not a line of IRC.
    case lineRefused(ConnectionID, IRCLineError)
    /// A client's connection is gone, or must go for that reason. The driver closes it; the machine says goodbye to
    /// nobody but the others.
    case clientLost(ConnectionID, reason: String)
    /// The driver has done what `checkPassword` ordered.
    case passwordChecked(ConnectionID, PasswordPurpose, matches: Bool)

    /// The sockets of a link have a connection.
    case linkConnected(LinkID)
    /// They have it no more.
    case linkDisconnected(LinkID)
    /// A connection attempt to the control port of a link's peer, ordered by `probe`, was refused, or was not.
    case probeAnswered(LinkID, isRefused: Bool)
    /// A peer's subscription to our stream has arrived: whatever is published from now on reaches it.
    case subscriberArrived
    /// Events of the peer at the other end of that link.
    case eventsReceived(LinkID, EventFrame)
    /// A peer's report.
    indirect case acknowledgementReceived(LinkID, Acknowledgement)
    /// A peer's sign of life.
    indirect case heartbeatReceived(LinkID, Heartbeat)
    /// A control message, as an answer on our link or as a request of a peer.
    indirect case controlReceived(ControlSource, ControlFrame)
    /// Bytes came on a link that are no frame of this protocol.
    case frameRefused(LinkID, reason: String)
    /// What the driver had to tell clients up to these events has reached the kernel.
    case delivered(Vector)

    /// The time of `nextDeadline` has come.
    case deadlineReached
    /// The configuration was read again.
    indirect case settingsReloaded(NodeSettings)
    /// The process was asked to end.
    case shutdownRequested(reason: String)
}

extension NodeInput {
    /// Whether a client that is connected did it, or its connection, or it was done for one.
    var isOfClient: Bool {
        switch self {
        case .lineReceived, .lineRefused, .clientLost, .passwordChecked: true
        default: false
        }
    }
}

/// A client's connection. The driver makes these up; within one life of a node none is used twice.
public struct ConnectionID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The lane in the upper 16 bits.
    public let rawValue: UInt64

    /// Connection `serial` (48 bits) of that lane.
    public init(lane: Int, serial: UInt64) {
        rawValue = UInt64(UInt16(truncatingIfNeeded: lane)) << 48 | (serial & 0xFFFF_FFFF_FFFF)
    }

    /// Which queue of the driver leads to it. Deliveries to many are handed over lane by lane.
    public var lane: Int { Int(rawValue >> 48) }
    /// What tells it from the others of its lane.
    public var serial: UInt64 { rawValue & 0xFFFF_FFFF_FFFF }

    /// Orders by lane, then by serial.
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    /// Lane and serial.
    public var description: String { "\(lane):\(serial)" }
}

/// Our end of the connection to one peer address.
public struct LinkID: Hashable, Comparable, Sendable {
    /// Counts up within one life of the node.
    public let rawValue: UInt32

    /// The link with that number.
    public init(_ rawValue: UInt32) { self.rawValue = rawValue }

    /// Orders by age, the oldest first.
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// Where a control message came from, and so where its answer goes.
public enum ControlSource: Hashable, Sendable {
    /// The peer at the other end of our link answered.
    case link(LinkID)
    /// A peer asked; libzmq's own routing id of its socket.
    case router([UInt8])
}

/// What a password was given for.
public enum PasswordPurpose: Hashable, Sendable {
    /// PASS, for the connection.
    case connection
    /// OPER, for the operator of that name.
    case networkOperator(name: String)
}
