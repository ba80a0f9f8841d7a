// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Who holds which nick (DESIGN §6.1). The holder is a function of the whole set of claims, the same on every node; all
// others who claim the nick go by one that is computed from it.
//
// Nicks are settled in groups of one stem, the first characters of a nick: the substitutes for all nicks of a stem have
// one form, and are given out so that no two users go by the same.

import RoostModel

extension Roster {
    /// How much of a nick a substitute for it keeps, in characters. The rest is for a bar and 4 to 9 digits.
    var stemLength: Int { min(20, nickLengthMax - 1 - min(9, nickLengthMax / 2)) }

    // MARK: Queries

    /// The claims on a nick that count: those of hidden users, and of newcomers of hidden lives, do not.
    public func standingClaims(on nick: Nick) -> [StandingClaim] {
        standingClaims(ofStem: stem(of: nick)).filter { $0.nick == nick }
    }

    /// The user who holds a nick, whether introduced yet or not.
    public func holder(of nick: Nick) -> UserID? {
        Self.holder(among: standingClaims(on: nick))
    }

    private func standingClaims(ofStem stem: String) -> [StandingClaim] {
        (claimants[stem] ?? []).compactMap { claims[$0] }
            .filter { !(users[$0.user]?.isHidden ?? hiddenLives.contains($0.id.life)) }
    }

    // MARK: Rules

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

    func stem(of nick: Nick) -> String {
        nick.folded.utf8.count <= stemLength ? nick.folded : String(nick.folded.prefix(stemLength))
    }

    /// The stem whose substitutes a nick could be one of.
    private func substituted(by nick: Nick) -> String? {
        guard let bar = nick.folded.lastIndex(of: "|") else { return nil }
        let base = nick.folded[..<bar]
        return base.isEmpty || base.count > stemLength ? nil : String(base)
    }

    /// A legal, typable nick for a user who lost its own: `alice|k3f`. Further attempts give longer ones, then others.
    func substitute(for nick: Nick, of user: UserID, attempt: Int) -> Nick {
        let digitsMax = min(12, nickLengthMax - stemLength - 1)
        var hash = StableHash()
        hash.combine(user)
        if 3 + attempt > digitsMax { hash.combine(UInt64(attempt)) }
        let digits = String(hash.value, radix: 36).suffix(min(3 + attempt, digitsMax))
        return Nick(nick.text.prefix(stemLength) + "|" + digits)
    }

    /// What each visible user whose claim in use has that stem goes by: its nick where it holds it, else the first of
    /// its substitutes that nobody else holds and no lower user in the same plight goes by.
    func assignments(of stem: String) -> [(user: UserID, nick: Nick)] {
        if let ids = claimants[stem], ids.count == 1 {
            // Nobody else wants it.
            guard let claim = claims[ids[0]], let user = users[claim.user], user.record.claim == claim.id,
                !user.isHidden
            else { return [] }
            return [(claim.user, claim.nick)]
        }
        let standing = standingClaims(ofStem: stem)
        var given: [(user: UserID, nick: Nick)] = []
        var losers: [StandingClaim] = []
        for claim in standing where users[claim.user]?.record.claim == claim.id {
            if holder(of: claim.nick) == claim.user {
                given.append((claim.user, claim.nick))
            } else {
                losers.append(claim)
            }
        }
        var taken: Set<Nick> = []
        for claim in losers.sorted(by: { $0.user < $1.user }) {
            var attempt = 0
            var nick = substitute(for: claim.nick, of: claim.user, attempt: attempt)
            while taken.contains(nick) || holder(of: nick).map({ $0 != claim.user }) ?? false {
                attempt += 1
                nick = substitute(for: claim.nick, of: claim.user, attempt: attempt)
            }
            taken.insert(nick)
            given.append((claim.user, nick))
        }
        return given
    }

    // MARK: Claims

    /// Adds a claim and sees who holds the nick now.
    mutating func insert(_ claim: StandingClaim, into changes: inout [RosterChange]) {
        guard claims[claim.id] == nil else { return }
        addClaim(claim)
        if users[claim.user] == nil {
            newcomers.insert(claim.id)
        } else {
            users[claim.user]?.pendingClaims.append(claim.id)
        }
        settle([claim.nick], into: &changes)
    }

    /// Adds a claim, for who settles its nick afterwards.
    mutating func addClaim(_ claim: StandingClaim) {
        redigest(claims.updateValue(claim, forKey: claim.id), claim)
        claimants[stem(of: claim.nick), default: []].append(claim.id)
    }

    /// Takes a claim that is not in use away and sees who holds the nick now.
    mutating func release(_ id: EventID, into changes: inout [RosterChange]) {
        guard let claim = claims[id], users[claim.user]?.record.claim != id else { return }
        users[claim.user]?.pendingClaims.removeAll { $0 == id }
        removeClaim(id)
        settle([claim.nick], into: &changes)
    }

    /// Takes claims away, in use or not, and sees who holds their nicks now.
    mutating func dropClaims(_ ids: [EventID], into changes: inout [RosterChange]) {
        let nicks = ids.compactMap { claims[$0]?.nick }
        for id in ids { removeClaim(id) }
        settle(nicks, into: &changes)
    }

    /// Takes a claim away, for who settles its nick afterwards.
    mutating func removeClaim(_ id: EventID) {
        guard let claim = claims.removeValue(forKey: id) else { return }
        redigest(claim, nil)
        newcomers.remove(id)
        let stem = stem(of: claim.nick)
        claimants[stem]?.removeAll { $0 == id }
        if claimants[stem]?.isEmpty == true { claimants[stem] = nil }
    }

    // MARK: Settling

    /// Gives each visible user whom claims on these nicks concern the nick that it now goes by. For `newcomer`, who was
    /// not there before, that is no change.
    mutating func settle(_ nicks: [Nick], newcomer: UserID? = nil, into changes: inout [RosterChange]) {
        var stems: Set<String> = []
        for nick in nicks {
            stems.insert(stem(of: nick))
            if let stem = substituted(by: nick) { stems.insert(stem) }
        }
        var renames: [Rename] = []
        for (id, nick) in stems.flatMap({ assignments(of: $0) }) {
            guard let user = users[id], user.nick.text != nick.text || self.nicks[nick.folded] != id else { continue }
            renames.append(Rename(user: id, from: user.nick, prefix: user.prefix, to: nick))
        }
        for rename in renames { release(rename.from, of: rename.user) }
        for rename in renames {
            self.nicks[rename.to.folded] = rename.user
            users[rename.user]?.nick = rename.to
            users[rename.user]?.refreshPrefix()
        }
        renames.removeAll { $0.user == newcomer || $0.from.text == $0.to.text }
        changes += Rename.inOrder(renames).map(\.change)
    }

    /// Gives a nick free in the index, where it was that user's.
    mutating func release(_ nick: Nick, of id: UserID) {
        if nicks[nick.folded] == id { nicks[nick.folded] = nil }
    }
}

/// A change of the nick that a user goes by.
struct Rename {
    let user: UserID
    let from: Nick
    /// Before the change.
    let prefix: String
    let to: Nick

    var change: RosterChange { .nickChanged(user, from: from, prefix: prefix) }

    /// The same, so that each nick is free before another takes it. Only where users swap their nicks is there no such
    /// order.
    static func inOrder(_ renames: [Rename]) -> [Rename] {
        var ordered: [Rename] = []
        var waiting = renames.sorted { $0.user < $1.user }
        var occupied = Dictionary(waiting.map { ($0.from, $0.user) }) { first, _ in first }
        while !waiting.isEmpty {
            let count = waiting.count
            waiting.removeAll { rename in
                if let other = occupied[rename.to], other != rename.user { return false }
                occupied[rename.from] = nil
                ordered.append(rename)
                return true
            }
            if waiting.count == count { return ordered + waiting }
        }
        return ordered
    }
}
