// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The paths whose instructions are counted: each is prepared for twice as many operations as are carried out at most, so
// that two runs of different lengths differ by the operations alone.

import RoostIRC

/// A path that is taken often.
enum HotPath: String, CaseIterable, Sendable {
    /// From the connection to the end of the welcome.
    case registration
    /// Into a room of ten, and out of it again.
    case joinAndPart = "join-and-part"
    /// To the nine others in a room.
    case channelMessage10 = "channel-message-10"
    /// To the 999 others in a room.
    case channelMessage1000 = "channel-message-1000"
    case privateMessage = "private-message"
    /// Told to a room of ten.
    case nickChange = "nick-change"
    /// A message that comes from another node, in a frame of its own, for five members here.
    case remoteMessage = "remote-message"
    /// Somebody at another node comes into a room, or leaves it.
    case remoteMembership = "remote-membership"
    /// A line of a client is parsed, and a message to clients is formatted.
    case line

    /// The most operations of one plan.
    private static let roundMax = 50

    /// The cluster that it is taken in.
    var shape: Shape {
        switch self {
        case .channelMessage1000: Shape(users: 1_000, roomSize: 1_000)
        case .remoteMessage, .remoteMembership: Shape(nodes: 2, users: 1_000)
        default: Shape(users: 1_000)
        }
    }

    /// What people do on it.
    var exercise: Exercise {
        switch self {
        case .registration: .sessions
        case .joinAndPart, .remoteMembership: .visits
        case .channelMessage10, .channelMessage1000, .remoteMessage, .line: .channelMessages
        case .privateMessage: .privateMessages
        case .nickChange: .nickChanges
        }
    }

    /// What of that counts as one time: to come and to go are one.
    private var actionsEach: Int { self == .joinAndPart ? 2 : 1 }

    /// Takes the path so many times, of `prepared` times that were thought out. Throws where it was not really taken.
    func take(_ count: Int, of prepared: Int, seed: UInt64) throws {
        if self == .line { return try takeLines(count, of: prepared) }
        let population = Population(shape)
        let cluster = try MachineCluster(population)
        let plans = plans(for: prepared, population, seed: seed)
        // The plans of a path are alike, so that half of them are half of the work.
        let taken = plans.prefix(plans.count * count / prepared)
        if shape.nodes > 1 {
            try apply(taken, of: plans, at: cluster)
        } else {
            try carryOut(taken, on: cluster)
        }
    }

    private func plans(for count: Int, _ population: Population, seed: UInt64) -> [Plan] {
        var planner = Planner(population, seed: seed)
        var plans: [Plan] = []
        var planned = 0
        while planned < count {
            let round = planner.round(of: exercise, operationsMax: Self.roundMax, at: shape.nodes > 1 ? 0 : nil)
                .filter { self != .registration || $0.operation == .registration }
            plans += round
            planned += round.reduce(0) { $0 + $1.actions.count } / actionsEach
        }
        return plans
    }

    private func carryOut(_ plans: ArraySlice<Plan>, on cluster: MachineCluster) throws {
        for plan in plans {
            cluster.mail.toldCount = 0
            cluster.perform(plan)
            try check(cluster.mail.toldCount, is: plan.expectedCount)
        }
    }

    /// Everything happens at the first node; what is taken of it is then applied at the second.
    private func apply(_ taken: ArraySlice<Plan>, of plans: [Plan], at cluster: MachineCluster) throws {
        cluster.held = (node: 1, frames: [])
        for plan in plans { cluster.perform(plan) }
        var frames = (cluster.held?.frames ?? [])[...]
        for plan in taken {
            cluster.mail.watched = plan.operation.command
            cluster.mail.toldCount = 0
            for frame in frames.prefix(plan.actions.count) { cluster.receive(frame) }
            frames = frames.dropFirst(plan.actions.count)
            let expected = plan.expected.reduce(0) { $0 + (cluster.mail.boxes[$1.key].node == 1 ? $1.value : 0) }
            try check(cluster.mail.toldCount, is: expected)
        }
    }

    private func takeLines(_ count: Int, of prepared: Int) throws {
        let text = String(repeating: "0123456789", count: 6)
        let lines = (0..<prepared).map { Array("PRIVMSG #room\($0 % 100) :\(text)".utf8) }
        var bytes = 0
        for line in lines.prefix(count) {
            let parsed = try IRCLine(parsing: line)
            let message = OutgoingMessage(
                time: 1_767_225_600_000, messageID: "node1-1-1", source: "u1!user@10.0.0.1", command: parsed.command,
                parameters: parsed.parameters)
            bytes += message.encoded(for: [.serverTime, .messageTags]).count
        }
        // Whatever stands before it, each message ends as the line did, and with CR LF.
        try check(bytes > lines.prefix(count).reduce(0) { $0 + $1.count + 2 } ? count : 0, is: count)
    }

    private func check(_ count: Int, is expected: Int) throws {
        guard count != expected else { return }
        throw Mistold(description: "\(rawValue): \(count) lines, not \(expected)")
    }
}
