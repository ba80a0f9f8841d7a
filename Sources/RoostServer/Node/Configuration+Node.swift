// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What the configuration says, in the words of the machine, the front end and the mesh. Names are resolved here, once,
// so that libzmq is given numeric addresses only: its resolver would block its I/O thread.

import NIOCore
import RoostConfiguration
import RoostModel
import RoostNode
import RoostWire

/// What this build calls itself.
public enum RoostVersion {
    /// The version, without the name.
    public static let number = "0.1.0"
    /// Name and version, as clients see it.
    public static let text = "roost-\(number)"
}

extension Endpoint {
    /// `HOST:PORT` with a numeric host.
    func resolved() throws(NodeFailure) -> String {
        do {
            let address = try SocketAddress.makeAddressResolvingHost(host, port: port)
            return Endpoint(host: address.ipAddress ?? host, port: port).description
        } catch {
            throw NodeFailure(.address, "cannot resolve \(host): \(error); use a numeric address or see to the name")
        }
    }
}

extension NodeSettings {
    /// The settings that a configuration asks for.
    init(_ configuration: Configuration, node: NodeID, epoch: Epoch, started: WallTime) throws(NodeFailure) {
        self.init(node: node, epoch: epoch)
        cluster = configuration.mesh.cluster
        if let listen = configuration.mesh.listen {
            address.mesh = try (configuration.mesh.advertise ?? listen).resolved()
        }
        if let stats = configuration.stats.listen {
            let host = configuration.mesh.advertise?.host ?? stats.host
            address.stats = try Endpoint(host: stats.isWildcard ? host : stats.host, port: stats.port).resolved()
        }
        seeds = []
        for peer in configuration.mesh.peers { seeds.append(try peer.resolved()) }
        serverName = configuration.server.name
        serverDescription = configuration.server.description
        networkName = configuration.server.network
        motd =
            configuration.server.motd.isEmpty
            ? [] : configuration.server.motd.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        admin = [configuration.admin.location, configuration.admin.details, configuration.admin.email]
        lobby = configuration.lobby.isEmpty ? nil : ChannelName(configuration.lobby)
        password = configuration.password.isEmpty ? nil : configuration.password
        operators = configuration.operators.map { Operator(name: $0.name, password: $0.password, masks: $0.hosts) }
        self.started = started
        version = RoostVersion.text
        acknowledge =
            switch configuration.mesh.acknowledge {
            case .local: .local
            case .one: .one
            }
        takeOver =
            switch configuration.hold.takeOver {
            case .account: .account
            case .host: .host
            case .off: .off
            }
        limits = NodeLimits(configuration)
    }
}

extension MeshAddresses {
    /// The sockets that a configuration asks for.
    ///
    /// - Throws: a name that does not resolve; one that resolves to more than this machine, where there is no secret.
    init(_ configuration: Configuration) throws(NodeFailure) {
        self.init(
            control: try configuration.mesh.listen?.resolved(), stats: try configuration.stats.listen?.resolved(),
            cluster: configuration.mesh.cluster)
        guard configuration.mesh.secret == nil else { return }
        for address in [control, stats].compactMap({ $0 }) where Endpoint(address)?.isLoopback != true {
            throw NodeFailure(
                .address,
                "\(address) can be reached from other machines, and the cluster has no secret; make one with"
                    + " `roost keygen --out FILE` and set mesh.secret-file")
        }
    }
}

extension NodeLimits {
    fileprivate init(_ configuration: Configuration) {
        self.init()
        let limits = configuration.limits
        nickLength = limits.nickLength
        channelLength = limits.channelLength
        topicLength = limits.topicLength
        awayLength = limits.awayLength
        reasonLength = limits.kickLength
        channelsPerUser = limits.channelsPerUser
        targetsPerCommand = limits.targets
        listEntriesPerChannel = limits.listEntries
        monitorEntries = limits.monitorEntries
        whowasEntries = limits.whowasEntries
        claimWait = configuration.mesh.claimWait
        downAfter = configuration.mesh.downAfter
        hold = configuration.hold.time
        keptMessages = configuration.hold.messages
        keptBytes = configuration.hold.bytes
        replayLogBytes = configuration.mesh.replayBytes
        replayLogAge = configuration.mesh.replayAge
        // The front end turns clients away before the machine would.
        clients = limits.clients + 1
    }
}

extension ClientFrontEndOptions {
    /// The front end that a configuration asks for.
    init(_ configuration: Configuration) {
        self.init(
            addresses: configuration.listeners.map { Address(host: $0.host, port: $0.port) },
            threads: Threads(configuration.threads), serverName: configuration.server.name,
            limits: ClientLimits(configuration))
    }
}

extension ClientFrontEndOptions.Threads {
    fileprivate init(_ threads: Configuration.Threads) {
        switch threads {
        case .auto: self = .auto
        case .count(let count): self = .count(count)
        case .perClient: self = .perClient
        }
    }
}

extension ClientLimits {
    fileprivate init(_ configuration: Configuration) {
        self.init()
        let limits = configuration.limits
        clients = limits.clients
        clientsPerAddress = limits.clientsPerAddress
        backlog = limits.backlog
        sendQueueBytes = limits.sendQueueBytes
        receiveQueueBytes = limits.receiveQueueBytes
        receiveQueueLines = limits.receiveQueueLines
        flood = limits.floodRate.map { FloodLimit(linesPerSecond: $0, burst: limits.floodBurst) }
        registrationTimeout = configuration.timeouts.registration
        pingInterval = configuration.timeouts.pingInterval
        pingTimeout = configuration.timeouts.pingTimeout
    }
}
