// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// One node under supervision: its process, and what is to be done next and when.

import Glibc

/// A node and its process. The supervisor's loop is the only one that touches it.
struct SupervisedNode {
    enum Phase {
        /// Runs, and must serve by then.
        case starting(by: ContinuousClock.Instant)
        case serving(since: ContinuousClock.Instant)
        /// Was asked to end, and is killed then.
        case stopping(killAt: ContinuousClock.Instant, thenStart: Bool)
        /// Ended by itself, and is started again then.
        case crashed(retryAt: ContinuousClock.Instant)
        /// Stays down until it is asked for.
        case down
    }

    let plan: NodePlan
    var child: Child?
    var phase = Phase.down
    /// Ends in a row that nobody asked for, each soon after the start before it.
    var crashes = 0
    /// Those who asked for a restart and wait for it to serve.
    var waiting: [@Sendable (ControlReply) -> Void] = []

    init(_ plan: NodePlan) {
        self.plan = plan
    }

    var state: ClusterState.NodeState {
        switch phase {
        case .starting: .starting
        case .serving: .serving
        case .stopping: .stopping
        case .crashed: .crashed
        case .down: .down
        }
    }

    /// When the supervisor must look at the node again without having heard of it.
    func nextLook(at now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        switch phase {
        case .starting: now + .milliseconds(50)
        case .stopping(let killAt, _): killAt
        case .crashed(let retryAt): retryAt
        case .serving, .down: nil
        }
    }

    /// A quarter of a second, doubled for each crash in a row, ten seconds at most.
    static func backOff(after crashes: Int) -> Duration {
        min(.seconds(10), .milliseconds(250) * (1 << min(max(crashes - 1, 0), 10)))
    }

    /// Serving for so long forgives earlier crashes.
    static let steadyAfter = Duration.seconds(10)

    /// Tells those who wait how it went.
    mutating func answer(_ reply: ControlReply) {
        for waiter in waiting { waiter(reply) }
        waiting = []
    }
}
