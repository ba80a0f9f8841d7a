// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Who holds which nick (DESIGN §6.1). The holder is a function of the whole set of claims, the same on every node; all
// others who claim the nick go by one that is computed from it.

import RoostModel

extension Roster {
    /// The holder of a nick among the claims on it: of each identity the newest claim stands, with the identity's oldest
    /// time; of these the oldest, then the lower user.
    static func holder(among claims: [StandingClaim]) -> UserID? {
        if claims.count < 2 { return claims.first?.user }
        var oldest: [String: HybridTime] = [:]
        var newest: [String: StandingClaim] = [:]
        for claim in claims {
            oldest[claim.identity] = min(oldest[claim.identity] ?? claim.time, claim.time)
            if let other = newest[claim.identity], (claim.time, claim.id) < (other.time, other.id) { continue }
            newest[claim.identity] = claim
        }
        let standing = newest.map { (time: oldest[$0.key] ?? $0.value.time, user: $0.value.user) }
        return standing.min { ($0.time, $0.user) < ($1.time, $1.user) }?.user
    }

    /// A legal, typable nick for a user who lost its own: `alice|k3f`. All nodes compute the same.
    func substitute(for nick: Nick, of user: UserID) -> Nick {
        var hash = StableHash()
        hash.combine(user)
        let digits = String(hash.value, radix: 36)
        for length in 3...12 {
            let candidate = Nick(String(nick.text.prefix(20)) + "|" + digits.suffix(length))
            if let other = nicks[candidate.folded], other != user { continue }
            return candidate
        }
        return Nick(String(nick.text.prefix(10)) + "|" + digits)
    }

    /// Adds a claim and sees who holds the nick now.
    mutating func insert(_ claim: StandingClaim, into changes: inout [RosterChange]) {
        guard claims.updateValue(claim, forKey: claim.id) == nil else { return }
        claimants[claim.nick.folded, default: []].append(claim.id)
        if users[claim.user]?.record.claim != claim.id { users[claim.user]?.pendingClaims.append(claim.id) }
        settle(claim.nick.folded, into: &changes)
    }

    /// Takes a claim away and sees who holds the nick now.
    mutating func removeClaim(_ id: EventID, into changes: inout [RosterChange]) {
        guard let claim = claims.removeValue(forKey: id) else { return }
        let folded = claim.nick.folded
        users[claim.user]?.pendingClaims.removeAll { $0 == id }
        claimants[folded]?.removeAll { $0 == id }
        if claimants[folded]?.isEmpty == true { claimants[folded] = nil }
        settle(folded, into: &changes)
    }

    /// Gives each visible user who claims a nick the one that it now goes by.
    mutating func settle(_ folded: String, into changes: inout [RosterChange]) {
        guard let ids = claimants[folded] else { return }
        let standing = ids.compactMap { claims[$0] }.filter { users[$0.user]?.isHidden != true }
        let holder = Self.holder(among: standing)
        let inUse = standing.filter { users[$0.user]?.record.claim == $0.id }
        // The losers first, so that the nick is free when the holder takes it.
        for claim in inUse.filter({ $0.user != holder }).sorted(by: { $0.user < $1.user }) {
            rename(claim.user, to: substitute(for: claim.nick, of: claim.user), into: &changes)
        }
        for claim in inUse where claim.user == holder {
            rename(claim.user, to: claim.nick, into: &changes)
        }
    }

    /// Lets a user go by another nick.
    private mutating func rename(_ id: UserID, to nick: Nick, into changes: inout [RosterChange]) {
        guard let user = users[id], !user.isHidden else { return }
        if user.nick.text == nick.text, nicks[nick.folded] == id { return }
        release(user.nick, of: id)
        nicks[nick.folded] = id
        guard user.nick.text != nick.text else { return }
        users[id]?.nick = nick
        users[id]?.refreshPrefix()
        changes.append(.nickChanged(id, from: user.nick, prefix: user.prefix))
    }

    /// Gives a nick free in the index, where it was that user's.
    mutating func release(_ nick: Nick, of id: UserID) {
        if nicks[nick.folded] == id { nicks[nick.folded] = nil }
    }
}
