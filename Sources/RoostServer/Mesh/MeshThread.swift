// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The mesh thread: owns every ZeroMQ socket, turns what peers send into inputs, performs what the machine orders for
// peers, serves the machine's deadline, and publishes the statistics. It never waits for anything but its poll.

import Foundation
import RoostKeys
import RoostModel
import RoostNode
import RoostRoster
import RoostWire
import Synchronization
import ZeroMQ

/// What the mesh thread needs of the driver.
public protocol MeshDriver: InputSink {
    /// When `deadlineReached` is due; nil for never.
    var nextDeadline: Instant? { get }
    /// Serves the deadline, if it has come.
    func deadlineReached()
    /// Reports to the machine how far deliveries have reached the kernel.
    func reportDelivered()
    /// How far the machine has applied each stream.
    var applied: Vector { get }
}

extension NodeDriver: MeshDriver {}

/// The thread that speaks to other nodes.
public final class MeshThread: Sendable {
    private let addresses: MeshAddresses
    private let keys: ClusterKeys?
    private let driver: any MeshDriver
    private let outbox: MeshOutbox
    private let stats: StatsPublisher
    private let wakeUp: WakeUp
    private let isStopping = Atomic<Bool>(false)
    private let finished = DispatchSemaphore(value: 0)

    /// A thread that has not started.
    ///
    /// - Parameter keys: what its sockets are encrypted with; nil for a cluster without a secret.
    /// - Throws: where the system grants no descriptor to wake the thread by.
    public init(
        addresses: MeshAddresses, keys: ClusterKeys?, driver: any MeshDriver, outbox: MeshOutbox,
        stats: StatsPublisher
    ) throws(ZeroMQError) {
        self.addresses = addresses
        self.keys = keys
        self.driver = driver
        self.outbox = outbox
        self.stats = stats
        wakeUp = try WakeUp()
        outbox.setWake { [wakeUp] in wakeUp.signal() }
    }

    /// Binds the sockets and starts the thread.
    ///
    /// - Throws: the address that cannot be bound, and why.
    public func start() throws(ZeroMQError) {
        let context = try Context()
        // Bound here, so that a busy port ends the start; the new thread is the only one to use them from then on.
        let loop = try MeshLoop(
            addresses: addresses, keys: keys, context: context, driver: driver, outbox: outbox,
            stats: stats, wakeUp: wakeUp)
        let box = LoopBox(loop)
        let thread = Thread { [self] in
            Thread.current.name = "mesh"
            box.run(until: { self.isStopping.load(ordering: .acquiring) })
            // The sockets are closed; what they have not sent yet goes out now, or their linger ends.
            context.terminate()
            finished.signal()
        }
        thread.start()
    }

    /// Sends what is ordered, closes the sockets and waits for the thread's end. What was sent last is with the kernel
    /// then, or with peers who did not take it for half a second.
    public func stop() {
        isStopping.store(true, ordering: .releasing)
        wakeUp.signal()
        finished.wait()
    }
}

/// Carries the loop to its thread.
///
/// Unchecked: the loop is made by `start` and used by the thread only, which begins after it is made.
private final class LoopBox: @unchecked Sendable {
    private var loop: MeshLoop?

    init(_ loop: MeshLoop) { self.loop = loop }

    /// Runs the loop and lets go of it, which closes its sockets.
    func run(until isStopping: () -> Bool) {
        loop?.run(until: isStopping)
        loop = nil
    }
}
