// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// All that is known of a run when it is over: what the judge is given. It needs no cluster, so that the judge can be
// tested with logs that nobody lived through.

/// A run: the logs, and when what was done to the cluster.
public struct RunRecord: Sendable {
    /// Who the clients were.
    public var layout: CrowdLayout
    /// The logs of all clients, in their order.
    public var logs: [ClientLog]
    /// When the load began: every client was in its channels, and every node knew that.
    public var loadBegan: Duration
    /// When the load ended; deliveries were waited for afterwards.
    public var loadEnded: Duration
    /// When the first fault was done; nil where there was none.
    public var faultsBegan: Duration?
    /// When the last of them was mended, and all nodes that run were in contact; nil where none was mended.
    public var mended: Duration?
    /// When all running nodes became of one mind, or ceased to be.
    public var agreements: [Agreement] = []

    /// A change in whether the nodes agree.
    public struct Agreement: Sendable {
        /// When it was seen.
        public var at: Duration
        /// Whether all running nodes have the same roster and are up to each other from then on.
        public var isReached: Bool

        /// That change.
        public init(at: Duration, isReached: Bool) {
            self.at = at
            self.isReached = isReached
        }
    }

    /// A run in which nothing was done yet.
    public init(layout: CrowdLayout, logs: [ClientLog], loadBegan: Duration, loadEnded: Duration) {
        self.layout = layout
        self.logs = logs
        self.loadBegan = loadBegan
        self.loadEnded = loadEnded
    }

    /// From when on all nodes that run could hear each other.
    var contact: Duration? { mended ?? faultsBegan }

    /// The time of the faults; to the end of the load where none was mended.
    var faultTime: ClosedRange<Duration>? {
        faultsBegan.map { $0...max($0, mended ?? loadEnded) }
    }

    /// From contact to the moment since which all nodes agreed until the end; nil where they do not.
    var timeToConverge: Duration? {
        guard let contact, let last = agreements.last, last.isReached else { return nil }
        return max(.zero, last.at - contact)
    }
}
