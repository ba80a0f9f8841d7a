// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What is done to a cluster while people talk in it, and what must hold all the same: one case of `roost-chaos`. The
// text of a plan is read in `FaultPlan+Parsing.swift`; docs/chaos.md describes it for people.

/// One case: faults at stated times, and limits to hold.
public struct FaultPlan: Sendable, Equatable {
    /// What lies between the nodes.
    public enum Network: String, Sendable, CaseIterable {
        /// Nothing: they connect to each other.
        case direct
        /// A TCP proxy in this process that can cut, delay and stall each direction.
        case proxy
        /// A virtual network with a network namespace for each node, cut by the kernel's packet filter.
        case namespaces
    }

    /// Something that happens at a time of the run.
    public struct Step: Sendable, Equatable {
        /// Since the load began.
        public var at: Duration
        /// What happens.
        public var action: FaultAction
    }

    /// A user beside the load, who says what the plan says.
    public struct Actor: Sendable, Equatable {
        /// The nick at the start, and the user name throughout.
        public var name: String
        /// The index of the node that the user connects to.
        public var node: Int
    }

    /// What `--case` calls it.
    public var name = ""
    /// In a sentence, what a pass shows.
    public var shows = ""
    /// What lies between the nodes.
    public var network = Network.direct
    /// How many nodes there are.
    public var nodes = 3
    /// How many clients make the load.
    public var clients = 60
    /// Messages a second, of all clients together.
    public var rate = 100
    /// How long the load lasts.
    public var length = Duration.seconds(20)
    /// Settings of all nodes beside those of the topology, by key.
    public var settings: [String: String] = [:]
    /// Whether clients whose connection ends go on at the next node; otherwise they stay away.
    public var clientsReturn = true
    /// In the order of their times.
    public var steps: [Step] = []
    /// The users beside the load.
    public var actors: [Actor] = []
    /// What must hold for the case to pass.
    public var expectations: [Expectation] = []

    /// A plan without faults.
    public init() {}

    /// The indices of nodes whose disk is filled, and which therefore need a small one.
    var nodesWithSmallDisks: Set<Int> {
        Set(
            steps.compactMap { step in
                if case .fillDisk(let node) = step.action { node } else { nil }
            })
    }
}

/// A thing to do to the cluster, its network or its users. Nodes are given by index, from 0.
public enum FaultAction: Sendable, Equatable {
    /// SIGKILL; the node stays down until it is restarted.
    case kill(Int)
    /// SIGSTOP.
    case stop(Int)
    /// SIGCONT.
    case resume(Int)
    /// SIGTERM if it runs, and a new start.
    case restart(Int)
    /// Nothing passes from a node to another; in the other direction all goes on.
    case cut(from: Int, to: Int)
    /// Nothing passes between a node and all others.
    case isolate(Int)
    /// Ends all cuts, delays and losses.
    case heal
    /// All that passes between two nodes takes so much longer each way.
    case delay(Int, Int, Duration)
    /// Of what passes between two nodes, so many percent is lost on the first attempt.
    case lose(Int, Int, percent: Double)
    /// Fills the disk that holds a node's data and log.
    case fillDisk(Int)
    /// Gives the space back.
    case freeDisk(Int)
    /// An actor sends a line.
    case say(actor: String, line: String)

    /// Whether it needs something between the nodes.
    var isOfLinks: Bool {
        switch self {
        case .cut, .isolate, .heal, .delay, .lose: true
        case .kill, .stop, .resume, .restart, .fillDisk, .freeDisk, .say: false
        }
    }

    /// Whether it begins trouble, ends it, or is none.
    var kind: Kind {
        switch self {
        case .kill, .stop, .cut, .isolate, .delay, .lose, .fillDisk: .fault
        case .restart, .resume, .heal, .freeDisk: .mend
        case .say: .talk
        }
    }

    enum Kind { case fault, mend, talk }
}
