// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Waits for several sockets, monitors, wake-ups and plain descriptors at once.

import CZeroMQ

/// A set of sources, each under a name of the caller's choosing, and one call that waits for any of them.
///
/// It belongs to the thread that owns the sockets. A socket that is closed leaves by itself. A descriptor must be
/// removed before it is closed, since its number may come to mean another file.
public struct Poller<Source: Hashable & Sendable>: ~Copyable {
    /// What to wait for, and what was found.
    public struct Events: OptionSet, Hashable, Sendable {
        /// The bits as libzmq has them.
        public let rawValue: Int16

        /// From libzmq's bits.
        public init(rawValue: Int16) {
            self.rawValue = rawValue
        }

        /// A message, or bytes, can be read.
        public static var readable: Events { Events(rawValue: Int16(ZMQ_POLLIN)) }
        /// Something can be written.
        public static var writable: Events { Events(rawValue: Int16(ZMQ_POLLOUT)) }
        /// Descriptors only: broken. It is reported unasked.
        public static var failed: Events { Events(rawValue: Int16(ZMQ_POLLERR)) }
    }

    /// A source with something to do.
    public struct Ready: Hashable, Sendable {
        /// Its name.
        public let source: Source
        /// Never empty.
        public let events: Events
    }

    private struct Entry {
        let source: Source
        /// Nil for a descriptor.
        let handle: SocketHandle?
        /// What the source lives in, if it is to live as long as the entry.
        let owner: WakeUp?
    }

    /// Equal in count and order to `items`.
    private var entries: [Entry] = []
    private var items: [zmq_pollitem_t] = []
    private var ready: [Ready] = []

    /// A poller that waits for nothing.
    public init() {}

    /// Waits for a socket too. Names are unique.
    public mutating func add(_ socket: borrowing Socket, as source: Source, for events: Events = .readable) {
        insert(Entry(source: source, handle: socket.handle, owner: nil), descriptor: 0, for: events)
    }

    /// Waits for events of a monitor too.
    public mutating func add(_ monitor: borrowing SocketMonitor, as source: Source) {
        add(monitor.events, as: source)
    }

    /// Waits for a signal too.
    public mutating func add(_ wakeUp: WakeUp, as source: Source) {
        insert(
            Entry(source: source, handle: nil, owner: wakeUp), descriptor: wakeUp.descriptor, for: .readable)
    }

    /// Waits for a descriptor too.
    public mutating func add(descriptor: Int32, as source: Source, for events: Events = .readable) {
        insert(Entry(source: source, handle: nil, owner: nil), descriptor: descriptor, for: events)
    }

    /// Waits for requests to answer too.
    public mutating func add(_ handler: borrowing ZAPHandler, as source: Source) {
        add(handler.requests, as: source)
    }

    /// Waits for something else of a source; for nothing, if `events` is empty.
    public mutating func change(_ source: Source, to events: Events) {
        guard let index = entries.firstIndex(where: { $0.source == source }) else { return }
        items[index].events = events.rawValue
    }

    /// Waits for a source no longer.
    public mutating func remove(_ source: Source) {
        guard let index = entries.firstIndex(where: { $0.source == source }) else { return }
        remove(at: index)
    }

    /// Waits until a source is ready.
    /// - Parameter timeout: at most, rounded up to milliseconds; zero only looks, nil is for ever.
    /// - Returns: what is ready, in the order in which it was added; nothing after the timeout or a signal.
    ///   The array is used again: one that is let go of before the next call costs no allocation.
    /// - Throws: `terminated`.
    public mutating func wait(timeout: Duration?) throws(ZeroMQError) -> [Ready] {
        ready.removeAll(keepingCapacity: true)
        for index in entries.indices.reversed() {
            guard let handle = entries[index].handle, handle.pointer == nil else { continue }
            remove(at: index)
        }
        let milliseconds = timeout.map { $0.wholeMilliseconds } ?? -1
        let count = zmq_poll(&items, Int32(items.count), milliseconds)
        if count < 0 {
            let error = ZeroMQError.last("poll")
            if error.code == .interrupted { return [] }
            throw error
        }
        if count > 0 {
            for (entry, item) in zip(entries, items) where item.revents != 0 {
                ready.append(Ready(source: entry.source, events: Events(rawValue: item.revents)))
            }
        }
        return ready
    }

    private mutating func insert(_ entry: Entry, descriptor: Int32, for events: Events) {
        precondition(!entries.contains { $0.source == entry.source }, "\(entry.source) is polled already")
        entries.append(entry)
        items.append(
            zmq_pollitem_t(socket: entry.handle?.pointer, fd: descriptor, events: events.rawValue, revents: 0))
    }

    private mutating func remove(at index: Int) {
        entries.remove(at: index)
        items.remove(at: index)
    }
}
