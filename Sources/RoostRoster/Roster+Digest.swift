// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The hash by which two nodes see that they agree. Nodes that have applied the same events have the same digest, so it
// is compared at equal vectors only.

import RoostModel

extension Roster {
    /// A hash of all that is replicated, whatever order it came in.
    public var digest: UInt64 {
        // A sum of hashes, so that the order of a dictionary does not matter.
        var sum: UInt64 = 0
        for user in users.values { sum &+= user.digest }
        for claim in claims.values {
            var hash = StableHash()
            hash.combine(claim.id)
            hash.combine(claim.nick.folded)
            sum &+= hash.value
        }
        for channel in channels.values {
            sum &+= digest(of: channel)
        }
        return sum
    }

    private func digest(of channel: Channel) -> UInt64 {
        // A channel that nobody is in may be forgotten here and not there, and so may births that are not in force.
        if channel.members.isEmpty { return 0 }
        var sum: UInt64 = 0
        func add(_ kind: UInt64, _ parts: (inout StableHash) -> Void) {
            var hash = StableHash()
            hash.combine(channel.name.folded)
            hash.combine(kind)
            parts(&hash)
            sum &+= hash.value
        }
        for (user, tags) in channel.members {
            for tag in tags {
                add(1) { hash in
                    hash.combine(user)
                    hash.combine(tag.id)
                    hash.combine(UInt64(channel.state.status(of: tag.id).rawValue))
                }
            }
        }
        // Invitations to those who are not there may be forgotten here and not there, too.
        for (user, invitations) in channel.invited where users[user] != nil {
            for invitation in invitations {
                add(2) { hash in
                    hash.combine(user)
                    hash.combine(invitation)
                }
            }
        }
        for (list, masks) in channel.state.lists {
            for (mask, entry) in masks {
                add(3) { hash in
                    hash.combine(UInt64(list.rawValue))
                    hash.combine(mask)
                    for tag in entry.tags { hash.combine(tag) }
                }
            }
        }
        add(4) { hash in
            hash.combine(channel.name.text)
            hash.combine(channel.state.birth.time.rawValue)
            hash.combine(channel.state.birth.node.rawValue)
            hash.combine(channel.state.topic?.value.text ?? "")
            hash.combine(channel.state.topic?.value.setter ?? "")
            hash.combine(UInt64(channel.state.setFlags.rawValue))
            hash.combine((channel.state.key?.value ?? nil) ?? "")
            hash.combine(UInt64((channel.state.limit?.value ?? nil) ?? 0))
        }
        return sum
    }
}

extension User {
    fileprivate var digest: UInt64 {
        var hash = StableHash()
        hash.combine(id)
        hash.combine(introduced)
        hash.combine(UInt64(record.session.number))
        hash.combine(record.claim)
        hash.combine(record.userName)
        hash.combine(profile.host)
        hash.combine(profile.realName)
        hash.combine(profile.account ?? "")
        hash.combine(profile.away ?? "")
        hash.combine(UInt64(profile.modes.rawValue))
        return hash.value
    }
}
