// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What the front end counts, for the statistics. Each loop adds up in plain integers, and brings a cell behind a lock
// up to date once a turn.

import RoostModel
import RoostStats
import Synchronization

/// The state of the front end's counters. Totals never fall.
public struct ClientCounters: Sendable {
    /// Connections accepted.
    public var accepted = 0
    /// Connections turned away by a limit at once.
    public var refused = 0
    /// Connections open.
    public var now = 0
    /// The most that were open together.
    public var peak = 0
    /// Bytes read from clients.
    public var bytesIn = 0
    /// Bytes handed to the kernel for clients.
    public var bytesOut = 0
    /// Chat messages written to clients' buffers, one for each recipient.
    public var delivered = 0
    /// The longest that deliveries waited for a loop since the counters were last taken.
    public var loopLag = Duration.zero
    /// From a client's bytes being read to what they caused being handed to the kernel, since the counters were last
    /// taken.
    public var latency = LatencyHistogram()

    /// Nothing counted.
    public init() {}
}

/// What one loop counts in a turn.
struct ClientTally: Sendable {
    var bytesIn = 0
    var bytesOut = 0
    var delivered = 0

    var isEmpty: Bool { bytesIn == 0 && bytesOut == 0 && delivered == 0 }
}

/// The counters of one loop, or of all threads of clients that have one each.
final class CounterCell: Sendable {
    private struct State {
        var tally = ClientTally()
        var lag = Duration.zero
        var latency = LatencyHistogram()
    }

    private let state = Mutex(State())

    func add(_ tally: ClientTally) {
        guard !tally.isEmpty else { return }
        state.withLock { state in
            state.tally.bytesIn += tally.bytesIn
            state.tally.bytesOut += tally.bytesOut
            state.tally.delivered += tally.delivered
        }
    }

    /// What was waited for from `since` to `taken` was flushed at `flushed`.
    func record(waitingSince since: Instant?, taken: Instant, flushed: Instant, readTimes: [Instant]) {
        state.withLock { state in
            if let since { state.lag = max(state.lag, taken - since) }
            for readAt in readTimes { state.latency.record(flushed - readAt) }
        }
    }

    /// Adds what was counted, and begins anew with what is kept from one look to the next only.
    func take(into counters: inout ClientCounters) {
        let taken = state.withLock { state in
            defer {
                state.lag = .zero
                state.latency = LatencyHistogram()
            }
            return state
        }
        counters.bytesIn += taken.tally.bytesIn
        counters.bytesOut += taken.tally.bytesOut
        counters.delivered += taken.tally.delivered
        counters.loopLag = max(counters.loopLag, taken.lag)
        counters.latency.merge(taken.latency)
    }
}
