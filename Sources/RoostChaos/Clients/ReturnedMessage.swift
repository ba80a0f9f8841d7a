// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// How a server tells a sender that a message was not delivered: by a standard reply
// (https://ircv3.net/specs/extensions/standard-replies), which clients of the load negotiate.

import RoostIRC

/// A message, or some messages to a channel, that came back as undelivered.
public enum ReturnedMessage: Sendable, Equatable {
    /// The message of that `msgid`.
    case message(msgid: String)
    /// So many of the sender's messages to a channel.
    case messages(Int, channel: String)

    /// What a line says; nil where it returns nothing.
    ///
    /// `FAIL PRIVMSG NOT_DELIVERED NICK MSGID :…` and `FAIL PRIVMSG NOT_KEPT TARGET MSGID :…` name a message,
    /// `NOTE PRIVMSG NOT_DELIVERED #CHANNEL COUNT :…` is a summary.
    init?(_ line: IRCLine) {
        guard ["FAIL", "NOTE"].contains(line.command), line.parameters.count >= 5,
            ["NOT_DELIVERED", "NOT_KEPT"].contains(line.parameters[1])
        else { return nil }
        let (target, which) = (line.parameters[2], line.parameters[3])
        if let count = Int(which) {
            self = .messages(count, channel: target)
        } else {
            self = .message(msgid: which)
        }
    }
}
