// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Assembles the front end: ports, threads, lanes and counters. What goes on within is in the files beside this one.

import NIOCore
import NIOPosix
import RoostModel
import RoostNode
import Synchronization

/// The client sockets of a node.
///
/// Legal order: `init` binds the ports; `start` once, with the driver that was given `lanes`; `acceptClients` once,
/// when the node can serve; `shutdown` at last.
public final class ClientFrontEnd: Sendable {
    private enum Threading: Sendable {
        case shared(group: MultiThreadedEventLoopGroup, lanes: [SharedLane])
        case perClient(group: MultiThreadedEventLoopGroup, lane: DispatchedLane)
    }

    private let options: ClientFrontEndOptions
    private let sockets: [ListeningSocket]
    private let threading: Threading
    private let cells: [CounterCell]
    private let ledger: AdmissionLedger
    private let acceptThreads: NIOThreadPool
    private let next = Atomic<Int>(0)
    private let isAccepting = Mutex(false)

    /// Where clients connect, numeric, with the ports that the system chose where 0 was asked for.
    public var addresses: [String] { sockets.map(\.address.description) }

    /// The ways from the machine to the clients, for the driver.
    public let lanes: [LaneInbox]

    /// Takes the ports, without opening them, and starts the threads.
    public init(options: ClientFrontEndOptions) throws(ClientFrontEndError) {
        var sockets: [ListeningSocket] = []
        do throws(ClientFrontEndError) {
            for address in options.addresses { sockets += try ListeningSocket.bind(address) }
        } catch {
            for socket in sockets { socket.close() }
            throw error
        }
        self.options = options
        self.sockets = sockets
        ledger = AdmissionLedger(options.limits, descriptorsPerClient: options.threads.descriptorsPerClient)
        acceptThreads = NIOThreadPool(numberOfThreads: max(sockets.count, 1))
        acceptThreads.start()

        switch options.threads {
        case .auto, .count:
            let group = MultiThreadedEventLoopGroup(numberOfThreads: options.threads.loopCount)
            let shared = group.makeIterator().map { SharedLane(eventLoop: $0) }
            threading = .shared(group: group, lanes: shared)
            lanes = shared.map(\.inbox)
        case .perClient:
            let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            let lane = DispatchedLane(eventLoop: group.next())
            threading = .perClient(group: group, lane: lane)
            lanes = [lane.inbox]
        }
        cells = lanes.map { _ in CounterCell() }
    }

    /// Connects the front end with the driver.
    ///
    /// - Parameter gate: pauses reading from clients while it is closed; see `MeshOutbox`.
    public func start(sink: any InputSink, gate: ReadGate) {
        switch threading {
        case .shared(_, let lanes):
            for (index, lane) in lanes.enumerated() {
                lane.start(context(sink, gate, cells[index]), ids: LaneIDs(lane: index))
            }
        case .perClient(_, let lane):
            lane.start(context(sink, gate, cells[0]))
        }
    }

    /// Opens the ports.
    ///
    /// - Parameter refused: called, from any thread, for each connection that a limit turns away.
    public func acceptClients(
        refused: @escaping @Sendable (_ host: String, _ reason: String) -> Void = { _, _ in }
    ) throws(ClientFrontEndError) {
        for socket in sockets { try socket.listen(backlog: options.limits.backlog) }
        isAccepting.withLock { $0 = true }
        for socket in sockets {
            let acceptor = Acceptor(socket: socket, ledger: ledger, refused: refused) { [self] in connect($0, $1) }
            acceptThreads.submit { state in
                guard state == .active else { return socket.close() }
                acceptor.run()
            }
        }
    }

    /// Holds the clients to other limits from now on: all of them but the backlog.
    public func setLimits(_ limits: ClientLimits) {
        ledger.setLimits(limits)
        switch threading {
        case .shared(_, let lanes): for lane in lanes { lane.setLimits(limits) }
        case .perClient(_, let lane): lane.setLimits(limits)
        }
    }

    /// Takes the counters; what they hold since the last look begins anew. For one caller.
    public func takeCounters() -> ClientCounters {
        var counters = ClientCounters()
        ledger.add(to: &counters)
        for cell in cells { cell.take(into: &counters) }
        return counters
    }

    /// Closes the ports, sends the clients what is queued for them, closes the connections and ends the threads.
    /// Takes `ClientLimits.closePatience` at most, and a little.
    public func shutdown() async {
        stopAccepting()
        switch threading {
        case .shared(_, let lanes): for lane in lanes { lane.disconnectAll() }
        case .perClient(_, let lane): lane.disconnectAll()
        }
        let deadline = SystemClock.instant() + options.limits.closePatience + .seconds(1)
        while ledger.count > 0, SystemClock.instant() < deadline {
            // A cancelled wait ends at once, and so does the patience with the clients.
            do { try await Task.sleep(for: .milliseconds(5)) } catch { break }
        }
        switch threading {
        case .shared(let group, _), .perClient(let group, _):
            // Fails only if it was ended before, and then there is nothing left to end.
            try? await group.shutdownGracefully()
        }
    }

    private func stopAccepting() {
        let wasAccepting = isAccepting.withLock { isAccepting in
            defer { isAccepting = false }
            return isAccepting
        }
        // An acceptor closes its socket itself, lest another thread's new socket has the same number meanwhile.
        for socket in sockets { if wasAccepting { socket.stopAccepting() } else { socket.close() } }
        acceptThreads.shutdownGracefully { _ in }
    }

    private func context(_ sink: any InputSink, _ gate: ReadGate, _ counters: CounterCell) -> ClientLoopContext {
        ClientLoopContext(
            sink: sink, gate: gate, limits: options.limits, serverName: options.serverName, counters: counters)
    }

    /// Puts a new connection on its thread.
    private func connect(_ descriptor: CInt, _ address: PeerAddress) {
        let ended: @Sendable () -> Void = { [ledger] in ledger.leave(from: address.host) }
        switch threading {
        case .shared(_, let lanes):
            let lane = lanes[next.wrappingAdd(1, ordering: .relaxed).oldValue % lanes.count]
            ClientChannel.bootstrap(on: lane.eventLoop)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture { try lane.add(channel, host: address.host) }
                }
                .withConnectedSocket(descriptor)
                .flatMap(\.closeFuture)
                .whenComplete { _ in ended() }
        case .perClient(_, let lane):
            lane.connect(descriptor, address, ended: ended)
        }
    }
}

extension ClientFrontEndOptions.Threads {
    fileprivate var descriptorsPerClient: Int { self == .perClient ? ClientThread.descriptors : 1 }

    fileprivate var loopCount: Int {
        switch self {
        case .auto: max(System.coreCount / 2, 1)
        case .count(let count): max(count, 1)
        case .perClient: 1
        }
    }
}
