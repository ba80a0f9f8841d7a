// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Counts the connections, in all and for each address, and turns away those over a limit before they cost more than a
// descriptor.

import Glibc
import Synchronization

/// Who is connected from where.
final class AdmissionLedger: Sendable {
    private struct State {
        var accepted = 0
        var refused = 0
        var now = 0
        var peak = 0
        var byHost: [String: Int] = [:]
        var clientsMax: Int
        var clientsPerAddressMax: Int?
    }

    private let state: Mutex<State>

    /// No more clients than there are descriptors for: an event loop that gets none ends the process.
    private let clientsPossible: Int

    init(_ limits: ClientLimits, descriptorsPerClient: Int) {
        let descriptors = DescriptorLimit.raise(toward: limits.clients * descriptorsPerClient + Self.reserve)
        clientsPossible = max((descriptors - Self.reserve) / descriptorsPerClient, 1)
        state = Mutex(
            State(
                clientsMax: min(limits.clients, clientsPossible), clientsPerAddressMax: limits.clientsPerAddress))
    }

    /// Descriptors kept for ports, peers, files, and connections about to be turned away.
    private static let reserve = 256

    /// Holds newcomers to other limits. Those who are in stay.
    func setLimits(_ limits: ClientLimits) {
        state.withLock { state in
            state.clientsMax = min(limits.clients, clientsPossible)
            state.clientsPerAddressMax = limits.clientsPerAddress
        }
    }

    /// Takes in a connection, which `leave` ends.
    ///
    /// - Returns: why it is turned away, or nil.
    func enter(from host: String) -> String? {
        state.withLock { state in
            guard state.now < state.clientsMax else {
                state.refused += 1
                return "Too many connections"
            }
            guard state.byHost[host, default: 0] < state.clientsPerAddressMax ?? .max else {
                state.refused += 1
                return "Too many connections from your address"
            }
            state.accepted += 1
            state.now += 1
            state.peak = max(state.peak, state.now)
            state.byHost[host, default: 0] += 1
            return nil
        }
    }

    /// A connection that was taken in has ended.
    func leave(from host: String) {
        state.withLock { state in
            state.now -= 1
            let left = state.byHost[host, default: 1] - 1
            state.byHost[host] = left > 0 ? left : nil
        }
    }

    /// How many connections are open.
    var count: Int { state.withLock(\.now) }

    /// Adds what was counted.
    func add(to counters: inout ClientCounters) {
        state.withLock { state in
            counters.accepted += state.accepted
            counters.refused += state.refused
            counters.now += state.now
            counters.peak += state.peak
        }
    }
}

/// The process's limit on open descriptors.
enum DescriptorLimit {
    /// Raises the limit as far as the system lets an ordinary process, if it is below what is wanted.
    ///
    /// - Returns: the limit in force.
    static func raise(toward wanted: Int) -> Int {
        let kind = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(kind, &limit) == 0 else { return wanted }
        if limit.rlim_cur < rlim_t(wanted) {
            limit.rlim_cur = min(limit.rlim_max, rlim_t(wanted))
            setrlimit(kind, &limit)
            getrlimit(kind, &limit)
        }
        return Int(clamping: limit.rlim_cur)
    }
}
