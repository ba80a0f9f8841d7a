// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The way from the dispatcher to the thread of one client: what concerns it, encoded and merged into one piece.

import RoostModel
import Synchronization

/// What one turn of the dispatcher has for one client.
struct ClientOrders: Sendable {
    /// Encoded messages, to be sent.
    var bytes: [UInt8] = []
    /// The client is registered.
    var isRegistered = false
    /// The connection is to be closed once the bytes are sent. Nothing follows.
    var isDisconnected = false
    /// Other limits hold from now on.
    var limits: ClientLimits?
    /// The last step that this comes from.
    var step: UInt64 = 0
    /// When the oldest read happened that caused this, and what the machine waited for.
    var readAt: Instant?

    var isEmpty: Bool { bytes.isEmpty && !isRegistered && !isDisconnected && limits == nil }

    /// Adds what came later.
    mutating func append(_ later: ClientOrders) {
        if bytes.isEmpty { bytes = later.bytes } else { bytes.append(contentsOf: later.bytes) }
        isRegistered = isRegistered || later.isRegistered
        isDisconnected = isDisconnected || later.isDisconnected
        limits = later.limits ?? limits
        step = max(step, later.step)
        readAt = readAt ?? later.readAt
    }
}

/// The way from the dispatcher to one client's thread.
final class ClientInbox: Sendable {
    private let orders = Mutex(ClientOrders())
    private let wake: @Sendable () -> Void

    init(wake: @escaping @Sendable () -> Void) { self.wake = wake }

    /// Adds orders, and wakes the thread if there were none.
    func append(_ new: ClientOrders) {
        let wasEmpty = orders.withLock { orders in
            defer { orders.append(new) }
            return orders.isEmpty
        }
        if wasEmpty { wake() }
    }

    /// Takes out all orders.
    func take() -> ClientOrders {
        orders.withLock { orders in
            defer { orders = ClientOrders() }
            return orders
        }
    }
}
