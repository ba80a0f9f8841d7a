// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Users whose node is down are held (DESIGN §8): listed as before, until one deadline that all nodes compute alike. Then
// they are out of sight, "gone"; a node that returns in the same life brings its users back, and in a new life removes
// those of the earlier one for good.

import RoostIRC
import RoostModel
import RoostRoster

extension Node {
    /// How long the users of a node that never came back are remembered, out of sight.
    private static let goneRemembered = Duration.seconds(24 * 3_600)

    /// How long after the end of a hold its users are removed, in milliseconds: more than clocks may differ.
    private static let endingDelay: UInt64 = 15_000

    // MARK: Queries

    /// Whether a life is over, or seems to be: nobody who is heard of late lives it.
    func isDown(_ life: Life) -> Bool {
        if life.node == settings.node { return life.epoch < settings.epoch }
        guard let peer = mesh.peers[life.node] else { return true }
        return peer.epoch > life.epoch || peer.epoch == life.epoch && peer.health == .down
    }

    /// Since when a user is held, where it is.
    func heldSince(_ user: User) -> WallTime? {
        guard isDown(user.life), let until = roster.heldUntil(of: user.life) else { return nil }
        let hold = UInt64(clamping: settings.limits.hold.milliseconds)
        return WallTime(milliseconds: until.milliseconds > hold ? until.milliseconds - hold : 0)
    }

    // MARK: Holding

    /// Begins to hold the users of a life that was given up just now, or then, and to keep what is said to them. Each node
    /// that gives it up says so, and the longest hold counts: what was published before may tell of an earlier time, when
    /// it was only out of reach. A hold that is over does not begin anew where a node gives up whom it never heard: all that
    /// it knows of that life is what others said.
    mutating func hold(_ life: Life, since: Instant? = nil) {
        openMail(of: life)
        guard mesh.hasJoined, !isDraining else { return }
        let known = roster.heldUntil(of: life)
        if let known, known <= now.wall, mesh.peers[life.node]?.lastHeard == nil { return }
        let end = settings.limits.hold - (since.map { now.instant - $0 } ?? .zero)
        let until = WallTime(milliseconds: now.wall.milliseconds &+ UInt64(clamping: end.milliseconds))
        if known.map({ $0 < until }) ?? true { publish(.nodeDown(life, heldUntil: until)) }
    }

    /// Says of whom this node gave up while it was about to join: it could not say so then.
    mutating func holdWhoWentBeforeWeJoined() {
        for (node, peer) in mesh.peers.sorted(by: { $0.key < $1.key }) where peer.health == .down {
            if let since = peer.downAt { hold(Life(node: node, epoch: peer.epoch), since: since) }
        }
    }

    /// Takes the users of lives out of sight whose hold is over, and brings back those who are there after all. To be
    /// called now and then, and when a life has begun or ended.
    mutating func reviewLives() {
        guard mesh.hasJoined else { return }
        var hidden: Set<Life> = []
        for life in roster.populatedLives.sorted() where isDown(life) {
            guard let until = roster.heldUntil(of: life) else {
                hold(life)
                continue
            }
            guard until <= now.wall else {
                openMail(of: life)
                continue
            }
            if !roster.hiddenLives.contains(life) { returnMail(of: life) }
            if isRemovable(life, since: until) {
                publish(.lifeEnded(life))
            } else {
                hidden.insert(life)
            }
        }
        if hidden != roster.hiddenLives { show(allBut: hidden) }
        for life in mail.keys where !isDown(life) || roster.userCount(of: life) == 0 && !isAwaited(life) {
            mail[life] = nil
        }
    }

    /// Whether more of that life's stream may come, and so more who would have been held.
    private func isAwaited(_ life: Life) -> Bool {
        guard let peer = mesh.peers[life.node], peer.epoch == life.epoch else { return false }
        return peer.gapSince != nil
    }

    /// A node in a new life ends its earlier ones, once all have seen their hold run out by their own clocks; of one
    /// that never returns, the lowest node that is up does.
    private func isRemovable(_ life: Life, since until: WallTime) -> Bool {
        guard now.wall.milliseconds > until.milliseconds &+ Self.endingDelay else { return false }
        if life.node == settings.node { return true }
        guard let peer = mesh.peers[life.node] else { return isLowest && isLongAgo(until) }
        if peer.epoch > life.epoch { return peer.health == .down && isLowest }
        return isLowest && isLongAgo(until)
    }

    private var isLowest: Bool { mesh.reachable.first.map { settings.node < $0 } ?? true }

    private func isLongAgo(_ time: WallTime) -> Bool {
        now.wall.milliseconds > time.milliseconds &+ UInt64(clamping: Self.goneRemembered.milliseconds)
    }

    /// Shows all users but those of some lives, and tells our clients of the difference.
    private mutating func show(allBut hidden: Set<Life>) {
        var changes: [RosterChange] = []
        let leaving = hidden.subtracting(roster.hiddenLives).sorted()
        let returning = roster.hiddenLives.subtracting(hidden).sorted()
        roster.setHidden(hidden, reason: "Connection lost, did not return in time", into: &changes)
        announceSplit(changes, leaving: leaving, returning: returning)
        noteEmptyChannels(in: changes, isOurs: false)
        for life in leaving { effects.append(.note(.lifeGone(life))) }
        settleClaims()
    }

    // MARK: Netsplits

    /// Tells of users who left, and of others who came back, in one batch each for clients that know batches
    /// (https://ircv3.net/specs/batches/netsplit-netjoin).
    mutating func announceSplit(_ changes: [RosterChange], leaving: [Life], returning: [Life]) {
        let quits = changes.filter { if case .userLeft = $0 { true } else { false } }
        let others = changes.filter { if case .userLeft = $0 { false } else { true } }
        announceBatch("netsplit", of: leaving, quits)
        announceBatch("netjoin", of: returning, others)
    }

    private mutating func announceBatch(_ type: String, of lives: [Life], _ changes: [RosterChange]) {
        guard let life = lives.first, changes.count > 1 else {
            announce(changes, at: clock.latest)
            return
        }
        var touched: Set<ChannelName> = []
        for change in changes {
            switch change {
            case .userLeft(_, _, _, let channels, _): touched.formUnion(channels)
            case .joined(_, let channel): touched.insert(channel)
            default: break
            }
        }
        let audience = audience(of: touched)
        let reference = nextBatch()
        fanOutBatch(["+" + reference, type, settings.serverName, life.node.name], to: audience)
        currentBatch = reference
        announce(changes, at: clock.latest)
        currentBatch = nil
        fanOutBatch(["-" + reference], to: audience)
    }

    private mutating func fanOutBatch(_ parameters: [String], to audience: Audience) {
        guard !audience.isEmpty else { return }
        let line = OutgoingMessage(
            time: now.wall.milliseconds, source: settings.serverName, command: "BATCH", parameters: parameters,
            requires: .batch)
        effects.append(.fanOut(line, to: audience, except: nil))
    }

    /// A reference that no batch of this node had.
    mutating func nextBatch() -> String {
        batchCount += 1
        return String(batchCount, radix: 36)
    }
}
