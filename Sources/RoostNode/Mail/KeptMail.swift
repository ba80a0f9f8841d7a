// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Messages for users whose node is down, kept until they return or are given up. What is kept for all the held members
// of a channel is kept once.

import RoostModel
import RoostRoster

/// What a node that took a user over was to hand to it, kept until that node reports that it did.
struct HandedMail: Sendable {
    let takeOver: EventID
    let events: [Event]
    /// How far all streams had been applied here: nothing before that is for the user but those events.
    let applied: Vector
}

/// What is kept for the held users of one life.
struct KeptMail: Sendable {
    /// For whom a message is kept.
    enum Box: Hashable, Comparable, Sendable {
        /// One user alone.
        case user(UserID)
        /// All the held members of a channel.
        case channel(ChannelName)
    }

    /// Why a message was not kept.
    enum Refusal: Hashable, Sendable {
        /// So many messages are kept in this box already.
        case boxFull
        /// This node keeps as many bytes as it may.
        case nodeFull
    }

    /// A sender who was told that a channel's messages are not kept any more.
    struct Told: Hashable, Sendable {
        let sender: UserID
        let channel: ChannelName
    }

    /// How far the node's deliveries had come in each stream, as far as it told.
    private(set) var delivered: Vector
    /// The messages, in the order in which they came.
    private(set) var boxes: [Box: [Event]] = [:]
    /// What the node was to hand to users that it took over, and did not report to have handed. It comes out of the boxes
    /// of other lives, whose limits bound it.
    private var handed: [UserID: HandedMail]
    /// About the bytes of the messages in the boxes.
    private(set) var bytes = 0
    /// The messages in the boxes.
    private var known: Set<EventID> = []
    /// The channels that any of the held users is, or was, in.
    var channels: Set<ChannelName>
    /// What has been said to senders already: each learns once of a full channel.
    var told: Set<Told> = []

    init(delivered: Vector, handed: [UserID: HandedMail], channels: Set<ChannelName>) {
        self.delivered = delivered
        self.handed = handed
        self.channels = channels
    }

    /// How many messages are kept.
    var count: Int { known.count + handed.values.reduce(0) { $0 + $1.events.count } }

    /// The messages in the boxes, in order of their ids.
    var all: [Event] { boxes.values.joined().sorted { $0.id < $1.id } }

    /// What the node was to hand over, and did not report to have handed.
    var unreported: some Sequence<Event> { handed.values.lazy.flatMap(\.events) }

    /// What is kept for one user alone, in the order of time.
    func personal(of user: UserID) -> [Event] {
        ((handed[user]?.events ?? []) + since(handed[user], boxes[.user(user)] ?? [])).inOrderOfTime
    }

    /// Keeps a message. nil where it is kept, or was delivered before.
    mutating func keep(_ event: Event, for box: Box, limits: NodeLimits) -> Refusal? {
        guard !delivered.covers(event.id), !known.contains(event.id) else { return nil }
        let size = event.approximateBytes
        guard boxes[box]?.count ?? 0 < limits.keptMessages else { return .boxFull }
        guard bytes + size <= limits.keptBytes else { return .nodeFull }
        boxes[box, default: []].append(event)
        known.insert(event.id)
        bytes += size
        return nil
    }

    /// The node turns out to have delivered more than was known. What others told of that may be newer.
    mutating func noteDelivered(_ vector: Vector) {
        for (node, position) in vector.positions {
            delivered[node] = delivered[node].map { max($0, position) } ?? position
        }
        let known = delivered
        handed = handed.filter { !known.covers($0.value.takeOver) }
        for box in Array(boxes.keys) {
            forget(box) { known.covers($0.id) }
        }
    }

    /// The node turns out to have taken over a user who is in those channels, and perhaps not to have reported that it
    /// handed over what was kept.
    mutating func remember(_ mail: HandedMail, for user: UserID, in channels: Set<ChannelName>) {
        self.channels.formUnion(channels)
        if !delivered.covers(mail.takeOver) { handed[user] = mail }
    }

    /// Takes out what is kept for a user who is in those channels with that status, in the order of time. What is kept for
    /// a channel stays for its other members.
    mutating func take(for user: UserID, in channels: [ChannelName: MemberStatus]) -> [Event] {
        var events = personal(of: user)
        let taken = handed.removeValue(forKey: user)
        forget(.user(user)) { _ in true }
        for (channel, status) in channels {
            events += since(taken, boxes[.channel(channel)] ?? []).filter { event in
                guard case .messageSent(let message) = event.body, message.sender != user,
                    case .channel(_, let atLeast) = message.target
                else { return false }
                return atLeast.isEmpty || status.isAtLeast(atLeast)
            }
        }
        return events.inOrderOfTime
    }

    private func since(_ handed: HandedMail?, _ events: [Event]) -> [Event] {
        guard let handed else { return events }
        return events.filter { !handed.applied.covers($0.id) }
    }

    private mutating func forget(_ box: Box, where isForgotten: (Event) -> Bool) {
        let left = boxes[box]?.filter { !isForgotten($0) } ?? []
        for event in boxes[box] ?? [] where isForgotten(event) {
            known.remove(event.id)
            bytes -= event.approximateBytes
        }
        boxes[box] = left.isEmpty ? nil : left
    }
}

extension [Event] {
    /// In the order in which they happened.
    fileprivate var inOrderOfTime: Self { sorted { ($0.time, $0.id) < ($1.time, $1.id) } }
}
