// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The way from the machine to one client loop: an array under a small lock, and a wake-up when it was empty. What is in
// it is written to the clients' buffers by the loop.

import RoostIRC
import RoostModel
import RoostNode
import Synchronization

/// An effect that concerns clients of one lane.
public enum Delivery: Equatable, Sendable {
    /// A message for one client.
    case send(OutgoingMessage, to: ConnectionID)
    /// One message for the audience's part in this lane, less one.
    case fanOut(OutgoingMessage, to: [ConnectionID], except: ConnectionID?)
    /// Messages behind this one are encoded for these capabilities.
    case setCapabilities(ConnectionID, CapabilitySet)
    /// The registration timeout ends, the ping timeout begins.
    case registered(ConnectionID)
    /// The connection is closed once all before this is sent.
    case disconnect(ConnectionID)
}

/// What the machine has for the clients of one lane.
public final class LaneInbox: Sendable {
    /// Deliveries in step order, and what is measured about them.
    struct Contents: Sendable {
        var deliveries: [Delivery] = []
        /// When the reads happened that caused them, the first of each turn of a loop.
        var readTimes: [Instant] = []
        /// The last step with a delivery for this lane, now or before.
        var step: UInt64 = 0
        /// When it ceased to be empty.
        var waitingSince: Instant?
    }

    /// Which clients the kernel has not taken everything for.
    let progress = FlushProgress()
    private let contents = Mutex(Contents())
    private let flushedStep = Atomic<UInt64>(0)
    private let wake: @Sendable () -> Void

    /// An empty inbox.
    ///
    /// - Parameter wake: makes the loop call `take`; called from any thread.
    init(wake: @escaping @Sendable () -> Void) {
        self.wake = wake
    }

    /// Adds deliveries, and empties their array while keeping its memory.
    ///
    /// - Returns: whether the inbox was empty, so that the loop must be woken.
    func append(_ deliveries: inout [Delivery], step: UInt64, readAt: Instant?, now: Instant) -> Bool {
        contents.withLock { contents in
            let wasEmpty = contents.deliveries.isEmpty
            if wasEmpty {
                swap(&contents.deliveries, &deliveries)
                contents.waitingSince = now
            } else {
                contents.deliveries.append(contentsOf: deliveries)
                deliveries.removeAll(keepingCapacity: true)
            }
            if let readAt { contents.readTimes.append(readAt) }
            contents.step = step
            return wasEmpty
        }
    }

    /// Makes the loop look here.
    func wakeUp() { wake() }

    /// Exchanges what is in the inbox for what the caller is done with; its memory is used again.
    func take(_ taken: inout Contents) {
        taken.deliveries.removeAll(keepingCapacity: true)
        taken.readTimes.removeAll(keepingCapacity: true)
        taken.waitingSince = nil
        contents.withLock { contents in
            taken.step = contents.step
            swap(&contents, &taken)
        }
    }

    /// The loop has offered to the kernel all it took through a step. What was not taken stands in `progress` already.
    func reportFlushed(through step: UInt64) {
        flushedStep.store(step, ordering: .releasing)
    }

    /// Whether all deliveries of that step and those before have reached the kernel, but for clients that were waited for
    /// in vain.
    func isFlushed(through step: UInt64, at now: Instant) -> Bool {
        let last = contents.withLock { $0.step }
        return flushedStep.load(ordering: .acquiring) >= min(step, last) && progress.isReached(min(step, last), at: now)
    }
}
