// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Lives of nodes: who belongs to which, until when those of a life that is down are held, and who of them is in sight.
//
// Users outlive the life that owns them: they are held until another life takes them over, or theirs is ended. Whether
// people see them meanwhile is each node's own affair.

import RoostModel

extension Roster {
    // MARK: Queries

    /// The users whom a life owns, in order.
    public func users(of life: Life) -> [UserID] {
        guard population[life] != nil else { return [] }
        return users.values.filter { $0.life == life }.map(\.id).sorted()
    }

    /// How many users a life owns.
    public func userCount(of life: Life) -> Int { population[life] ?? 0 }

    /// The lives that own a user, or a claim of somebody who was not introduced yet.
    public var populatedLives: Set<Life> { Set(population.keys).union(newcomers.lazy.map(\.life)) }

    /// Until when the users of a life are held; nil where it was not said to be down.
    public func heldUntil(of life: Life) -> WallTime? { holds[life] }

    /// The last event of a life that was applied here; 0 where none was, and the greatest number where all of that life is
    /// forgotten.
    public func sequence(of life: Life) -> UInt64 { formerLives.sequence(of: life, at: vector) }

    /// How far lives have been applied that are over and whose users are held.
    public var heldFormerLives: [Life: UInt64] { formerLives.last.filter { holds[$0.key] != nil } }

    /// Whether a life was ended, so that it owns nobody any more.
    public func isEnded(_ life: Life) -> Bool { endings[life] != nil || formerLives.isForgotten(life) }

    // MARK: Beginning and end

    /// Takes note that a node lives in that epoch. The users of its earlier lives stay, held.
    public mutating func begin(_ epoch: Epoch, of node: NodeID, into changes: inout [RosterChange]) {
        formerLives.reach(0, of: Life(node: node, epoch: epoch), in: &vector)
    }

    /// The users of a life are held, at least until then.
    mutating func hold(_ life: Life, until wall: WallTime) {
        guard !isEnded(life) else { return }
        holds[life] = max(holds[life] ?? wall, wall)
    }

    /// A life is over for good: whoever it still owns leaves.
    mutating func end(_ life: Life, at time: HybridTime, into changes: inout [RosterChange]) {
        guard !formerLives.isForgotten(life) else { return }
        endings[life] = max(endings[life] ?? time, time)
        holds[life] = nil
        hiddenLives.remove(life)
        guard population[life] != nil || newcomers.contains(where: { $0.life == life }) else { return }
        rewrite(reason: Self.outOfReach, into: &changes) { _ in }
    }

    static func outOfReach(_ life: Life) -> String { "\(life.node) is out of reach" }

    // MARK: Presence

    /// Takes the users of a life out of sight: they are gone. Nothing about them is forgotten, and what is replicated
    /// stays as it is.
    public mutating func hide(_ life: Life, reason: String, into changes: inout [RosterChange]) {
        setHidden(hiddenLives.union([life]), reason: { _ in reason }, into: &changes)
    }

    /// Brings the users of a life back in sight: it was only out of reach.
    public mutating func reveal(_ life: Life, into changes: inout [RosterChange]) {
        setHidden(hiddenLives.subtracting([life]), reason: Self.outOfReach, into: &changes)
    }

    /// Hides the users of these lives and no others, all at once. `reason` is given for those who leave.
    public mutating func setHidden(
        _ lives: Set<Life>, reason: (Life) -> String, into changes: inout [RosterChange]
    ) {
        guard lives != hiddenLives else { return }
        let populated = populatedLives
        if lives.symmetricDifference(hiddenLives).isDisjoint(with: populated) {
            hiddenLives = lives
            return
        }
        let before = self
        hiddenLives = lives
        derivePresence()
        deriveNicks()
        appendDifference(from: before, reason: reason, into: &changes)
    }

    /// The same with one reason for all.
    public mutating func setHidden(_ lives: Set<Life>, reason: String, into changes: inout [RosterChange]) {
        setHidden(lives, reason: { _ in reason }, into: &changes)
    }

    // MARK: Who belongs to which

    /// Puts a user in, in place of what it was.
    mutating func put(_ user: User) {
        pull(user.id)
        users[user.id] = user
        redigest(nil, user)
        newcomers.remove(user.id)
        population[user.life, default: 0] += 1
        if user.isHidden { hiddenCount += 1 }
    }

    /// Takes a user out, and leaves to the caller what belongs to it.
    @discardableResult
    mutating func pull(_ id: UserID) -> User? {
        guard let user = users.removeValue(forKey: id) else { return nil }
        redigest(user, nil)
        let left = (population[user.life] ?? 0) - 1
        population[user.life] = left > 0 ? left : nil
        if user.isHidden { hiddenCount -= 1 }
        return user
    }

    /// Remembers the last session of a user who leaves, where it had others before. The first one needs no memory: no
    /// session below it can be on its way.
    mutating func noteDeparture(of id: UserID, _ session: Session) {
        if session.number > 1 { departures[id] = max(departures[id] ?? session, session) }
    }
}
