// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Feeds the machine and performs its effects. One lock around the machine, entered once for each turn of a loop of
// clients, or batch of a peer; parsing, encoding and writing stay outside. What a step hands out is in the queues of the
// threads that it concerns before the lock is released, so no two of them see steps in different orders. Threads are
// woken, and everything that may take time is done, after that.

import RoostModel
import RoostNode
import Synchronization

/// The shell around one machine.
public final class NodeDriver<M: Machine>: InputSink {
    private struct State {
        var machine: M
        var effects = NodeEffects()
        var outgoing: Outgoing
        /// Counts the entries, so that a lane can tell how far it has flushed.
        var step: UInt64 = 0
        var mark: DeliveryMark?
    }

    private let state: Mutex<State>
    private let lanes: [LaneInbox]
    private let outbox: MeshOutbox
    private let actions: DriverActions
    private let deadline = Atomic<UInt64>(.max)
    private let passwords: PasswordQueue

    /// A driver that has not told the machine anything yet: the first input, `started`, is the caller's to give.
    ///
    /// - Parameters:
    ///   - lanes: leads to the clients; a connection's lane is its place in this array.
    ///   - outbox: leads to the mesh thread.
    public init(machine: M, lanes: [LaneInbox], outbox: MeshOutbox, actions: DriverActions) {
        state = Mutex(State(machine: machine, outgoing: Outgoing(lanes: lanes.count)))
        self.lanes = lanes
        self.outbox = outbox
        self.actions = actions
        passwords = PasswordQueue(check: actions.checkPassword)
    }

    /// When `deadlineReached` is to be called next; nil for never. When it moves to an earlier time the outbox's
    /// wake-up is called, so whoever serves it looks here again.
    public var nextDeadline: Instant? {
        let nanoseconds = deadline.load(ordering: .acquiring)
        return nanoseconds == .max ? nil : Instant(nanoseconds: nanoseconds)
    }

    /// Tells the machine that the time has come, if it has.
    public func deadlineReached() {
        guard let nextDeadline, nextDeadline <= SystemClock.instant() else { return }
        receive([.deadlineReached])
    }

    /// See `InputSink`.
    public func receive(_ inputs: [NodeInput], readAt: Instant?) {
        guard !inputs.isEmpty else { return }
        var afterwards = Afterwards()
        state.withLock { state in
            let now = SystemClock.moment()
            state.step += 1
            for input in inputs {
                state.machine.step(input, at: now, into: &state.effects)
            }
            let isHeard = outbox.isHeard
            for effect in state.effects.queue {
                state.outgoing.sort(effect, isHeard: isHeard, into: &afterwards)
            }
            state.effects.queue.removeAll(keepingCapacity: true)
            state.outgoing.handOut(
                to: lanes, and: outbox, step: state.step, readAt: readAt, now: now.instant, waking: &afterwards)
            let next = state.machine.nextDeadline?.nanoseconds ?? .max
            let previous = deadline.exchange(next, ordering: .releasing)
            if next < previous { afterwards.wakesMesh = true }
        }
        perform(afterwards)
        for case .clientLost(let connection, _) in inputs { passwords.forget(connection) }
        for connection in afterwards.disconnected { passwords.forget(connection) }
    }

    /// How far the machine has applied each stream.
    public var applied: Vector { state.withLock { $0.machine.applied } }

    /// Looks at the machine between two steps. Whatever the query does, all clients wait for.
    public func query<Answer: Sendable>(_ query: (M) -> Answer) -> Answer {
        state.withLock { query($0.machine) }
    }

    /// Tells the machine how far its deliveries have reached the kernel, if that is further than it knows. To be called
    /// every few milliseconds while there is traffic, and cheap: a mark is set in the sequence of steps, and reported
    /// once the kernel has taken what was handed out before it, for every client that is still there and was not waited for
    /// in vain (`FlushProgress`).
    public func reportDelivered() {
        let now = SystemClock.instant()
        let reached: Vector? = state.withLock { state in
            var reached: Vector?
            if let mark = state.mark {
                guard lanes.allSatisfy({ $0.isFlushed(through: mark.step, at: now) }) else { return nil }
                if !mark.isReported { reached = mark.applied }
            }
            let applied = state.machine.applied
            let isNews = !applied.positions.isEmpty && state.mark?.applied != applied
            state.mark = DeliveryMark(step: state.step, applied: applied, isReported: !isNews)
            return reached
        }
        if let reached { receive([.delivered(reached)]) }
    }

    private func perform(_ afterwards: Afterwards) {
        for lane in afterwards.lanesToWake { lanes[lane].wakeUp() }
        if afterwards.wakesMesh { outbox.wakeUp() }
        for action in afterwards.actions {
            switch action {
            case .acceptClients: actions.acceptClients()
            case .reloadSettings: actions.reloadSettings()
            case .stop: actions.stop()
            case .note(let note): actions.note(note)
            case .checkPassword(let connection, let purpose, let given, let stored):
                passwords.check(given, against: stored, for: connection) { [self] matches in
                    receive([.passwordChecked(connection, purpose, matches: matches)])
                }
            }
        }
    }
}

/// A place in the sequence of steps, and how far the machine had come there.
private struct DeliveryMark: Sendable {
    var step: UInt64
    var applied: Vector
    var isReported: Bool
}
