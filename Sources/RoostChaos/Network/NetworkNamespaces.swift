// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// A virtual network: a namespace for each node, one more for the bridge that joins them, and a second line to each node
// for clients, which no fault touches. Cut by the packet filter of the namespaces, and lossy by its dice. Everything
// carries this process's id in its name and goes when it ends.

import Foundation
import Glibc

/// The namespaces of one case, until `remove`.
final class NetworkNamespaces: Sendable {
    /// Names begin with it; the id of the process and what it is follow.
    private static let mark = "rchaos"

    private let nodes: Int
    private let hub: String

    /// Makes them.
    ///
    /// - Throws: `skipped` where this user may not, or where a tool is missing.
    init(nodes: Int, plan: FaultPlan) throws(ChaosFailure) {
        self.nodes = nodes
        hub = "\(Self.mark)\(getpid())h"
        guard geteuid() == 0 else { throw ChaosFailure(.skipped, "network namespaces need root") }
        for (tool, package) in [("ip", "iproute2"), ("iptables", "iptables")] {
            guard Shell.has(tool) else {
                throw ChaosFailure(.skipped, "\(tool) is missing: `make deps-chaos` installs \(package)")
            }
        }
        Self.removeLeftovers()
        do throws(ChaosFailure) { try build() } catch {
            remove()
            throw ChaosFailure(.skipped, "no network namespaces here: \(error.description)")
        }
        do throws(ChaosFailure) { try requireSupport(for: plan) } catch {
            remove()
            throw error
        }
    }

    /// What a node's command is put behind.
    func prefix(ofNode node: Int) -> [String] { ["ip", "netns", "exec", name(node)] }

    /// The address of a node's mesh ports.
    func meshHost(ofNode node: Int) -> String { "198.18.214.\(node + 1)" }

    /// The address of a node's client port, which this process reaches too.
    func clientHost(ofNode node: Int) -> String { "198.18.213.\(4 * node + 2)" }

    /// Does what an action orders of links.
    func apply(_ action: FaultAction) throws(ChaosFailure) {
        switch action {
        case .cut(let from, let to): try filter(["-s", meshHost(ofNode: from), "-j", "DROP"], at: to)
        case .isolate(let node): try Shell.run(["ip", "-n", hub, "link", "set", "m\(node)", "down"])
        case .lose(let first, let second, let percent):
            let share = ["-m", "statistic", "--mode", "random", "--probability", "\(percent / 100)", "-j", "DROP"]
            try filter(["-s", meshHost(ofNode: first)] + share, at: second)
            try filter(["-s", meshHost(ofNode: second)] + share, at: first)
        case .heal:
            for node in 0..<nodes {
                try Shell.run(["ip", "-n", hub, "link", "set", "m\(node)", "up"])
                try Shell.run(prefix(ofNode: node) + ["iptables", "-w", "-F", "INPUT"])
            }
        case .delay, .kill, .stop, .resume, .restart, .fillDisk, .freeDisk, .say: break
        }
    }

    /// What this end of the line for a node's clients is called.
    private func clientLine(ofNode node: Int) -> String { "\(Self.mark)\(getpid())c\(node)" }

    private func name(_ node: Int) -> String { "\(Self.mark)\(getpid())n\(node)" }

    private func build() throws(ChaosFailure) {
        try Shell.run(["ip", "netns", "add", hub])
        try Shell.run(["ip", "-n", hub, "link", "add", "bridge", "type", "bridge"])
        try Shell.run(["ip", "-n", hub, "link", "set", "bridge", "up"])
        for node in 0..<nodes {
            let space = name(node)
            try Shell.run(["ip", "netns", "add", space])
            try Shell.run(["ip", "-n", space, "link", "set", "lo", "up"])
            // The line to the other nodes.
            try Shell.run(
                [
                    "ip", "link", "add", "m\(node)", "netns", hub, "type", "veth", "peer", "name", "mesh0", "netns",
                    space,
                ])
            try Shell.run(["ip", "-n", hub, "link", "set", "m\(node)", "master", "bridge", "up"])
            try Shell.run(["ip", "-n", space, "address", "add", "\(meshHost(ofNode: node))/24", "dev", "mesh0"])
            try Shell.run(["ip", "-n", space, "link", "set", "mesh0", "up"])
            // The line for clients.
            let outer = clientLine(ofNode: node)
            try Shell.run(
                ["ip", "link", "add", outer, "type", "veth", "peer", "name", "clients0", "netns", space])
            try Shell.run(["ip", "address", "add", "198.18.213.\(4 * node + 1)/30", "dev", outer])
            try Shell.run(["ip", "link", "set", outer, "up"])
            try Shell.run(["ip", "-n", space, "address", "add", "\(clientHost(ofNode: node))/30", "dev", "clients0"])
            try Shell.run(["ip", "-n", space, "link", "set", "clients0", "up"])
        }
    }

    /// Whether the kernel can do what the plan asks for.
    private func requireSupport(for plan: FaultPlan) throws(ChaosFailure) {
        for step in plan.steps {
            switch step.action {
            case .cut, .lose:
                do {
                    try apply(step.action)
                    try apply(.heal)
                } catch {
                    throw ChaosFailure(.skipped, error.description)
                }
            default: break
            }
        }
    }

    private func filter(_ rule: [String], at node: Int) throws(ChaosFailure) {
        try Shell.run(prefix(ofNode: node) + ["iptables", "-w", "-A", "INPUT"] + rule)
    }

    /// Takes them away.
    func remove() {
        // What was not made needs no removal. The lines of clients are removed by name: a namespace, and with it the
        // lines that end in it, lives on while connections of its processes linger.
        for node in 0..<nodes { try? Shell.run(["ip", "link", "del", clientLine(ofNode: node)]) }
        for space in [hub] + (0..<nodes).map(name) { try? Shell.run(["ip", "netns", "del", space]) }
    }

    /// Removes what a process of this name left when it was killed.
    private static func removeLeftovers() {
        for (folder, command) in [("/sys/class/net", "link"), ("/run/netns", "netns")] {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            for name in names where name.hasPrefix(mark) {
                let digits = name.dropFirst(mark.count).prefix { $0.isNumber }
                guard let process = Int32(digits), kill(process, 0) != 0 else { continue }
                try? Shell.run(["ip", command, "del", name])
            }
        }
    }
}
