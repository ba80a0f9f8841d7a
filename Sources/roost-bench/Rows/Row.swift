// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The rows of the table: their names on the command line, and what each measures.

import ArgumentParser

/// One kind of measurement. Listed in the order in which they run: memory first, while the server has not yet grown.
enum Row: String, CaseIterable, ExpressibleByArgument {
    case memory
    case memoryRemote = "memory-remote"
    case registrations
    case channel
    case rooms
    case `private`
    case privateAcross = "private-across"
    case openLoop = "open-loop"
    case openLoopAcross = "open-loop-across"
    case silent
    case burst

    /// Whether the row runs where none is named. The others are parts of `make bench-pressure`.
    var isUsual: Bool { self != .silent && self != .burst }

    /// Whether the row is about what two nodes of a cluster do together.
    var needsTwoNodes: Bool {
        switch self {
        case .memoryRemote, .privateAcross, .openLoopAcross: true
        case .memory, .registrations, .channel, .rooms, .private, .openLoop, .silent, .burst: false
        }
    }

    var explanation: String {
        switch self {
        case .memory:
            "resident bytes of the server per idle client, between 100 and 5,100 of them. Truest on a server just "
                + "started: memory that it kept from earlier clients hides what new ones take. Measured once"
        case .memoryRemote:
            "resident bytes of the first target per idle client of the second, between 1,000 and 19,000 of them; the "
                + "first must know them all. Measured once, on servers just started"
        case .registrations:
            "connections and NICK + USER until the end of the MOTD: 5,000 clients, at most --handshakes at a time"
        case .channel:
            "one channel of 1,000 in which 8 talk, with 8 and with 64 messages outstanding; a message is outstanding "
                + "until the last member has it"
        case .rooms:
            "50 channels (--rooms) of 10 in which everyone talks, one message outstanding for each member"
        case .private:
            "round trips of private messages, 50 pairs at once and then one pair alone, on the first target; with "
                + "--clients, that many in pairs and no pair alone"
        case .privateAcross:
            "the same, each pair on two nodes: the first and the second target"
        case .openLoop:
            "private messages of 50 pairs at a fixed 1,000 a second, one way, timed from when each was due; on the "
                + "first target"
        case .openLoopAcross:
            "the same, each pair on two nodes: the first and the second target"
        case .silent:
            "a channel of 20 who talk at a fixed 1,000 messages a second all together, and of --silent members who read "
                + "nothing; the server must close each of these in time. Only if named"
        case .burst:
            "one client says as much as the server takes to another, with --window messages outstanding (20,000). Only "
                + "if named"
        }
    }
}
