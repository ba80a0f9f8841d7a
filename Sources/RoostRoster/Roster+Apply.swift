// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Which rule each kind of event calls on. Applying is total: an event about something not seen yet is kept and takes
// effect when that is seen; one about something gone has none.

import RoostModel

extension Roster {
    /// Applies the next event of a life's stream. What it changed for people's eyes is appended to `changes`.
    public mutating func apply(_ event: Event, into changes: inout [RosterChange]) {
        guard sequence(of: event.id.life) < event.id.sequence else { return }
        switch event.body {
        case .nickClaimed, .nickReleased, .userIntroduced, .nickChanged, .profileChanged, .userQuit:
            applyToUsers(event, into: &changes)
        case .joined, .parted, .kicked, .invited:
            applyToMembers(event, into: &changes)
        case .modesChanged(let channel, let birth, let facts, let by):
            changeModes(of: channel, birth, facts, by: by, event: event, into: &changes)
        case .topicChanged(let channel, let birth, let text, let by):
            changeTopic(of: channel, birth, to: text, by: by, event: event, into: &changes)
        case .channelEnded(let channel, let birth):
            end(channel, birth, at: event.time, into: &changes)
        case .userTakenOver(let takeOver):
            self.takeOver(takeOver, by: event, into: &changes)
        case .nodeDown(let life, let wall):
            hold(life, until: wall)
        case .lifeEnded(let life):
            end(life, at: event.time, into: &changes)
        case .nodeLeft, .messageSent, .killRequested, .wallopsSent, .unknown, .quarantined:
            break
        }
        formerLives.reach(event.id.sequence, of: event.id.life, in: &vector)
        if !removals.isEmpty { removals[event.id] = nil }
    }

    /// The life that owns a user alone says what it does, so that all nodes see it in one order.
    private func speaks(_ event: Event, for user: UserID) -> Bool { users[user]?.life == event.id.life }

    /// Whether an event may claim a nick for a user, or, where it names none, for one to come: not where that one was
    /// taken over already, or its life ended.
    private func mayClaim(_ user: UserID?, by event: Event) -> Bool {
        if let user { return speaks(event, for: user) }
        return users[event.id] == nil && departures[event.id] == nil && !isEnded(event.id.life)
    }

    private mutating func applyToUsers(_ event: Event, into changes: inout [RosterChange]) {
        switch event.body {
        case .nickClaimed(let claim) where mayClaim(claim.user, by: event):
            insert(
                StandingClaim(
                    id: event.id, user: claim.user ?? event.id, nick: claim.nick, identity: claim.identity,
                    time: event.time),
                into: &changes)
        case .nickReleased(let claim) where claim.node == event.id.node:
            release(claim, into: &changes)
        case .userIntroduced(let record):
            introduce(record, by: event.id, into: &changes)
        case .nickChanged(let user, let claim) where speaks(event, for: user):
            changeNick(of: user, to: claim, into: &changes)
        case .profileChanged(let user, let profile) where speaks(event, for: user):
            changeProfile(of: user, to: profile, into: &changes)
        case .userQuit(let user, let reason) where speaks(event, for: user):
            remove(user, reason: reason, into: &changes)
        default:
            break
        }
    }

    private mutating func applyToMembers(_ event: Event, into changes: inout [RosterChange]) {
        switch event.body {
        case .joined(let user, let channel, let birth, let status, let invitations):
            let tag = MembershipTag(id: event.id, birth: birth)
            if speaks(event, for: user) {
                join(user, channel, tag: tag, status: status, at: event.time, into: &changes)
            } else {
                disregard(tag, in: channel, into: &changes)
            }
            useUp(invitations, of: user, to: channel)
        case .parted(let user, let channel, let tags, let reason):
            let prefix = users[user]?.prefix ?? ""
            leave(
                user, channel, tags: tags, as: .parted(user, channel, prefix: prefix, reason: reason), into: &changes)
        case .kicked(let user, let channel, let tags, let by, let reason):
            leave(user, channel, tags: tags, as: .kicked(user, channel, by: by, reason: reason), into: &changes)
        case .invited(let user, let channel, let birth, let by):
            invite(user, to: channel, birth, by: by, invitation: event.id, into: &changes)
        default:
            break
        }
    }
}
