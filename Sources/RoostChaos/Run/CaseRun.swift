// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Runs one case from a fresh cluster to its figures: network, nodes, clients, faults at their times, questions, logs,
// judgement; and takes away all that it made, whatever happens.

import Foundation
import Glibc
import RoostCluster
import RoostConfiguration

/// One run of one case.
public struct CaseRun {
    let plan: FaultPlan
    let settings: ChaosSettings
    let interruption: Interruption
    let say: (String) -> Void
    let directory: String

    /// Runs a case.
    ///
    /// - Parameter say: takes lines for a person who watches.
    public static func run(
        _ plan: FaultPlan, _ settings: ChaosSettings, _ interruption: Interruption, say: @escaping (String) -> Void
    ) -> CaseOutcome {
        let run = CaseRun(
            plan: plan, settings: settings, interruption: interruption, say: say,
            directory: URL(filePath: "\(settings.directory)/\(plan.name)").standardizedFileURL.path)
        do throws(ChaosFailure) {
            let (figures, answers) = try run.run()
            let failures = Verdict.failures(of: plan.expectations, figures, answers)
            return CaseOutcome(plan: plan, result: .judged(figures, failures: failures))
        } catch {
            let isSkipped = error.code == .skipped
            return CaseOutcome(plan: plan, result: isSkipped ? .skipped(error.description) : .broken(error.description))
        }
    }

    // MARK: From beginning to end

    private func run() throws(ChaosFailure) -> (Figures, Answers) {
        try prepareDirectory()
        var disks: [Int: SmallDisk] = [:]
        defer { for disk in disks.values { disk.remove() } }
        for node in plan.nodesWithSmallDisks.sorted() { disks[node] = try SmallDisk(node: node, in: directory) }
        let network = try makeNetwork()
        defer { network.remove() }
        let cluster = try startCluster(on: network)
        defer { cluster.down() }
        let layout = CrowdLayout(clients: plan.clients, nodes: plan.nodes)
        let endpoints = try cluster.clientEndpoints()
        let crowd = Crowd(
            layout: layout, endpoints: endpoints, rate: plan.rate, returns: plan.clientsReturn, seed: settings.seed)
        let feed = try StatsFeed(
            commands: try statsCommands(of: cluster, on: network), nodes: plan.nodes, clock: { crowd.now })
        defer { feed.stop() }
        crowd.start()
        let scene = Scene(cluster: cluster, network: network, disks: disks, crowd: crowd, feed: feed)
        let record: RunRecord
        let answers: Answers
        do throws(ChaosFailure) {
            (record, answers) = try play(scene, endpoints)
        } catch {
            writeLogs(crowd.end(), feed)
            throw error
        }
        writeLogs(record.logs, feed)
        return (Judge.figures(of: record), answers)
    }

    /// What a case plays with.
    struct Scene {
        let cluster: ChaosCluster
        let network: NodeNetwork
        let disks: [Int: SmallDisk]
        let crowd: Crowd
        let feed: StatsFeed
    }

    private func play(_ scene: Scene, _ endpoints: [Endpoint]) throws(ChaosFailure) -> (RunRecord, Answers) {
        let crowd = scene.crowd
        var actors: [String: ScriptedUser] = [:]
        for actor in plan.actors { actors[actor.name] = try ScriptedUser(actor.name, at: endpoints[actor.node]) }
        try wait("all clients are in their channels", within: .seconds(30), scene) { crowd.settled == plan.clients }
        try wait("all nodes know all clients", within: .seconds(15), scene) {
            scene.feed.users == plan.clients + plan.actors.count
        }
        crowd.talk(true)
        let loadBegan = crowd.now
        var running = Set(0..<plan.nodes)
        var faultsBegan: Duration?
        var mended: Duration?
        for step in plan.steps {
            try sleep(until: loadBegan + step.at, scene, actors)
            say("\(step.at.brief): \(step.action)")
            let began = crowd.now
            try perform(step.action, scene, actors, &running)
            switch step.action.kind {
            case .fault: faultsBegan = faultsBegan ?? began
            case .mend:
                faultsBegan = faultsBegan ?? began
                mended = crowd.now
            case .talk: break
            }
        }
        try sleep(until: loadBegan + plan.length, scene, actors)
        crowd.talk(false)
        let loadEnded = crowd.now
        try settle(scene)
        let answers = try ask(endpoints.indices.filter { running.contains($0) }, endpoints)
        var record = RunRecord(layout: crowd.layout, logs: crowd.end(), loadBegan: loadBegan, loadEnded: loadEnded)
        record.faultsBegan = faultsBegan
        record.mended = mended
        record.agreements = scene.feed.agreements.filter { $0.at <= loadEnded + .seconds(2) }
        return (record, answers)
    }

    private func perform(
        _ action: FaultAction, _ scene: Scene, _ actors: [String: ScriptedUser], _ running: inout Set<Int>
    ) throws(ChaosFailure) {
        switch action {
        case .kill(let node):
            running.remove(node)
            try scene.cluster.apply(action)
            scene.feed.set(node: node, isRunning: false)
        case .restart(let node):
            running.insert(node)
            try scene.cluster.apply(action)
            scene.feed.set(node: node, isRunning: true)
        case .stop, .resume: try scene.cluster.apply(action)
        case .cut, .isolate, .heal, .delay, .lose: try scene.network.apply(action)
        case .fillDisk(let node): scene.disks[node]?.fill()
        case .freeDisk(let node): scene.disks[node]?.free()
        case .say(let actor, let line): actors[actor]?.send(line)
        }
    }

    // MARK: Preparation

    private func prepareDirectory() throws(ChaosFailure) {
        do {
            if FileManager.default.fileExists(atPath: directory) {
                try FileManager.default.removeItem(atPath: directory)
            }
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        } catch {
            throw ChaosFailure(.broken, "\(directory): \(error.localizedDescription)")
        }
    }

    private func makeNetwork() throws(ChaosFailure) -> NodeNetwork {
        switch plan.network {
        case .direct: .direct
        case .proxy:
            .proxy(makeProxy())
        case .namespaces: .namespaces(try NetworkNamespaces(nodes: plan.nodes, plan: plan))
        }
    }

    private func makeProxy() -> LinkProxy {
        let cluster = RemoteCluster(directory: directory)
        return LinkProxy(nodes: plan.nodes) {
            // There is no status while the cluster starts or ends; who dials then is found out later.
            (try? cluster.status())?.nodes.map(\.pid) ?? []
        }
    }

    private func startCluster(on network: NodeNetwork) throws(ChaosFailure) -> ChaosCluster {
        var options = ClusterOptions(nodeCommand: [settings.roost, "node"])
        options.directory = directory
        options.topology = settings.topology
        options.nodes = plan.nodes
        options.basePort = settings.basePort
        options.environment = ProcessInfo.processInfo.environment
        for (key, value) in plan.settings {
            let name = key.uppercased().map { $0 == "." || $0 == "-" ? "_" : String($0) }.joined()
            options.environment["ROOST_\(name)"] = value
        }
        if case .namespaces = network {
            // Beyond loopback no node listens without a secret, and the launcher makes none before it has made its plan.
            let file = "\(directory)/mesh.secret"
            try Shell.run([settings.roost, "keygen", "--out", file])
            options.environment["ROOST_MESH_SECRET_FILE"] = file
        }
        return try ChaosCluster.start(options) { options in
            for node in 0..<plan.nodes {
                options.places[node] = network.place(ofNode: node, basePort: options.basePort)
            }
            // Before the nodes: one that reaches no other when it starts would serve alone.
            if case .proxy(let proxy) = network { proxy.start(basePort: options.basePort) }
        }
    }

    /// What runs `roost stats --json`: once for all nodes, or in the namespace of each.
    private func statsCommands(
        of cluster: ChaosCluster, on network: NodeNetwork
    ) throws(ChaosFailure) -> [[String]] {
        let (addresses, secretFile) = try cluster.stats()
        let command = [settings.roost, "stats", "--json"] + (secretFile.map { ["--key", $0] } ?? [])
        guard case .namespaces(let namespaces) = network else { return [command + addresses] }
        return addresses.enumerated().map { node, address in
            namespaces.prefix(ofNode: node) + command + [address]
        }
    }
}
