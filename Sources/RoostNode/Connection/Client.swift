// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What a node knows of one of its own clients.

import RoostIRC
import RoostModel
import RoostRoster

/// A client of this node.
struct Client: Sendable {
    /// How far it has come.
    enum Stage: Sendable {
        /// It has not been welcomed yet.
        case registering(Registration)
        /// It speaks for a user.
        case registered(UserID)
    }

    /// Its numeric address, which is the host that others see.
    let host: String
    /// How far it has come.
    var stage: Stage
    /// What it has negotiated.
    var capabilities: CapabilitySet = []
    /// The version that it gave with CAP LS; 301 where it gave none.
    var capabilityVersion = 301
    /// The nicks that it watches (MONITOR), in the order in which it named them.
    var monitored: [Nick] = []
    /// The operator's name that it used with OPER.
    var operatorName: String?
    /// Whether this node has held on to its user against a take-over by another.
    var hasInsisted = false

    /// The user it speaks for, once registered.
    var user: UserID? {
        if case .registered(let user) = stage { return user }
        return nil
    }
}

/// What a client has said before it is welcomed.
struct Registration: Sendable {
    /// What has become of the password that the server wants.
    enum Password: Hashable, Sendable {
        /// None was given yet.
        case missing
        /// The driver compares so many; the last one given counts.
        case checking(Int)
        /// It was right, or none is wanted.
        case accepted
        /// It was wrong.
        case refused
    }

    var nick: Nick?
    var userName: String?
    var realName = ""
    /// Whether CAP LS or REQ came and CAP END has not.
    var isNegotiating = false
    var password: Password
    /// The claim that waits for the peers.
    var claim: EventID?
}

/// A claim that waits until every peer that is up has acknowledged it.
struct PendingClaim: Sendable {
    /// Whose it is.
    let connection: ConnectionID
    /// The nick.
    let nick: Nick
    /// The peers that must acknowledge.
    let peers: [NodeID]
    /// When it stands by what is known.
    let deadline: Instant
}

/// A user who has left (WHOWAS).
struct FormerUser: Hashable, Sendable {
    let nick: Nick
    let userName: String
    let host: String
    let realName: String
    let at: WallTime
}

/// A registered client in the act of giving a command.
struct Caller: Sendable {
    let connection: ConnectionID
    let user: UserID
}
