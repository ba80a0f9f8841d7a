// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// All that a node can order. The driver performs the effects of one step in order, before the next step.

import RoostIRC
import RoostModel
import RoostRoster
import RoostWire

/// An order to the world. What is large and seldom is indirect, as in `NodeInput`.
public enum NodeEffect: Equatable, Sendable {
    /// Sends a message to one client.
    case send(OutgoingMessage, to: ConnectionID)
    /// Sends a message to all of an audience but one.
    case fanOut(OutgoingMessage, to: Audience, except: ConnectionID?)
    /// From here on, messages to that client are encoded for these capabilities.
    case setCapabilities(ConnectionID, CapabilitySet)
    /// The client is registered: the registration timeout ends, the ping timeout begins.
    case registered(ConnectionID)
    /// Sends what is queued to the client, then closes the connection. The machine knows it no more.
    case disconnect(ConnectionID)
    /// Compares a password with a stored one, away from the machine, and answers with `passwordChecked`.
    case checkPassword(ConnectionID, PasswordPurpose, given: String, stored: String)

    /// Opens the client ports. Given once, when the node can serve.
    case acceptClients
    /// Connects the sockets of a link to the peer at that `HOST:PORT`.
    case openLink(LinkID, address: String)
    /// Closes them.
    case closeLink(LinkID)
    /// Sees whether anybody listens at that `HOST:PORT`, and answers with `probeAnswered`.
    case probe(LinkID, address: String)
    /// Publishes an event; the next in the stream.
    case publish(Event)
    /// Publishes a report.
    case publishAcknowledgement(Acknowledgement)
    /// Publishes a sign of life.
    indirect case publishHeartbeat(Heartbeat)
    /// Sends a control message.
    indirect case sendControl(ControlFrame, to: ControlSource)

    /// Reads the configuration again, and gives `settingsReloaded`.
    case reloadSettings
    /// All is said and done: the driver may end. Follows `shutdownRequested`.
    case stop
    /// Tells operators what happened.
    indirect case note(Note)
}

/// The effects of steps, in order.
public struct NodeEffects: Sendable {
    /// What was ordered and not yet taken.
    public var queue: [NodeEffect] = []

    /// No effects.
    public init() {}

    /// Orders one more.
    public mutating func append(_ effect: NodeEffect) { queue.append(effect) }
}

/// The connections that a message goes to, lane by lane, so that it is handed over once for each lane.
public struct Audience: Hashable, Sendable {
    /// For each lane, the connections in it.
    public private(set) var lanes: [[ConnectionID]] = []

    /// Nobody.
    public init() {}

    /// Whether there is nobody.
    public var isEmpty: Bool { lanes.allSatisfy(\.isEmpty) }

    /// Whether a connection is in it.
    func contains(_ connection: ConnectionID) -> Bool {
        connection.lane < lanes.count && lanes[connection.lane].contains(connection)
    }

    /// Adds a connection that is not in it.
    public mutating func insert(_ connection: ConnectionID) {
        while lanes.count <= connection.lane { lanes.append([]) }
        lanes[connection.lane].append(connection)
    }

    /// Removes a connection. Those behind it do not keep their order.
    public mutating func remove(_ connection: ConnectionID) {
        guard connection.lane < lanes.count, let index = lanes[connection.lane].firstIndex(of: connection) else {
            return
        }
        lanes[connection.lane].swapAt(index, lanes[connection.lane].count - 1)
        lanes[connection.lane].removeLast()
    }
}

/// What operators are told, in the log and on the stats socket.
public enum Note: Hashable, Sendable {
    /// A peer answered and we are in step with it.
    case peerUp(NodeID, epoch: Epoch, address: String)
    /// A peer was not heard for longer than it should be silent.
    case peerSuspect(NodeID, silent: Duration)
    /// A peer is not heard by this node, but by another.
    case peerUnreachable(NodeID, silent: Duration)
    /// A peer was given up: silent too long, or left on purpose; so many users of it are held.
    case peerDown(NodeID, reason: String, users: Int)
    /// The users of a life were held for as long as may be, and have gone.
    case lifeGone(Life)
    /// A user who was held connected to this node and goes on.
    case takenOver(nick: String, from: NodeID)
    /// This node has lost all of its peers.
    case isolated
    /// It has found one again.
    case rejoined
    /// This node did not run for so long.
    case paused(Duration)
    /// A peer was refused, and why.
    case peerRefused(address: String, reason: String)
    /// Two users want one nick; who keeps it, and what the other is called now.
    case collision(nick: String, keeper: UserID, loser: UserID, renamed: String)
    /// A gap in a peer's stream was filled by that node.
    case repaired(NodeID, first: UInt64, count: UInt64, by: NodeID)
    /// Events of a peer were passed over, since nobody has them any more.
    case skipped(NodeID, first: UInt64, count: UInt64)
    /// A gap could not be filled from the log; a snapshot takes its place.
    case repairUnavailable(NodeID, first: UInt64, oldest: UInt64)
    /// A snapshot of a peer was merged.
    case snapshotMerged(NodeID, users: Int, channels: Int)
    /// Two nodes that had applied the same events do not agree.
    case digestMismatch(NodeID, ours: UInt64, theirs: UInt64)
    /// A peer sent something that cannot be read.
    case frameMalformed(NodeID?, reason: String)
    /// An event cannot be read; it was set aside, and its stream goes on.
    case eventQuarantined(EventID, reason: String)
    /// A client was turned away or closed by a limit.
    case clientRefused(host: String, reason: String)
    /// The node serves clients now.
    case serving(peers: Int)
    /// An operator did something that others should know of.
    case operatorActed(name: String, what: String)
}
