// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// A cluster of pretended nodes for tests: real processes that listen on the ports they are given, and no chat in them.

import Foundation
import Glibc
import RoostConfiguration
import Synchronization
import Testing

@testable import RoostCluster

/// A cluster whose supervisor runs on a thread of the test, in a folder of its own, on free ports.
final class RunningCluster: Sendable {
    let options: ClusterOptions
    let mailbox = Mailbox()
    private let lines = Mutex<[String]>([])
    /// Set when the supervisor returned: nil inside for success.
    private let outcome = Mutex<ClusterFailure??>(nil)

    /// `environment` tells the pretended nodes how to misbehave.
    init(nodes: Int = 2, environment: [String: String] = [:], stopLimit: Duration = .seconds(5)) throws {
        let folder = "/tmp/roost-test-\(getpid())-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let program = folder + "/fake-node.py"
        try PretendedNode.source.write(toFile: program, atomically: true, encoding: .utf8)
        var options = ClusterOptions(nodeCommand: ["python3", program])
        options.directory = folder + "/cluster"
        options.nodes = nodes
        options.basePort = try FreePorts.next(nodes: nodes)
        options.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        options.stopLimit = stopLimit
        self.options = options
    }

    var remote: RemoteCluster { RemoteCluster(directory: options.directory) }

    func start() {
        Thread.detachNewThread {
            do throws(ClusterFailure) {
                try ClusterLauncher.run(self.options, mailbox: self.mailbox) { line in
                    self.lines.withLock { $0.append(line) }
                }
                self.outcome.withLock { $0 = .some(nil) }
            } catch {
                self.outcome.withLock { $0 = .some(error) }
            }
        }
    }

    /// Starts, and waits until all nodes serve.
    func startAndServe() throws {
        start()
        try until("all nodes serve") { said("Ctrl-C") || outcome.withLock { $0 != nil } }
        try #require(said("Ctrl-C"), "\(outcome.withLock { String(describing: $0) })")
    }

    /// Ends the cluster as Ctrl-C does, and takes its folder away.
    func stop() throws {
        mailbox.put(.signal(SIGINT))
        try until("the supervisor returns") { outcome.withLock { $0 != nil } }
        try removeFolder()
    }

    func removeFolder() throws {
        try FileManager.default.removeItem(atPath: (options.directory as NSString).deletingLastPathComponent)
    }

    /// The failure with which the supervisor returned, nil for none; waits for its return.
    func ending() throws -> ClusterFailure? {
        try until("the supervisor returns") { outcome.withLock { $0 != nil } }
        return outcome.withLock { $0 } ?? nil
    }

    func said(_ part: String) -> Bool {
        lines.withLock { $0.contains { $0.contains(part) } }
    }

    func node(_ name: String) throws -> ClusterState.Node {
        try #require(try remote.status().nodes.first { $0.name == name })
    }

    /// Waits for a condition, 20 seconds at most; with what was said in the failure.
    func until(_ what: String, _ condition: () throws -> Bool) throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline {
            if try condition() { return }
            usleep(10_000)
        }
        Issue.record("never: \(what); said: \(lines.withLock { $0.joined(separator: "\n") })")
        throw ClusterFailure(.system, what)
    }
}

/// Whether a process exists.
func isAlive(_ pid: pid_t) -> Bool {
    kill(pid, 0) == 0
}

enum FreePorts {
    private static let used = Mutex(0)

    /// A base port of which all ports of so many nodes are free, and which no other test of this process got.
    static func next(nodes: Int) throws -> Int {
        for _ in 0..<200 {
            let turn = used.withLock { count in
                count += 1
                return count
            }
            // Forty apart, no client port of one falls on a mesh port of another as long as there are three nodes.
            let base = 11_000 + Int(getpid() % 97) * 80 + turn * 40
            let ports = (0..<nodes).map { NodePorts(index: $0, basePort: base) }
            let isFree = ports.allSatisfy { node in
                [node.client, node.control, node.events, node.stats].allSatisfy { port in
                    BusyPorts.canListen(on: .init(host: "127.0.0.1", port: port))
                }
            }
            if isFree { return base }
        }
        throw ClusterFailure(.portsBusy, "no free ports for a test")
    }
}

enum PretendedNode {
    /// Listens where its configuration says, ends with its standard input or on SIGTERM, crashes on SIGUSR1.
    /// FAKE_FAIL=NAME: that node ends at once. FAKE_DEAF=NAME: that node ignores SIGTERM.
    static let source = """
        import os, re, signal, socket, sys
        config = open(sys.argv[sys.argv.index("--config") + 1]).read()
        name = re.search(r'^  name: "(.*)"', config, re.M).group(1)
        if os.environ.get("FAKE_FAIL") == name:
            print("started", "no disk left", sep="\\n", file=sys.stderr)
            sys.exit(3)
        assert "--exit-with-parent" in sys.argv
        assert not any(key.startswith("ROOST_") for key in os.environ)
        signal.signal(signal.SIGTERM, signal.SIG_IGN if os.environ.get("FAKE_DEAF") == name else lambda *_: os._exit(0))
        signal.signal(signal.SIGUSR1, lambda *_: os.abort())
        signal.signal(signal.SIGHUP, lambda *_: print("reloaded", flush=True))
        control = int(re.search(r'^  listen: "127.0.0.1:(\\d+)"', config, re.M).group(1))
        client = int(re.search(r'^listeners: \\["127.0.0.1:(\\d+)"', config, re.M).group(1)) \\
            if "listeners" in config else 6667
        sockets = []
        for port in [control, control + 1, control + 2, client]:
            s = socket.socket()
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.bind(("127.0.0.1", port))
            s.listen(64)
            sockets.append(s)
        print(name, "serves", flush=True)
        sys.stdin.read()
        """
}
