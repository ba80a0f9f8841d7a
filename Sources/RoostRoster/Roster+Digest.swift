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
        for user in users.values { sum &+= user.record.digest }
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
        // An ended channel that nobody is in may be forgotten here and not there.
        if channel.members.isEmpty { return 0 }
        var sum: UInt64 = 0
        for (user, tags) in channel.members {
            for tag in tags {
                var hash = StableHash()
                hash.combine(channel.name.folded)
                hash.combine(user)
                hash.combine(tag.id)
                hash.combine(UInt64(channel.state.status(of: tag.id).rawValue))
                sum &+= hash.value
            }
        }
        var hash = StableHash()
        hash.combine(channel.name.folded)
        hash.combine(channel.state.birth.time.rawValue)
        hash.combine(channel.state.birth.node.rawValue)
        hash.combine(channel.state.topic?.value.text ?? "")
        hash.combine(UInt64(channel.state.setFlags.rawValue))
        hash.combine((channel.state.key?.value ?? nil) ?? "")
        hash.combine(UInt64((channel.state.limit?.value ?? nil) ?? 0))
        for list in MaskList.allCases {
            for mask in (channel.state.lists[list] ?? [:]).keys.sorted() {
                hash.combine(UInt64(list.rawValue))
                hash.combine(mask)
            }
        }
        return sum &+ hash.value
    }
}

extension UserRecord {
    fileprivate var digest: UInt64 {
        var hash = StableHash()
        hash.combine(id)
        hash.combine(claim)
        hash.combine(userName)
        hash.combine(profile.host)
        hash.combine(profile.realName)
        hash.combine(profile.account ?? "")
        hash.combine(profile.away ?? "")
        hash.combine(UInt64(profile.modes.rawValue))
        return hash.value
    }
}
