// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Starts the nodes of a plan, keeps them running, and stops them. One loop on the calling thread takes inputs from the
// mailbox and looks at the clock; nothing else touches the nodes. Signals and sockets are left to `ClusterLauncher`.

import Glibc
import RoostConfiguration

/// Runs a cluster: `run` returns when every child has ended.
struct Supervisor {
    private let plan: ClusterPlan
    private let options: ClusterOptions
    private let mailbox: Mailbox
    /// A line for the person who watches: what crashed, what serves again.
    private let say: (String) -> Void
    /// Called once, when all nodes have served.
    private let onReady: (ClusterState) -> Void

    private let clock = ContinuousClock()
    private var nodes: [SupervisedNode]
    private var isReady = false
    private var isStopping = false
    /// Why the start failed; thrown when all has been stopped.
    private var failure: ClusterFailure?
    private var written: ClusterState?
    /// Those who asked for the end of the cluster.
    private var waitingForEnd: [@Sendable (ControlReply) -> Void] = []

    init(
        _ plan: ClusterPlan, _ options: ClusterOptions, mailbox: Mailbox, say: @escaping (String) -> Void,
        onReady: @escaping (ClusterState) -> Void
    ) {
        self.plan = plan
        self.options = options
        self.mailbox = mailbox
        self.say = say
        self.onReady = onReady
        nodes = plan.nodes.map { SupervisedNode($0) }
    }

    /// Starts all nodes and returns when all have ended, by request, by signal, or because the start failed.
    mutating func run() throws(ClusterFailure) {
        for index in nodes.indices { start(index) }
        while true {
            lookAtNodes()
            writeState()
            if isStopping, nodes.allSatisfy({ $0.child == nil }) { break }
            if let input = mailbox.next(within: timeToNextLook()) { handle(input) }
        }
        for waiter in waitingForEnd { waiter(ControlReply(isDone: true, message: "stopped")) }
        if let failure { throw failure }
    }

    // MARK: Inputs

    private mutating func handle(_ input: SupervisorInput) {
        switch input {
        case .signal(SIGHUP):
            for node in nodes { node.child?.send(SIGHUP) }
        case .signal(let signal):
            if isStopping {
                say("killing what still runs")
                for node in nodes { node.child?.send(SIGKILL) }
            } else {
                say("stopping on signal \(signal)")
                stopAll()
            }
        case .ended(let pid):
            guard let index = nodes.firstIndex(where: { $0.child?.pid == pid }) else { return }
            ended(index)
        case .request(let request, let reply):
            handle(request, reply)
        }
    }

    private mutating func handle(_ request: ControlRequest, _ reply: @escaping @Sendable (ControlReply) -> Void) {
        if case .down = request {
            waitingForEnd.append(reply)
            say("stopping by request")
            return stopAll()
        }
        guard !isStopping else { return reply(ControlReply(isDone: false, message: "the cluster is being stopped")) }
        guard isReady else { return reply(ControlReply(isDone: false, message: "the cluster is still starting")) }
        switch request {
        case .down: break
        case .kill(let name):
            guard let index = index(of: name, reply) else { return }
            kill(index, reply)
        case .restart(let name):
            guard let index = index(of: name, reply) else { return }
            restart(index, reply)
        }
    }

    private func index(of name: String, _ reply: (ControlReply) -> Void) -> Int? {
        if let index = nodes.firstIndex(where: { $0.plan.name == name }) { return index }
        let names = nodes.map(\.plan.name).joined(separator: ", ")
        reply(ControlReply(isDone: false, message: "there is no node \"\(name)\"; there are \(names)"))
        return nil
    }

    private mutating func kill(_ index: Int, _ reply: (ControlReply) -> Void) {
        let name = nodes[index].plan.name
        nodes[index].answer(ControlReply(isDone: false, message: "\(name) was killed meanwhile"))
        nodes[index].phase = .down
        guard let child = nodes[index].child else {
            return reply(ControlReply(isDone: true, message: "\(name) was down and stays so"))
        }
        child.send(SIGKILL)
        writeState()
        say("\(name) (pid \(child.pid)) killed by request; `roost cluster restart \(name)` brings it back")
        reply(ControlReply(isDone: true, message: "\(name) (pid \(child.pid)) killed; it stays down until restarted"))
    }

    private mutating func restart(_ index: Int, _ reply: @escaping @Sendable (ControlReply) -> Void) {
        nodes[index].waiting.append(reply)
        nodes[index].crashes = 0
        guard let child = nodes[index].child else { return start(index) }
        if case .down = nodes[index].phase {
            // Killed, and its end not yet seen.
            nodes[index].phase = .stopping(killAt: clock.now, thenStart: true)
        } else {
            child.send(SIGTERM)
            nodes[index].phase = .stopping(killAt: clock.now + options.stopLimit, thenStart: true)
        }
        say("\(nodes[index].plan.name) is restarted by request")
    }

    // MARK: Starting and ending

    private mutating func start(_ index: Int) {
        let node = nodes[index].plan
        let command = node.prefix + options.nodeCommand + ["--config", node.configurationFile, "--exit-with-parent"]
        // What the environment sets is in the configuration already, where a node's own addresses win.
        let environment = options.environment.filter { !$0.key.hasPrefix("ROOST_") }
        do {
            let mailbox = mailbox
            nodes[index].child = try Child(command, environment: environment, log: node.logFile) { pid in
                mailbox.put(.ended(pid))
            }
            nodes[index].phase = .starting(by: clock.now + options.startLimit)
        } catch {
            fail(index, error.description)
        }
    }

    private mutating func ended(_ index: Int) {
        guard let child = nodes[index].child else { return }
        let ending = child.reap()
        nodes[index].child = nil
        let name = nodes[index].plan.name
        switch nodes[index].phase {
        case .stopping(_, let thenStart):
            if thenStart, !isStopping { start(index) } else { nodes[index].phase = .down }
        case .down, .crashed:
            break
        case .starting, .serving:
            if case .serving(let since) = nodes[index].phase, clock.now - since > SupervisedNode.steadyAfter {
                nodes[index].crashes = 0
            }
            fail(index, "\(name) (pid \(child.pid)) ended by itself: \(ending)\(lastWords(of: index, ending))")
        }
    }

    /// A node could not be started, or ended by itself. While the cluster starts, one that never served ends the start;
    /// later it is started again after a pause.
    private mutating func fail(_ index: Int, _ story: String) {
        nodes[index].answer(ControlReply(isDone: false, message: story))
        if !isReady, nodes[index].state != .serving {
            nodes[index].phase = .down
            failure = failure ?? ClusterFailure(.nodeFailed, story)
            return stopAll()
        }
        nodes[index].crashes += 1
        let pause = SupervisedNode.backOff(after: nodes[index].crashes)
        nodes[index].phase = .crashed(retryAt: clock.now + pause)
        say("\(story); starting it again in \(pause)")
    }

    private mutating func stopAll() {
        guard !isStopping else { return }
        isStopping = true
        for index in nodes.indices {
            nodes[index].answer(ControlReply(isDone: false, message: "the cluster is being stopped"))
            guard let child = nodes[index].child else {
                nodes[index].phase = .down
                continue
            }
            child.send(SIGTERM)
            nodes[index].phase = .stopping(killAt: clock.now + options.stopLimit, thenStart: false)
        }
    }

    // MARK: The clock

    private func timeToNextLook() -> Duration {
        let now = clock.now
        let next = nodes.compactMap { $0.nextLook(at: now) }.min()
        return next.map { max(.zero, $0 - now) } ?? .seconds(3_600)
    }

    private mutating func lookAtNodes() {
        let now = clock.now
        for index in nodes.indices {
            switch nodes[index].phase {
            case .starting(let limit):
                if BusyPorts.accepts(nodes[index].plan.client) {
                    serves(index)
                } else if now >= limit {
                    givenUp(index)
                }
            case .stopping(let killAt, let thenStart):
                guard now >= killAt else { continue }
                nodes[index].child?.send(SIGKILL)
                nodes[index].phase = .stopping(killAt: now + .seconds(1), thenStart: thenStart)
            case .crashed(let retryAt):
                if now >= retryAt { start(index) }
            case .serving, .down:
                break
            }
        }
    }

    /// A node runs and does not serve in time: it is ended, which counts as a crash, or ends the start.
    private mutating func givenUp(_ index: Int) {
        let story = "\(nodes[index].plan.name) does not serve after \(options.startLimit)\(lastWords(of: index))"
        nodes[index].answer(ControlReply(isDone: false, message: story))
        nodes[index].child?.send(SIGKILL)
        nodes[index].phase = .starting(by: clock.now + options.startLimit)
        guard isReady else {
            failure = failure ?? ClusterFailure(.nodeFailed, story)
            return stopAll()
        }
        say(story)
    }

    private mutating func serves(_ index: Int) {
        nodes[index].phase = .serving(since: clock.now)
        let name = nodes[index].plan.name
        let pid = nodes[index].child?.pid ?? 0
        // Before the answer: whoever gets it may ask for the status at once.
        writeState()
        nodes[index].answer(ControlReply(isDone: true, message: "\(name) serves again as pid \(pid)"))
        if isReady {
            say("\(name) serves again as pid \(pid)")
        } else if nodes.allSatisfy({ $0.state == .serving }) {
            isReady = true
            writeState()
            onReady(state)
        }
    }

    // MARK: State

    private var secretFile: String? {
        guard let file = nodes.first?.plan.configuration.mesh.secretFile, !file.isEmpty else { return nil }
        return file
    }

    private var state: ClusterState {
        ClusterState(
            supervisor: getpid(), ready: isReady, secretFile: secretFile,
            nodes: nodes.map { node in
                ClusterState.Node(
                    name: node.plan.name, pid: node.child?.pid, state: node.state,
                    client: node.plan.client.description, mesh: node.plan.mesh.description,
                    stats: node.plan.stats.description, log: node.plan.logFile)
            })
    }

    private mutating func writeState() {
        let state = state
        guard state != written else { return }
        written = state
        // A full disk must not end what serves; whoever asks for the status then sees an old one.
        do { try state.write(in: plan.directory) } catch { say(error.description) }
    }

    /// The last line of the node's log, where a node says why it ends; one that crashed leaves a longer story there.
    private func lastWords(of index: Int, _ ending: Child.Ending? = nil) -> String {
        if ending?.isBySignal == true { return ", see \(nodes[index].plan.logFile)" }
        return LogTail.lastLine(of: nodes[index].plan.logFile).map { ", after saying: \($0)" } ?? ""
    }
}
