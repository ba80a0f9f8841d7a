// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What clients were told, as far as a measurement has to know it.

import RoostIRC
import RoostNode

/// The receiving end of one client. A delivery costs what it must: something of the recipient's is written to.
struct Mailbox: Sendable {
    /// The node that the client is connected to, by its place.
    let node: Int
    /// The lines of the command that is watched.
    var told: UInt32 = 0
    /// The bytes of all lines.
    var bytes: UInt64 = 0
}

/// The mailboxes of all clients of a cluster.
struct Mailroom: Sendable {
    /// The mailboxes, by the number of the client, in order of connection.
    var boxes: [Mailbox] = []
    /// The command whose lines are counted.
    var watched = ""
    /// How many lines of it all clients together were told.
    var toldCount = 0
    /// Every line that was told, by client; nil where nobody wants to read them.
    var transcripts: [Int: [String]]?

    /// Tells one client.
    mutating func deliver(_ message: OutgoingMessage, to connection: ConnectionID) {
        let bytes = message.encoded(for: [])
        let isWatched = message.command == watched
        put(bytes, isWatched, connection)
    }

    /// Tells all of an audience but one; what they are told is encoded once.
    mutating func deliver(_ message: OutgoingMessage, to audience: Audience, except: ConnectionID?) {
        let bytes = message.encoded(for: [])
        let isWatched = message.command == watched
        for lane in audience.lanes {
            for connection in lane where connection != except { put(bytes, isWatched, connection) }
        }
    }

    private mutating func put(_ bytes: [UInt8], _ isWatched: Bool, _ connection: ConnectionID) {
        let client = Int(connection.serial)
        boxes[client].bytes += UInt64(bytes.count)
        if isWatched {
            boxes[client].told += 1
            toldCount += 1
        }
        if transcripts != nil {
            transcripts?[client, default: []].append(String(decoding: bytes.dropLast(2), as: UTF8.self))
        }
    }
}
