// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// `threads: per-client`: a thread for one connection, which begins with it, is named for it and ends with it. What runs
// there is what runs where clients share threads: a client loop, of one client.

import Dispatch
import NIOCore
import NIOPosix
import RoostModel
import RoostNode

/// One client on its own event loop.
final class ClientThread {
    private let loop: ClientLoop
    private let inbox: ClientInbox

    init(loop: ClientLoop, inbox: ClientInbox) {
        self.loop = loop
        self.inbox = inbox
    }

    /// Performs what the dispatcher handed over. The only client is at place 0 of the loop's table.
    func drain() {
        let orders = inbox.take()
        if let limits = orders.limits { loop.limits = limits }
        // The dispatcher has said that this is owed.
        loop.step = max(loop.step, orders.step)
        if !loop.clients.isEmpty { loop.clients[0]?.isOwed = true }
        loop.append(orders.bytes, to: 0)
        if orders.isRegistered { loop.register(0) }
        if orders.isDisconnected { loop.disconnect(0) }
        loop.flush()
        loop.flushedStep = loop.step
        if loop.clients.first??.output.queuedBytes == 0 { loop.hasCaughtUp(0) }
        if let readAt = orders.readAt {
            let now = SystemClock.instant()
            loop.counters.record(waitingSince: nil, taken: now, flushed: now, readTimes: [readAt])
        }
    }

    /// Descriptors that a thread takes: the connection, and the event loop's epoll, timer and wake-up.
    static let descriptors = 4

    /// Starts the thread of a connection.
    ///
    /// - Parameter ended: called when the connection, the thread and their descriptors are gone.
    static func start(
        _ descriptor: CInt, from address: PeerAddress, table: RecipientTable, context: ClientLoopContext,
        progress: FlushProgress, ended: @escaping @Sendable () -> Void
    ) {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        ClientChannel.bootstrap(on: group)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    ThreadName.set(ThreadName.client(address))
                    try assemble(on: channel, address, table, context, progress)
                }
            }
            .withConnectedSocket(descriptor)
            .flatMap(\.closeFuture)
            .whenComplete { _ in
                // A group cannot be ended from its own thread. It fails only if it was ended before.
                group.shutdownGracefully(queue: .global()) { _ in ended() }
            }
    }

    private static func assemble(
        on channel: any Channel, _ address: PeerAddress, _ table: RecipientTable, _ context: ClientLoopContext,
        _ progress: FlushProgress
    ) throws {
        let eventLoop = channel.eventLoop
        let thread = NIOLoopBoundBox<ClientThread?>.makeEmptyBox(eventLoop: eventLoop)
        let inbox = ClientInbox { eventLoop.execute { thread.value?.drain() } }
        let ids = ThreadIDs(table: table, inbox: inbox)
        let loop = ClientLoop(eventLoop: eventLoop, context: context, ids: ids, progress: progress)
        thread.value = ClientThread(loop: loop, inbox: inbox)
        try channel.pipeline.syncOperations.addHandler(ClientHandler(loop: loop, host: address.host))
    }
}

/// Numbers the one connection of a thread.
private struct ThreadIDs: ConnectionIDSource {
    let table: RecipientTable
    let inbox: ClientInbox

    func makeID(slot: Int) -> ConnectionID { table.add(inbox) }

    func retire(_ id: ConnectionID) { table.remove(id) }
}

/// How client sockets are set up, whatever thread they are on.
enum ClientChannel {
    /// What one `read` takes: little at first, more from who sends much. A buffer of this size is kept by each connection
    /// that has been read from.
    private static let receiveBytes = AdaptiveRecvByteBufferAllocator(minimum: 256, initial: 512, maximum: 4_096)
    /// How often a connection with more to read is read from before its lines go to the machine.
    private static let readsMax: UInt = 4

    /// A bootstrap with the options of client sockets.
    static func bootstrap(on group: any EventLoopGroup) -> ClientBootstrap {
        ClientBootstrap(group: group)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.recvAllocator, value: receiveBytes)
            .channelOption(.maxMessagesPerRead, value: readsMax)
    }
}
