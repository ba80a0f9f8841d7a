// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// In quiet times, who leads a channel and who is banned from it follows from the events alone that nodes published, by the
// rules of DESIGN §6 and nothing else: no partition, death, snapshot or take-over has given anybody a power, taken one, or
// revived a ban. The rules stand here a second time, the plain way: over all events at once, without merges.

import RoostModel
import RoostNode
import RoostRoster

/// All that was ever written about powers, by channel and birth.
struct NoPowerGained {
    private struct Place: Hashable {
        let channel: ChannelName
        let birth: Birth
    }

    private struct Write {
        let event: EventID
        let time: HybridTime
        let isSet: Bool
    }

    /// A status of one membership.
    private struct Power: Hashable {
        let place: Place
        let tag: EventID
        let status: UInt8
    }

    private struct Mask: Hashable {
        let place: Place
        let list: MaskList
        let mask: String
    }

    private var writes: [Power: [Write]] = [:]
    private var masks: [Mask: [EventID]] = [:]
    /// The events that took masks back, by the masks' tags.
    private var removals: [EventID: [EventID]] = [:]
    private var births: [ChannelName: [Birth: [EventID]]] = [:]
    private var endings: [ChannelName: [HybridTime]] = [:]
    /// Who has ever held a status in a place by a rightful deed.
    private var holders: [Place: [UserID: Set<UInt8>]] = [:]
    /// What is wrong with a deed itself.
    private var wrongs: [String] = []

    init(_ published: [PublishedEvent]) {
        for entry in published { note(entry.event) }
    }

    // MARK: Deeds

    private mutating func note(_ event: Event) {
        switch event.body {
        case .joined(let user, let channel, let birth, let status, _):
            let place = Place(channel: channel, birth: birth)
            // Who made it is the first to join by that birth, at the node that gave it.
            let isFounder = births[channel]?[birth] == nil && birth.node == event.id.node
            births[channel, default: [:]][birth, default: []].append(event.id)
            if !status.isEmpty, !isFounder { wrongs.append("\(event.id) joins \(channel) as if it had made it") }
            write(status, of: user, tag: event.id, in: place, by: event)
        case .userTakenOver(let takeOver):
            for membership in takeOver.memberships {
                let place = Place(channel: membership.channel, birth: membership.birth)
                births[membership.channel, default: [:]][membership.birth, default: []].append(event.id)
                let held = holders[place]?[takeOver.user] ?? []
                for (status, _, _) in MemberStatus.all
                where membership.status.contains(status) && !held.contains(status.rawValue) {
                    wrongs.append("\(event.id) takes a status in \(membership.channel) over that nobody gave")
                }
                write(membership.status, of: takeOver.user, tag: event.id, in: place, by: event)
            }
        case .modesChanged(let channel, let birth, let changes, _):
            for change in changes { note(change, in: Place(channel: channel, birth: birth), by: event) }
        case .channelEnded(let channel, _): endings[channel, default: []].append(event.time)
        default: break
        }
    }

    private mutating func note(_ change: ModeFact, in place: Place, by event: Event) {
        switch change {
        case .status(let status, let user, let tag, let isSet):
            write(status, of: user, tag: tag, in: place, by: event, isSet: isSet)
        case .listAdded(let list, let mask):
            masks[Mask(place: place, list: list, mask: mask), default: []].append(event.id)
        case .listRemoved(_, _, let tags):
            for tag in tags { removals[tag, default: []].append(event.id) }
        case .flag, .key, .limit: break
        }
    }

    private mutating func write(
        _ statuses: MemberStatus, of user: UserID, tag: EventID, in place: Place, by event: Event, isSet: Bool = true
    ) {
        for (status, _, _) in MemberStatus.all where statuses.contains(status) {
            let power = Power(place: place, tag: tag, status: status.rawValue)
            writes[power, default: []].append(Write(event: event.id, time: event.time, isSet: isSet))
            if isSet { holders[place, default: [:]][user, default: []].insert(status.rawValue) }
        }
    }

    // MARK: Judging

    /// Compares what a node makes of the channels that somebody is in with what was published. What it surely has seen
    /// must count; what nobody may have seen, as its node died with it, may count or not.
    func check(_ machine: Node, hasSeen: (EventID) -> Bool) throws(Violation) {
        if let wrong = wrongs.first { throw Violation(rule: .noPowerGained, detail: wrong) }
        for (name, channel) in machine.roster.channels.sorted(by: { $0.key < $1.key }) where !channel.members.isEmpty {
            let place = Place(channel: name, birth: channel.state.birth)
            let who = "\(machine.settings.node), \(name)"
            if let older = births[name]?.keys.sorted().first(where: {
                $0 < place.birth && isInForce($0, of: name, hasSeen: hasSeen)
            }) {
                throw Violation(
                    rule: .noPowerGained,
                    detail: "\(who): the birth of \(place.birth.node) is in force, and \(older.node)'s is older")
            }
            for (user, tags) in channel.members.sorted(by: { $0.key < $1.key }) {
                for tag in tags { try check(tag.id, of: user, channel.state, place, who, hasSeen: hasSeen) }
            }
            try check(channel.state, place, who, hasSeen: hasSeen)
        }
    }

    /// Whether a birth stands for sure: somebody joined by it, and nobody ended the channel after it.
    private func isInForce(_ birth: Birth, of name: ChannelName, hasSeen: (EventID) -> Bool) -> Bool {
        births[name]?[birth]?.contains(where: hasSeen) == true
            && !(endings[name] ?? []).contains { $0 > birth.time }
    }

    private func check(
        _ tag: EventID, of user: UserID, _ state: ChannelState, _ place: Place, _ who: String,
        hasSeen: (EventID) -> Bool
    ) throws(Violation) {
        for (status, letter, _) in MemberStatus.all {
            let all = writes[Power(place: place, tag: tag, status: status.rawValue)] ?? []
            let holds = state.status(of: tag).contains(status)
            if holds == isSet(all, counting: { holds ? $0.isSet || hasSeen($0.event) : !$0.isSet || hasSeen($0.event) })
            {
                continue
            }
            throw Violation(
                rule: .noPowerGained, detail: "\(who): \(user) \(holds ? "has" : "lacks") +\(letter) by \(tag)")
        }
    }

    /// What the last of the writes says that count.
    private func isSet(_ writes: [Write], counting counts: (Write) -> Bool) -> Bool {
        writes.filter(counts).max { ($0.time, $0.event.node) < ($1.time, $1.event.node) }?.isSet ?? false
    }

    private func check(
        _ state: ChannelState, _ place: Place, _ who: String, hasSeen: (EventID) -> Bool
    ) throws(Violation) {
        for (list, entries) in state.lists {
            for (mask, entry) in entries {
                let added = masks[Mask(place: place, list: list, mask: mask)] ?? []
                for tag in entry.tags where !added.contains(tag) || removals[tag]?.contains(where: hasSeen) == true {
                    throw Violation(rule: .noPowerGained, detail: "\(who): \(mask) is in \(list) by \(tag)")
                }
            }
        }
        for (mask, tags) in masks where mask.place == place {
            for tag in tags where hasSeen(tag) && removals[tag] == nil {
                if state.lists[mask.list]?[mask.mask]?.tags.contains(tag) == true { continue }
                throw Violation(
                    rule: .noPowerGained,
                    detail: "\(who): \(mask.mask) is not in \(mask.list), though \(tag) put it there")
            }
        }
    }
}
