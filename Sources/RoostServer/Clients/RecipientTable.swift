// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The clients that have threads of their own, and the spreading over their threads of what the machine has for them:
// encoded once for each variant of capabilities, handed to each thread once a turn.

import RoostIRC
import RoostModel
import RoostNode
import Synchronization

/// The clients that have threads of their own.
final class RecipientTable: Sendable {
    fileprivate struct Recipient: Sendable {
        let id: ConnectionID
        let inbox: ClientInbox
        var capabilities: CapabilitySet = []
        var orders = ClientOrders()
    }

    fileprivate struct State: Sendable {
        var recipients: [Recipient?] = []
        var freeSlots: [Int] = []
        var count: UInt64 = 0
        /// Those with orders in the turn at hand, each once.
        var dirty: [Int] = []
        /// The last step that was spread before the turn at hand.
        var spreadStep: UInt64 = 0
        var variants = EncodedVariants()
        var delivered = 0
    }

    private let state = Mutex(State())

    /// Takes in a client, and makes up its id.
    func add(_ inbox: ClientInbox) -> ConnectionID {
        state.withLock { state in
            let slot = state.freeSlots.popLast() ?? state.recipients.count
            if slot == state.recipients.count { state.recipients.append(nil) }
            state.count += 1
            let id = ConnectionID(lane: 0, count: state.count, slot: slot)
            state.recipients[slot] = Recipient(id: id, inbox: inbox)
            return id
        }
    }

    /// Forgets a client.
    func remove(_ id: ConnectionID) {
        state.withLock { state in
            guard state.recipients[id.slot]?.id == id else { return }
            state.recipients[id.slot] = nil
            state.freeSlots.append(id.slot)
        }
    }

    /// Hands each client its part of the deliveries.
    ///
    /// - Parameters:
    ///   - step: the last step among the deliveries.
    ///   - progress: is told who has something coming.
    /// - Returns: how many chat messages that were.
    func spread(_ deliveries: [Delivery], step: UInt64, owing progress: FlushProgress, readAt: Instant?) -> Int {
        state.withLock { state in
            for delivery in deliveries { state.sort(delivery) }
            // Before the threads can say that they have written it.
            let owed = state.dirty.compactMap { state.recipients[$0]?.id }
            progress.owe(owed, through: state.spreadStep, newest: step, at: SystemClock.instant())
            state.spreadStep = step
            for slot in state.dirty {
                guard var orders = state.recipients[slot]?.orders else { continue }
                state.recipients[slot]?.orders = ClientOrders()
                orders.readAt = readAt
                orders.step = step
                state.recipients[slot]?.inbox.append(orders)
            }
            state.dirty.removeAll(keepingCapacity: true)
            defer { state.delivered = 0 }
            return state.delivered
        }
    }

    /// Closes all connections once what is queued for them is sent.
    func disconnectAll() {
        var orders = ClientOrders()
        orders.isDisconnected = true
        order(orders)
    }

    /// Holds the clients to other limits.
    func setLimits(_ limits: ClientLimits) {
        var orders = ClientOrders()
        orders.limits = limits
        order(orders)
    }

    /// Hands the same to all.
    private func order(_ orders: ClientOrders) {
        let inboxes = state.withLock { $0.recipients.compactMap { $0?.inbox } }
        for inbox in inboxes { inbox.append(orders) }
    }
}

extension RecipientTable.State {
    mutating func sort(_ delivery: Delivery) {
        switch delivery {
        case .send(let message, let id):
            send(message, to: CollectionOfOne(id), except: nil)
        case .fanOut(let message, let ids, let except):
            send(message, to: ids, except: except)
        case .setCapabilities(let id, let capabilities):
            if let slot = slot(of: id) { recipients[slot]?.capabilities = capabilities }
        case .registered(let id):
            order(id) { $0.isRegistered = true }
        case .disconnect(let id):
            order(id) { $0.isDisconnected = true }
        }
    }

    private mutating func send(
        _ message: OutgoingMessage, to ids: some Sequence<ConnectionID>, except: ConnectionID?
    ) {
        variants.begin(message)
        let isChat = message.isChat
        for id in ids where id != except {
            guard let slot = slot(of: id), let capabilities = recipients[slot]?.capabilities else { continue }
            let bytes = variants.bytes(of: message, for: capabilities)
            guard !bytes.isEmpty else { continue }
            if isChat { delivered += 1 }
            order(id) { $0.bytes.append(contentsOf: bytes) }
        }
    }

    private mutating func order(_ id: ConnectionID, _ change: (inout ClientOrders) -> Void) {
        guard let slot = slot(of: id), let isClean = recipients[slot]?.orders.isEmpty else { return }
        if isClean { dirty.append(slot) }
        if var orders = recipients[slot]?.orders {
            // Out of the table while it changes, so that its bytes are not copied.
            recipients[slot]?.orders = ClientOrders()
            change(&orders)
            recipients[slot]?.orders = orders
        }
    }

    private func slot(of id: ConnectionID) -> Int? {
        id.slot < recipients.count && recipients[id.slot]?.id == id ? id.slot : nil
    }
}
