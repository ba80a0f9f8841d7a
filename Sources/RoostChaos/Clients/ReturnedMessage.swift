// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// How a server tells a sender that a message was not delivered: a standard reply where negotiated, a notice otherwise.

import RoostIRC

/// A message, or some messages, that came back as undelivered.
struct ReturnedMessage: Equatable {
    /// Which; nil for a summary of several.
    var msgid: String?
    /// How many.
    var count: Int

    /// What a line says; nil where it returns nothing.
    ///
    /// `FAIL PRIVMSG UNDELIVERED …` and `NOTE … UNDELIVERED …` name a message by its `msgid`, or a number of them.
    init?(_ line: IRCLine) {
        guard ["FAIL", "NOTE", "NOTICE"].contains(line.command) else { return nil }
        let words = line.parameters.flatMap { $0.split(separator: " ") }
        guard words.contains(where: { $0.lowercased().hasPrefix("undelivered") }) else {
            return nil
        }
        msgid = line.tag("msgid")
        count = msgid == nil ? words.lazy.compactMap { Int($0) }.first ?? 1 : 1
    }
}
