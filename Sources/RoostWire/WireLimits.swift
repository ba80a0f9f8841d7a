// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The bounds on what a peer may send. A frame that exceeds one is refused whole, with a `WireError`. They lie well
// above what this build's nodes make (IRC's own limits are far lower), so that no honest frame meets them.

/// The most that each part of a frame may hold.
public enum WireLimits {
    /// Bytes of a frame on any topic or of a control frame.
    public static let frameBytesMax = 4 << 20
    /// Bytes of a whole encoded snapshot, all its chunks together.
    public static let snapshotBytesMax = 512 << 20
    /// Bytes of one chunk of a snapshot.
    public static let chunkBytesMax = 1 << 20
    /// Chunks of a snapshot.
    public static let chunksMax: UInt32 = 65_536

    /// Events of a frame.
    public static let eventsMax = 65_536
    /// Lives that the ids of a frame or of a snapshot refer to, or that a heartbeat tells of.
    public static let livesMax = 65_536
    /// Nodes in a vector, a heartbeat or an introduction.
    public static let nodesMax = 4_096

    /// Bytes of a name: a nick, a channel, a cluster, a key of a tag, an address.
    public static let nameBytesMax = 512
    /// Bytes of any other text.
    public static let textBytesMax = 8_192
    /// Bytes of the content of an event of an unknown kind.
    public static let contentBytesMax = 65_536
    /// Tags of a message.
    public static let tagsMax = 2_048
    /// Memberships that a user keeps when it is taken over.
    public static let membershipsMax = 4_096
    /// Changes of modes in one event.
    public static let modeChangesMax = 4_096
    /// Ids in a list: the tags of a membership, of a mask, the invitations of a user.
    public static let idsMax = 65_536

    /// Users, claims, channels, removals, departures, kept messages or their senders in a snapshot, and members, masks or
    /// statuses of a channel.
    public static let snapshotEntriesMax = 4_000_000
    /// Births of a channel.
    public static let statesMax = 4_096
}
