// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Stops reading from clients while what they say cannot be passed on. Closed gates are noticed by a client's loop after
// its next read, so at most one read of each client still comes through.

import Synchronization

/// A gate that readers pass, and wait at while it is closed.
public final class ReadGate: Sendable {
    private struct State {
        var isClosed = false
        var waiting: [@Sendable () -> Void] = []
    }

    private let closed = Atomic(false)
    private let state = Mutex(State())

    /// An open gate.
    public init() {}

    /// Whether readers should ask to wait.
    var isClosed: Bool { closed.load(ordering: .relaxed) }

    /// Holds back readers from now on.
    func close() {
        state.withLock { $0.isClosed = true }
        closed.store(true, ordering: .relaxed)
    }

    /// Lets go all who wait.
    func open() {
        let waiting = state.withLock { state in
            state.isClosed = false
            closed.store(false, ordering: .relaxed)
            defer { state.waiting = [] }
            return state.waiting
        }
        for resume in waiting { resume() }
    }

    /// Calls back once, from any thread, when the gate opens.
    ///
    /// - Returns: false, without calling back, if it is open.
    func whenOpen(_ resume: @escaping @Sendable () -> Void) -> Bool {
        state.withLock { state in
            if state.isClosed { state.waiting.append(resume) }
            return state.isClosed
        }
    }
}
