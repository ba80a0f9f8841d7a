// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// How far what the machine ordered for the clients of a lane has reached the kernel. Nodes report it to each other
// (DESIGN §7): should this one die, others send its users again what came after. A client that does not read holds the
// report back for a moment only, since it would hold it back for all; what it misses then it would have missed anyway.

import RoostModel
import RoostNode
import Synchronization

/// The clients of a lane that have been ordered more than the kernel has taken. May be used from any thread.
final class FlushProgress: Sendable {
    /// How long a client that takes nothing is waited for.
    static let patience = Duration.milliseconds(500)

    /// What one client has coming.
    private struct Debt {
        /// Everything up to this step has reached the kernel.
        var through: UInt64
        /// The last step with something for the client.
        var newest: UInt64
        /// When `through` rose last.
        var since: Instant
    }

    private struct State {
        var debts: [ConnectionID: Debt] = [:]
        /// Clients that were waited for in vain, until they have caught up.
        var lagging: Set<ConnectionID> = []
    }

    private let state = Mutex(State())

    /// Some clients have something coming.
    ///
    /// - Parameters:
    ///   - through: everything for them up to this step has reached the kernel.
    ///   - newest: nothing for them comes from later steps than this.
    func owe(_ clients: some Sequence<ConnectionID>, through: UInt64, newest: UInt64, at now: Instant) {
        state.withLock { state in
            for client in clients where !state.lagging.contains(client) {
                guard var debt = state.debts[client] else {
                    state.debts[client] = Debt(through: through, newest: newest, since: now)
                    continue
                }
                if through > debt.through {
                    debt.through = through
                    debt.since = now
                }
                debt.newest = max(debt.newest, newest)
                state.debts[client] = debt
            }
        }
    }

    /// Everything for a client up to that step has reached the kernel.
    func reached(_ client: ConnectionID, step: UInt64, at now: Instant) {
        state.withLock { state in
            guard var debt = state.debts[client] else {
                if !state.lagging.isEmpty { state.lagging.remove(client) }
                return
            }
            guard debt.newest > step else {
                state.debts[client] = nil
                return
            }
            if step > debt.through {
                debt.through = step
                debt.since = now
                state.debts[client] = debt
            }
        }
    }

    /// The client is gone, or is told nothing more.
    func forget(_ client: ConnectionID) {
        state.withLock { state in
            state.debts[client] = nil
            state.lagging.remove(client)
        }
    }

    /// Whether everything up to that step has reached the kernel, for all clients that are waited for.
    func isReached(_ step: UInt64, at now: Instant) -> Bool {
        state.withLock { state in
            guard !state.debts.isEmpty else { return true }
            for (client, debt) in state.debts where now - debt.since > Self.patience {
                state.debts[client] = nil
                state.lagging.insert(client)
            }
            return state.debts.values.allSatisfy { $0.through >= step }
        }
    }
}
