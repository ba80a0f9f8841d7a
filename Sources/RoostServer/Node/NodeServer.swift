// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// One node, put together and run: machine, driver, client front end, mesh thread and statistics, from the first bind to
// the last byte.

import Dispatch
import Glibc
import Logging
import RoostConfiguration
import RoostKeys
import RoostModel
import RoostNode
import RoostStats
import RoostWire
import ServiceLifecycle
import Synchronization
import UnixSignals
import ZeroMQ

/// A node as a service: started by `init`, serving during `run`, gone when that returns.
public final class NodeServer: Service {
    private let log: Logger
    private let threshold: LogThreshold
    private let ends: Ends
    private let driver: NodeDriver<Node>
    private let frontEnd: ClientFrontEnd
    private let mesh: MeshThread
    private let reload: @Sendable () throws -> Configuration
    private let current: Mutex<Configuration>
    private let identity: (node: NodeID, epoch: Epoch, started: WallTime)
    private let dataDirectory: DataDirectory

    /// Takes the data directory and all ports, and begins to look for peers.
    ///
    /// - Parameters:
    ///   - configuration: what was read and checked.
    ///   - threshold: what the log's level is changed by, when a reload asks for it.
    ///   - reload: reads it again, for SIGHUP and REHASH.
    /// - Throws: what failed, on what, and what to try.
    public init(
        _ configuration: Configuration, log: Logger, threshold: LogThreshold,
        reload: @escaping @Sendable () throws -> Configuration
    ) throws(NodeFailure) {
        guard let node = NodeID(configuration.node.name) else {
            throw NodeFailure(.address, "\(configuration.node.name) is no name for a node; set node.name")
        }
        dataDirectory = try DataDirectory(configuration.node.dataDirectory)
        let now = SystemClock.moment()
        let epoch = try dataDirectory.beginEpoch(at: now.wall)
        let settings = try NodeSettings(configuration, node: node, epoch: epoch, started: now.wall)
        identity = (node, epoch, now.wall)
        current = Mutex(configuration)
        self.reload = reload
        self.log = log
        self.threshold = threshold
        let ends = Ends()
        self.ends = ends
        let secretFile = configuration.mesh.secretFile
        if !secretFile.isEmpty, KeyFile.isReadableByAll(secretFile) {
            log.warning("everybody on this machine may read the cluster's secret", metadata: ["file": "\(secretFile)"])
        }

        do {
            frontEnd = try ClientFrontEnd(options: ClientFrontEndOptions(configuration))
        } catch {
            throw NodeFailure(.clientPort, "\(error); choose another address for clients (listeners, --irc)")
        }
        let stats = StatsPublisher(
            identity: .init(
                node: node, epoch: epoch, version: RoostVersion.number,
                addresses: .init(
                    clients: frontEnd.addresses,
                    mesh: settings.address.mesh.isEmpty ? nil : settings.address.mesh,
                    stats: settings.address.stats.isEmpty ? nil : settings.address.stats)),
            interval: configuration.stats.interval, log: log, at: now.instant)

        let outbox = MeshOutbox(
            ordersMax: configuration.mesh.queueEvents, bytesMax: configuration.mesh.queueBytes)
        var actions = DriverActions()
        actions.note = { stats.note($0) }
        actions.checkPassword = { PasswordCheck.verify($0, against: $1) }
        actions.acceptClients = { [frontEnd] in
            do {
                try frontEnd.acceptClients { host, reason in
                    stats.note(.clientRefused(host: host, reason: reason))
                }
            } catch {
                log.critical("the client ports cannot be opened", metadata: ["error": "\(error)"])
                ends.shutdown()
            }
        }
        actions.reloadSettings = { ends.reload() }
        driver = NodeDriver(
            machine: Node(settings: settings), lanes: frontEnd.lanes, outbox: outbox, actions: actions)
        do {
            mesh = try MeshThread(
                addresses: try MeshAddresses(configuration),
                keys: try keys(of: configuration), driver: driver, outbox: outbox, stats: stats)
            stats.attach(
                .init(
                    machine: { [driver] in driver.query { $0.statistics } },
                    clients: { [frontEnd] in frontEnd.takeCounters() }),
                at: now.instant)
            frontEnd.start(sink: driver, gate: outbox.gate)
            try mesh.start()
        } catch let error as NodeFailure {
            throw error
        } catch {
            throw NodeFailure(
                .meshPort, "\(error); choose another address for the mesh (--mesh) or the statistics (--stats)")
        }
        ends.attach(reload: { [weak self] in self?.reloadConfiguration() })
        log.notice(
            "node started",
            metadata: [
                "epoch": "\(epoch)", "clients": "\(frontEnd.addresses.joined(separator: " "))",
                "mesh": "\(settings.address.mesh.isEmpty ? "none" : settings.address.mesh)",
                "stats": "\(settings.address.stats.isEmpty ? "none" : settings.address.stats)",
            ])
        driver.receive([.started])
    }

    /// Serves until the service group is told to shut down, and then leaves the cluster politely.
    public func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.reloadOnHangUp() }
            // Returns normally, and at once, when the group is told to shut down.
            try? await gracefulShutdown()
            group.cancelAll()
        }
        driver.receive([.shutdownRequested(reason: "The server is shutting down")])
        await frontEnd.shutdown()
        mesh.stop()
        log.notice("node ended")
    }

    private func reloadOnHangUp() async {
        for await _ in await UnixSignalsSequence(trapping: .sighup) { ends.reload() }
    }

    /// Reads the configuration again; one that is wrong changes nothing. Keys that a running node cannot change keep the
    /// values that it was started with.
    private func reloadConfiguration() {
        do {
            let old = current.withLock { $0 }
            let wanted = try reload()
            let changes = Configuration.changes(from: old, to: wanted)
            let configuration = wanted.keepingWhatNeedsARestart(of: old)
            let settings = try NodeSettings(
                configuration, node: identity.node, epoch: identity.epoch, started: identity.started)
            current.withLock { $0 = configuration }
            driver.receive([.settingsReloaded(settings)])
            frontEnd.setLimits(ClientFrontEndOptions(configuration).limits)
            threshold.level = Logger.Level(configuration.log.level)
            for change in changes {
                log.notice(
                    "configuration changed",
                    metadata: ["key": "\(change.key)", "takes_effect": "\(change.takesEffect.rawValue)"])
            }
            log.notice("configuration reloaded", metadata: ["changes": "\(changes.count)"])
        } catch {
            log.error("configuration not reloaded; the old one stays in force", metadata: ["error": "\(error)"])
        }
    }
}

extension Node: Machine {}

/// What the links of a configured node are encrypted with; nil where there is no secret.
private func keys(of configuration: Configuration) throws(NodeFailure) -> ClusterKeys? {
    do {
        return try configuration.mesh.secret.map(ClusterKeys.init)
    } catch {
        throw NodeFailure(
            .encryption,
            "\(error): the links cannot be encrypted; install a libzmq with CURVE, as Debian's is, or use loopback"
                + " addresses without mesh.secret-file")
    }
}

/// Runs a node until SIGTERM or SIGINT, and leaves the cluster politely.
///
/// - Parameter reload: reads the configuration again, for SIGHUP and REHASH.
/// - Throws: `NodeFailure`, which says in one line what failed, on what, and what to try.
public func runNode(
    _ configuration: Configuration, reload: @escaping @Sendable () throws -> Configuration
) async throws {
    let threshold = LogThreshold(Logger.Level(configuration.log.level))
    let log = Logger(label: configuration.node.name) { label in
        LineLogHandler(label: label, format: configuration.log.format, threshold: threshold)
    }
    let server = try NodeServer(configuration, log: log, threshold: threshold, reload: reload)
    var quiet = log
    quiet.logLevel = .warning
    try await ServiceGroup(
        services: [server], gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet
    ).run()
}

/// What the machine's effects ask of the process, for closures that are made before the server is.
private final class Ends: Sendable {
    private struct Reload: Sendable {
        let call: @Sendable () -> Void
    }

    private let reloading = Mutex<Reload?>(nil)
    private let isAsked = Atomic(false)
    /// Reading files and resolving names takes its time, which no thread of clients has.
    private let queue = DispatchQueue(label: "reload")

    func attach(reload: @escaping @Sendable () -> Void) {
        reloading.withLock { $0 = Reload(call: reload) }
    }

    /// Reads the configuration again, soon and elsewhere. Asked for several times meanwhile, it is read once.
    func reload() {
        guard !isAsked.exchange(true, ordering: .acquiringAndReleasing) else { return }
        queue.async {
            self.isAsked.store(false, ordering: .releasing)
            self.reloading.withLock { $0 }?.call()
        }
    }

    /// Ends the process as SIGTERM would.
    func shutdown() { kill(getpid(), SIGTERM) }
}

extension Logger.Level {
    fileprivate init(_ level: Configuration.LogLevel) {
        switch level {
        case .trace: self = .trace
        case .debug: self = .debug
        case .info: self = .info
        case .notice: self = .notice
        case .warning: self = .warning
        case .error: self = .error
        case .critical: self = .critical
        }
    }
}
