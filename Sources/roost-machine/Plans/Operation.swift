// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What is measured, and in which pairs it is done, so that a cluster is after it as it was before.

/// Something that people do.
enum Operation: String, CaseIterable, Sendable {
    /// A member says something in a room.
    case channelMessage = "channel-message"
    /// Somebody says something to one other.
    case privateMessage = "private-message"
    /// Somebody who is in no room comes into one.
    case join
    /// And leaves it.
    case part
    /// Somebody changes its nick.
    case nickChange = "nick-change"
    /// A client connects, gives its names and is welcomed.
    case registration
    /// A client in no room loses its connection.
    case quit

    /// The command by which others see that it was done.
    var command: String {
        switch self {
        case .channelMessage, .privateMessage: "PRIVMSG"
        case .join: "JOIN"
        case .part: "PART"
        case .nickChange: "NICK"
        case .registration: "001"
        case .quit: "ERROR"
        }
    }
}

/// Operations that undo each other, in turn.
enum Exercise: CaseIterable, Sendable {
    case channelMessages
    case privateMessages
    /// Joins, then parts.
    case visits
    /// Changes of nick, there and back.
    case nickChanges
    /// Registrations, then quits.
    case sessions
}
