// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What some people are going to do, line by line, and what everybody must be told of it: all that is thought out before a
// clock runs.

/// A run of one operation, ready to be carried out.
struct Plan: Sendable {
    /// One thing that one client does.
    enum Action: Sendable {
        /// It sends a line.
        case line(client: Int, bytes: [UInt8])
        /// It connects, and sends lines. It is the next client by number.
        case arrival(node: Int, host: String, lines: [[UInt8]])
        /// Its connection is lost.
        case loss(client: Int)
    }

    let operation: Operation
    /// One for each operation.
    private(set) var actions: [Action] = []
    /// How many lines of the operation's command each client must be told.
    private(set) var expected: [Int: Int] = [:]
    /// The sum of these.
    private(set) var expectedCount = 0

    init(_ operation: Operation) { self.operation = operation }

    /// Adds one operation that must be told to these clients.
    mutating func add(_ action: Action, toldTo clients: some Sequence<Int>) {
        actions.append(action)
        for client in clients {
            expected[client, default: 0] += 1
            expectedCount += 1
        }
    }
}

/// What was not told as it should have been.
struct Mistold: Error, CustomStringConvertible {
    let description: String
}

extension MachineCluster {
    /// Carries out a plan, one operation in every `interval` of virtual time, and waits until all is settled.
    func carryOut(_ plan: Plan, interval: Duration = .microseconds(100)) {
        perform(plan, interval: interval)
        advance(by: Self.settleTime)
    }

    /// Has clients do what a plan says, and waits for nothing.
    func perform(_ plan: Plan, interval: Duration = .zero) {
        mail.watched = plan.operation.command
        for action in plan.actions {
            switch action {
            case .line(let client, let bytes): send(bytes, from: client)
            case .arrival(let node, let host, let lines):
                let client = connect(to: node, host: host)
                for line in lines { send(line, from: client) }
            case .loss(let client): drop(client)
            }
            if interval > .zero { advance(by: interval) }
        }
    }

    /// Throws unless every client was told what the plan wants since this was called last, and nothing more.
    func check(_ plan: Plan) throws {
        for client in mail.boxes.indices {
            let told = Int(mail.boxes[client].told)
            mail.boxes[client].told = 0
            guard told == plan.expected[client] ?? 0 else {
                throw Mistold(
                    description: "\(plan.operation.rawValue): client \(client) was told \(told) lines of "
                        + "\(plan.operation.command), not \(plan.expected[client] ?? 0)")
            }
        }
        if let complaint = complaints.first { throw Mistold(description: "\(plan.operation.rawValue): \(complaint)") }
    }
}
