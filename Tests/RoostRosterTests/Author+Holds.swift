// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What a node does when others are down: it holds their users, takes them over, and lets them go.

import RoostModel
import RoostRoster

extension Author {
    /// Says that a life is down, and that its users are held for a minute and a half.
    mutating func hold(_ life: Life) {
        publish(.nodeDown(life, heldUntil: WallTime(milliseconds: milliseconds + 90_000)))
    }

    /// Ends a life for good.
    mutating func end(_ life: Life) { publish(.lifeEnded(life)) }

    /// Takes a user over, with all that it has, or without some channels.
    @discardableResult
    mutating func takeOver(_ id: UserID, without dropped: Set<ChannelName> = [], profile: UserProfile? = nil)
        -> EventID?
    {
        guard let user = roster.users[id], let claim = roster.claimInUse(of: id) else { return nil }
        let memberships = user.channels.subtracting(dropped).sorted().compactMap { name in
            roster.channels[name].map {
                TakeOver.Membership(channel: $0.name, birth: $0.state.birth, status: $0.status(of: id))
            }
        }
        let after = roster.vector[user.life.node].flatMap { position in
            position.epoch == user.life.epoch && position.sequence > 0
                ? EventID(node: user.life.node, epoch: position.epoch, sequence: position.sequence) : nil
        }
        return publish(
            .userTakenOver(
                TakeOver(
                    user: id, session: Session(number: user.record.session.number + 1, since: now(), node: node),
                    nick: claim.nick, identity: claim.identity, claimedAt: claim.time,
                    userName: user.record.userName, profile: profile ?? user.profile,
                    signedOn: user.record.signedOn, memberships: memberships, after: after))
        ).id
    }
}
