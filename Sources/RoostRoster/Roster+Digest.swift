// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The hash by which two nodes see that they agree. Nodes that have applied the same events have the same digest, so it
// is compared at equal vectors only.

import RoostModel

extension Roster {
    /// A hash of all that is replicated, whatever order it came in. What it costs grows with what was written to since
    /// `refreshDigest`, and with the whole roster where that was never called, or the roster was rewritten since.
    public var digest: UInt64 {
        guard let sums = digestSums else { return recountedDigest }
        return sums.touched.reduce(sums.total) { $0 &- (sums.channels[$1] ?? 0) &+ digest(of: $1) }
    }

    /// The same, from the content alone, whatever was remembered: for who checks the other.
    public var recountedDigest: UInt64 {
        // A sum of hashes, so that the order of a dictionary does not matter.
        var sum: UInt64 = 0
        for user in users.values { sum &+= user.digest }
        for claim in claims.values { sum &+= claim.digest }
        for name in channels.keys { sum &+= digest(of: name) }
        return sum
    }

    /// Gives the digest, and has the next cost no more than what is written to until then.
    @discardableResult
    public mutating func refreshDigest() -> UInt64 {
        guard var sums = digestSums else {
            var sums = DigestSums(total: recountedDigest)
            for name in channels.keys { sums.channels[name] = digest(of: name) }
            digestSums = sums
            return sums.total
        }
        guard !sums.touched.isEmpty else { return sums.total }
        digestSums = nil
        for name in sums.touched {
            let (before, now) = (sums.channels[name] ?? 0, digest(of: name))
            sums.total = sums.total &- before &+ now
            sums.channels[name] = now == 0 ? nil : now
        }
        sums.touched.removeAll(keepingCapacity: true)
        digestSums = sums
        return sums.total
    }

    // MARK: Keeping it

    /// A user has come, has changed or goes. To be told of it before and after, whichever of them there is.
    mutating func redigest(_ before: User?, _ after: User?) {
        guard digestSums != nil else { return }
        if let before { digestSums?.total &-= before.digest }
        if let after { digestSums?.total &+= after.digest }
        // Invitations count while the invited is there.
        if let id = (before ?? after)?.id, (before == nil) != (after == nil), let names = invitedTo[id] {
            digestSums?.touched.formUnion(names)
        }
    }

    /// The same of a claim.
    mutating func redigest(_ before: StandingClaim?, _ after: StandingClaim?) {
        guard digestSums != nil else { return }
        if let before { digestSums?.total &-= before.digest }
        if let after { digestSums?.total &+= after.digest }
    }

    /// Something of a channel is about to be written, or was.
    mutating func redigest(_ name: ChannelName) { digestSums?.touched.insert(name) }

    private func digest(of name: ChannelName) -> UInt64 {
        // A channel that nobody is in may be forgotten here and not there, and so may births that are not in force.
        guard let channel = channels[name], !channel.members.isEmpty else { return 0 }
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
            hash.combine(UInt64(channel.setFlags.rawValue))
            hash.combine((channel.state.key?.value ?? nil) ?? "")
            hash.combine(UInt64((channel.state.limit?.value ?? nil) ?? 0))
        }
        return sum
    }
}

/// What the digest is made of, so that not all of it must be counted again. Users and claims are counted as they change,
/// channels when the digest is wanted.
struct DigestSums: Sendable {
    /// The digest as it was when channels were counted last, with all that has become of users and claims since.
    var total: UInt64
    /// What each channel is counted for in it; those not here for nothing.
    var channels: [ChannelName: UInt64] = [:]
    /// The channels that were written to since.
    var touched: Set<ChannelName> = []
}

extension StandingClaim {
    fileprivate var digest: UInt64 {
        var hash = StableHash()
        hash.combine(id)
        hash.combine(nick.folded)
        return hash.value
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
