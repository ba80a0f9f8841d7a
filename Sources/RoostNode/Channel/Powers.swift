// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Who may do what in a channel, and who may see whom. Network operators see more than others; in a channel they can do
// no more than their status there lets them.

import RoostModel
import RoostRoster

extension Node {
    /// Whether a user may kick, ban, voice, and set modes and a protected topic: half-operators and above.
    func leads(_ user: UserID, _ channel: Channel) -> Bool {
        channel.status(of: user).isAtLeast(.halfOperator)
    }

    /// Whether a user may act against another member: operators against everybody, half-operators against those below
    /// them.
    func outranks(_ user: UserID, _ other: UserID, in channel: Channel) -> Bool {
        let (ours, theirs) = (channel.status(of: user), channel.status(of: other))
        if ours.isAtLeast(.channelOperator) { return true }
        return ours.isAtLeast(.halfOperator) && !theirs.isAtLeast(.halfOperator)
    }

    /// Whether a user may know of a channel: secret and private ones are for their members, and for operators.
    func mayList(_ channel: Channel, _ user: UserID) -> Bool {
        let hidden: ChannelFlags = [.secret, .privateChannel]
        return channel.setFlags.isDisjoint(with: hidden) || channel.members[user] != nil
            || isOperator(user)
    }

    /// Whether a user is a network operator.
    func isOperator(_ user: UserID) -> Bool {
        roster.users[user]?.profile.modes.contains(.networkOperator) ?? false
    }

    /// Whether a list of users shows one of them to another: the invisible are for those who share a channel with them,
    /// and for operators.
    func maySee(_ user: User, _ viewer: UserID) -> Bool {
        guard user.profile.modes.contains(.invisible), user.id != viewer, !isOperator(viewer) else { return true }
        guard let channels = roster.users[viewer]?.channels else { return false }
        return !channels.isDisjoint(with: user.channels)
    }
}
