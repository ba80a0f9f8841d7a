// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The way from the machine to the mesh thread. Nothing in it is ever dropped: above its limit clients are not read
// until it is drained, and what other nodes cause is little.

import RoostNode
import RoostRoster
import RoostWire
import Synchronization

/// An effect that concerns other nodes. What is large and seldom is indirect, as in `NodeEffect`.
public enum MeshOrder: Equatable, Sendable {
    /// See `NodeEffect.openLink`.
    case openLink(LinkID, address: String)
    /// See `NodeEffect.closeLink`.
    case closeLink(LinkID)
    /// See `NodeEffect.probe`.
    case probe(LinkID, address: String)
    /// See `NodeEffect.publish`.
    case publish(Event)
    /// See `NodeEffect.publishAcknowledgement`.
    indirect case publishAcknowledgement(Acknowledgement)
    /// See `NodeEffect.publishHeartbeat`.
    indirect case publishHeartbeat(Heartbeat)
    /// See `NodeEffect.sendControl`.
    indirect case sendControl(ControlFrame, to: ControlSource)
}

/// What the machine has for the mesh thread, in step order.
public final class MeshOutbox: Sendable {
    /// What wakes the mesh thread. A struct, since a bare closure in generic storage is wrapped in one more thunk with
    /// each access, and after a million messages runs through a million of them.
    private struct Wake: Sendable {
        let call: @Sendable () -> Void
    }

    private struct State {
        var orders: [MeshOrder] = []
        var bytes = 0
    }

    /// Holds back clients while the outbox is over its limit.
    public let gate = ReadGate()
    private let state = Mutex(State())
    private let heard = Atomic(true)
    private let ordersMax: Int
    private let bytesMax: Int
    private let wake: Mutex<Wake>

    /// An empty outbox.
    ///
    /// - Parameters:
    ///   - ordersMax: at that many orders reading from clients pauses.
    ///   - bytesMax: at that many bytes, roughly as they will be on the wire, it pauses too.
    ///   - wake: makes the mesh thread call `take`; called from any thread.
    public init(
        ordersMax: Int = 65_536, bytesMax: Int = 64 << 20, wake: @escaping @Sendable () -> Void = {}
    ) {
        self.ordersMax = ordersMax
        self.bytesMax = bytesMax
        self.wake = Mutex(Wake(call: wake))
    }

    /// Replaces what wakes the mesh thread, for a thread that is made later than the outbox.
    public func setWake(_ wake: @escaping @Sendable () -> Void) {
        self.wake.withLock { $0 = Wake(call: wake) }
    }

    /// Whether anybody is subscribed to this node's events. While nobody is, they need not come here: a publisher would
    /// drop them, and whoever subscribes learns of them by a snapshot or a replay.
    var isHeard: Bool {
        get { heard.load(ordering: .relaxed) }
        set { heard.store(newValue, ordering: .relaxed) }
    }

    /// Takes all orders out, and lets clients be read again.
    public func take() -> [MeshOrder] {
        let orders = state.withLock { state in
            let orders = state.orders
            state = State()
            return orders
        }
        if gate.isClosed { gate.open() }
        return orders
    }

    /// Adds orders, and empties their array.
    ///
    /// - Returns: whether the outbox was empty, so that the mesh thread must be woken.
    func append(_ orders: inout [MeshOrder]) -> Bool {
        let bytes = orders.reduce(0) { $0 + $1.roughBytes }
        let (wasEmpty, isFull) = state.withLock { state in
            let wasEmpty = state.orders.isEmpty
            state.orders.append(contentsOf: orders)
            state.bytes += bytes
            return (wasEmpty, state.orders.count >= ordersMax || state.bytes >= bytesMax)
        }
        orders.removeAll(keepingCapacity: true)
        // Closed under the driver's lock, so no step can come in between; if the mesh thread drained the outbox just
        // now it opens the gate at its next look, which the wake-up below makes sure of.
        if isFull { gate.close() }
        return wasEmpty || isFull
    }

    /// Makes the mesh thread look here, and at the driver's deadline.
    func wakeUp() {
        wake.withLock { $0 }.call()
    }
}

extension MeshOrder {
    /// About as many bytes as it takes on the wire: enough to bound memory by.
    fileprivate var roughBytes: Int {
        switch self {
        case .publish(let event): return event.approximateBytes
        case .sendControl(let frame, _):
            switch frame.message {
            case .snapshotChunk(_, _, _, let bytes): return bytes.count
            case .replay(_, let events): return events.reduce(64) { $0 + $1.approximateBytes }
            default: return 256
            }
        default:
            return 256
        }
    }
}
