// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// How many bytes an event takes in a frame, roughly: for limits on what is kept, queued and sent at once. `RoostWire`
// tells exactly, by encoding it.

import RoostModel

extension Event {
    /// About how many bytes the event takes in a frame: never less than half of what it does, nor more than twice that
    /// and 64.
    public var approximateBytes: Int {
        // The kind, the time, the length.
        8 + body.approximateBytes(at: id.life)
    }
}

extension EventBody {
    fileprivate func approximateBytes(at life: Life) -> Int {
        func size(_ id: EventID) -> Int { id.approximateBytes(at: life) }
        func size(_ ids: [EventID]) -> Int { ids.reduce(0) { $0 + size($1) } }
        func size(_ text: String) -> Int { text.utf8.count + 3 }
        func size(_ actor: Actor) -> Int { (actor.user.map { size($0) } ?? 0) + size(actor.prefix) + 2 }
        func size(_ profile: UserProfile) -> Int {
            size(profile.host) + size(profile.realName) + size(profile.account ?? "") + size(profile.away ?? "") + 4
        }
        let stamp = 20
        switch self {
        case .nickClaimed(let claim):
            return (claim.user.map { size($0) } ?? 0) + size(claim.nick.text) + size(claim.identity)
        case .nickReleased(let claim): return size(claim)
        case .userIntroduced(let record):
            return size(record.id) + size(record.claim) + size(record.userName) + size(record.profile) + stamp + 16
        case .nickChanged(let user, let claim): return size(user) + size(claim)
        case .profileChanged(let user, let profile): return size(user) + size(profile)
        case .userQuit(let user, let reason): return size(user) + size(reason)
        case .joined(let user, let channel, _, _, let invitations):
            return size(user) + size(channel.text) + stamp + size(invitations)
        case .parted(let user, let channel, let tags, let reason):
            return size(user) + size(channel.text) + size(tags) + size(reason ?? "")
        case .kicked(let user, let channel, let tags, let by, let reason):
            return size(user) + size(channel.text) + size(tags) + size(by) + size(reason)
        case .modesChanged(let channel, _, let changes, let by):
            return size(channel.text) + stamp + size(by) + changes.reduce(0) { $0 + $1.approximateBytes(at: life) }
        case .topicChanged(let channel, _, let text, let by):
            return size(channel.text) + stamp + size(text) + size(by)
        case .invited(let user, let channel, _, let by): return size(user) + size(channel.text) + stamp + size(by)
        case .channelEnded(let channel, _): return size(channel.text) + stamp
        case .messageSent(let message):
            let target =
                switch message.target {
                case .channel(let channel, _): size(channel.text)
                case .user(let user): size(user)
                }
            let tags = message.tags.reduce(0) { $0 + size($1.key) + size($1.value) + 3 }
            return size(message.sender) + target + size(message.text) + tags
        case .killRequested(let user, let by, let reason): return size(user) + size(by) + size(reason)
        case .wallopsSent(let by, let text): return size(by) + size(text)
        case .nodeLeft(let reason): return size(reason)
        case .nodeDown, .lifeEnded: return 32
        case .userTakenOver(let takeOver):
            let texts = size(takeOver.nick.text) + size(takeOver.identity) + size(takeOver.userName)
            let ids = size(takeOver.user) + (takeOver.after.map { size($0) } ?? 0)
            return texts + ids + size(takeOver.profile) + stamp + 28
                + takeOver.memberships.reduce(0) { $0 + size($1.channel.text) + stamp + 4 }
        case .unknown(_, let content): return content.count
        case .quarantined(let reason): return size(reason)
        }
    }
}

extension ModeFact {
    fileprivate func approximateBytes(at life: Life) -> Int {
        switch self {
        case .flag, .limit: return 6
        case .key(let key): return (key?.utf8.count ?? 0) + 5
        case .status(_, let user, let tag, _):
            return user.approximateBytes(at: life) + tag.approximateBytes(at: life) + 6
        case .listAdded(_, let mask): return mask.utf8.count + 8
        case .listRemoved(_, let mask, let tags):
            return tags.reduce(mask.utf8.count + 8) { $0 + $1.approximateBytes(at: life) }
        }
    }
}

extension EventID {
    /// With the life that it names, where that is another than the frame's.
    fileprivate func approximateBytes(at own: Life) -> Int {
        let sequenceBytes = (70 - sequence.leadingZeroBitCount) / 7
        return sequenceBytes + (life == own ? 4 : 18)
    }
}
