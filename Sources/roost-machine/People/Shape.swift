// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// How large a measured cluster is.

/// How many there are of everything.
struct Shape: Hashable, Sendable {
    /// The nodes. Users connect to them in turn.
    var nodes = 1
    /// The users who are in rooms.
    var users = 1_000
    /// The members of each room.
    var roomSize = 10
    /// The rooms that each user is in.
    var roomsPerUser = 1

    /// Rooms of the whole cluster.
    var rooms: Int { users / roomSize * roomsPerUser }
    /// The users in no room, who come and go: a few at most, and never two in one room.
    var visitors: Int { min(100, rooms) }

    /// Why there can be no such cluster; nil where there can.
    var problem: String? {
        if !(1...20).contains(nodes) { return "there are 1 to 20 nodes, not \(nodes)" }
        if users < 2 || roomSize < 1 || roomsPerUser < 1 { return "users are 2 and more, rooms of 1 and more" }
        if users % roomSize != 0 { return "\(users) users do not fill rooms of \(roomSize)" }
        return nil
    }
}
