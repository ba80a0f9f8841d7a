// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// How each link is, in each direction.

/// What happens to bytes on their way from one node to another.
struct LinkCondition: Equatable, Sendable {
    /// Nothing passes, and nobody is told: what was sent waits, as it does while TCP sends it again and again.
    var isCut = false
    /// How much longer everything takes.
    var delay = Duration.zero
    /// How many of a hundred pieces are lost at the first attempt. A stream cannot lose bytes: what is lost comes
    /// ``retransmission`` later, and all that follows waits for it.
    var lossPercent = 0.0

    /// How long TCP waits before it sends again (RFC 6298 allows less than its second; Linux starts from 200 ms).
    static let retransmission = Duration.milliseconds(200)
}

/// The conditions of all links of a cluster.
struct LinkConditions: Equatable, Sendable {
    private let nodes: Int
    private var conditions: [LinkCondition]

    /// Links of so many nodes on which all is well.
    init(nodes: Int) {
        self.nodes = nodes
        conditions = Array(repeating: LinkCondition(), count: nodes * nodes)
    }

    subscript(from: Int, to: Int) -> LinkCondition {
        get { conditions[from * nodes + to] }
        set { conditions[from * nodes + to] = newValue }
    }

    /// Does what an action orders of links; other actions change nothing.
    mutating func apply(_ action: FaultAction) {
        switch action {
        case .cut(let from, let to): self[from, to].isCut = true
        case .isolate(let node):
            for other in 0..<nodes where other != node {
                self[node, other].isCut = true
                self[other, node].isCut = true
            }
        case .heal: self = LinkConditions(nodes: nodes)
        case .delay(let first, let second, let delay):
            self[first, second].delay = delay
            self[second, first].delay = delay
        case .lose(let first, let second, let percent):
            self[first, second].lossPercent = percent
            self[second, first].lossPercent = percent
        case .kill, .stop, .resume, .restart, .fillDisk, .freeDisk, .say: break
        }
    }
}
