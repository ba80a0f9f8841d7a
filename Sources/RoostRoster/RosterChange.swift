// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What an event or a merge changed in what people can see. The node tells its clients of these and of nothing else, so
// that a change that was already known, or never took effect, is never announced.

import RoostModel

/// A visible change of the roster, in the order in which it took effect.
public enum RosterChange: Hashable, Sendable {
    /// A user goes on in another life than that one, which owned it, whether people see it or not. Comes before whatever
    /// else the take-over changed.
    case takenOver(UserID, from: Life)
    /// A user is there who was not.
    case userAppeared(UserID)
    /// A user is there no more; as it was last seen, and in which channels.
    case userLeft(UserRecord, nick: Nick, prefix: String, channels: [ChannelName], reason: String)
    /// A user goes by another nick. `prefix` is the old one.
    case nickChanged(UserID, from: Nick, prefix: String)
    /// The profile changed; as it was before. The nick and the prefix's other parts did not.
    case profileChanged(UserID, before: UserProfile)
    /// A user is in a channel who was not.
    case joined(UserID, ChannelName)
    /// A user left a channel, as whom its members knew it: where its nick changes too, they are not told of that.
    case parted(UserID, ChannelName, prefix: String, reason: String?)
    /// A user was removed from a channel.
    case kicked(UserID, ChannelName, by: Actor, reason: String)
    /// Modes of a channel changed. Without an actor, a merge changed them.
    case modesChanged(ChannelName, [VisibleMode], by: Actor?)
    /// A topic was set or cleared. Without an actor, a merge changed it.
    case topicChanged(ChannelName, by: Actor?)
    /// A user was invited.
    case invited(UserID, ChannelName, by: Actor)
}

/// A change of modes as clients see it.
public enum VisibleMode: Hashable, Sendable {
    /// A mode without parameter.
    case flag(ChannelFlags, isSet: Bool)
    /// The key was set, or removed; with the key that was.
    case key(String?, before: String?)
    /// The limit was set or removed.
    case limit(UInt32?)
    /// A member gained or lost a status.
    case status(MemberStatus, user: UserID, isSet: Bool)
    /// A mask was added to a list or removed.
    case list(MaskList, mask: String, isSet: Bool)
}
