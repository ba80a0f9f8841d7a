// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Wakes a thread that waits in a Poller, from any other thread.

import CZeroMQ

/// A kernel event counter (eventfd). One thread polls and drains it; any may signal. A signal given between a drain and
/// the next wait is not lost. To save system calls, signal only when the queue behind it was empty.
public final class WakeUp: Sendable {
    /// For a `Poller`; owned by this object.
    public let descriptor: Int32

    /// - Throws: `tooManyOpen`.
    public init() throws(ZeroMQError) {
        descriptor = roost_eventfd_create()
        if descriptor < 0 { throw .last("create eventfd") }
    }

    deinit {
        if descriptor >= 0 { roost_descriptor_close(descriptor) }
    }

    /// Makes the descriptor readable until it is drained. Never blocks.
    public func signal() {
        // The only failure left, a full counter, is readable too.
        _ = roost_eventfd_signal(descriptor)
    }

    /// Makes the descriptor unreadable again. Drain first and then look at the queue, never the other way round.
    /// - Returns: whether it had been signalled.
    @discardableResult
    public func drain() -> Bool {
        roost_eventfd_drain(descriptor) > 0
    }
}
