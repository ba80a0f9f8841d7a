// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Messages for users whose node is down, kept until they return or are given up. What is kept for all the held members
// of a channel is kept once.

import RoostModel
import RoostRoster

/// What is kept for the held users of one life.
struct KeptMail: Sendable {
    /// Why a message was not kept.
    enum Refusal: Hashable, Sendable {
        /// So many messages, or bytes, are kept for this target already.
        case targetFull
        /// This node keeps as many bytes as it may.
        case nodeFull
    }

    /// How far the node's deliveries had come in each stream, as far as it told.
    private(set) var delivered: Vector
    /// For one user alone, in the order in which they came.
    private(set) var personal: [UserID: [Event]] = [:]
    /// For the members of a channel, in the order in which they came.
    private(set) var rooms: [ChannelName: [Event]] = [:]
    /// About the bytes of all that.
    private(set) var bytes = 0
    private var known: Set<EventID> = []
    /// The channels that any of the held users is, or was, in.
    var channels: Set<ChannelName> = []
    /// What has been said to senders already: each learns once of a full channel.
    var told: Set<Told> = []

    /// A sender who was told that a channel's messages are not kept any more.
    struct Told: Hashable, Sendable {
        let sender: UserID
        let channel: ChannelName
    }

    init(delivered: Vector) { self.delivered = delivered }

    /// How many messages are kept.
    var count: Int { known.count }

    /// All of them, in order of their ids.
    var all: [Event] {
        let events = Array(personal.values.joined()) + Array(rooms.values.joined())
        let distinct = Dictionary(events.map { ($0.id, $0) }) { first, _ in first }
        return distinct.values.sorted { $0.id < $1.id }
    }

    /// Keeps a message for all held members of a channel. nil where it is kept, or was delivered before.
    mutating func keep(_ event: Event, in channel: ChannelName, limits: NodeLimits) -> Refusal? {
        guard !delivered.covers(event.id), !known.contains(event.id) else { return nil }
        let size = event.approximateBytes
        guard rooms[channel]?.count ?? 0 < limits.keptMessages else { return .targetFull }
        guard bytes + size <= limits.keptBytes else { return .nodeFull }
        rooms[channel, default: []].append(event)
        known.insert(event.id)
        bytes += size
        return nil
    }

    /// Keeps a message for one user. nil where it is kept, or was delivered before.
    mutating func keep(_ event: Event, for user: UserID, limits: NodeLimits) -> Refusal? {
        guard !delivered.covers(event.id), !known.contains(event.id) else { return nil }
        return store(event, for: user, limits: limits)
    }

    /// Keeps for one user what another node was about to hand to it and may not have.
    mutating func putBack(_ events: [Event], for user: UserID, limits: NodeLimits) {
        for event in events { _ = store(event, for: user, limits: limits) }
    }

    /// The node turns out to have delivered more than was known.
    mutating func noteDelivered(_ vector: Vector) {
        delivered = vector
        personal = personal.mapValues { $0.filter { !vector.covers($0.id) } }.filter { !$0.value.isEmpty }
        rooms = rooms.mapValues { $0.filter { !vector.covers($0.id) } }.filter { !$0.value.isEmpty }
        let left = Array(personal.values.joined()) + Array(rooms.values.joined())
        known = Set(left.map(\.id))
        bytes = left.reduce(0) { $0 + $1.approximateBytes }
    }

    private mutating func store(_ event: Event, for user: UserID, limits: NodeLimits) -> Refusal? {
        let size = event.approximateBytes
        guard personal[user]?.count ?? 0 < limits.keptMessages else { return .targetFull }
        guard bytes + size <= limits.keptBytes else { return .nodeFull }
        personal[user, default: []].append(event)
        known.insert(event.id)
        bytes += size
        return nil
    }

    /// Takes out what is kept for a user who is in those channels with that status, in the order of time.
    mutating func take(for user: UserID, in channels: [ChannelName: MemberStatus]) -> [Event] {
        let own = personal.removeValue(forKey: user) ?? []
        for event in own { bytes -= event.approximateBytes }
        var events = own
        for (channel, status) in channels {
            events += (rooms[channel] ?? []).filter { event in
                guard case .messageSent(let message) = event.body, message.sender != user,
                    case .channel(_, let atLeast) = message.target
                else { return false }
                return atLeast.isEmpty || status.isAtLeast(atLeast)
            }
        }
        return events.sorted { ($0.time, $0.id) < ($1.time, $1.id) }
    }
}
