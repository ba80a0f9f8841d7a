// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The pointer behind a Socket. It is shared by reference with the Poller and the SocketMonitor that watch the socket,
// so that neither can touch it once it is closed.

import CZeroMQ

/// Not thread-safe, like the socket itself.
final class SocketHandle {
    /// Nil once closed.
    private(set) var pointer: UnsafeMutableRawPointer?
    /// True while a `SocketMonitor` watches.
    var isMonitored = false
    /// Held because a context may end only after its sockets.
    private let context: Context

    init(_ pointer: UnsafeMutableRawPointer, of context: Context) {
        self.pointer = pointer
        self.context = context
    }

    deinit {
        close()
    }

    func close() {
        guard let pointer else { return }
        stopMonitoring()
        self.pointer = nil
        // Fails only for what is no socket.
        zmq_close(pointer)
    }

    /// To be called while the receiving end is still there: libzmq's I/O threads block on an event nobody can take.
    func stopMonitoring() {
        guard isMonitored, let pointer else { return }
        isMonitored = false
        zmq_socket_monitor(pointer, nil, 0)
    }

    func set<Number: FixedWidthInteger>(_ option: Int32, _ name: String, to value: Number) throws(ZeroMQError) {
        var value = value
        if zmq_setsockopt(pointer, option, &value, MemoryLayout<Number>.size) != 0 { throw .last("set \(name)") }
    }

    func set(_ option: Int32, _ name: String, to bytes: [UInt8]) throws(ZeroMQError) {
        if zmq_setsockopt(pointer, option, bytes, bytes.count) != 0 { throw .last("set \(name)") }
    }

    func number<Number: FixedWidthInteger>(
        _ option: Int32, _ name: String, as: Number.Type = Int32.self
    ) throws(ZeroMQError) -> Number {
        var value: Number = 0
        var size = MemoryLayout<Number>.size
        if zmq_getsockopt(pointer, option, &value, &size) != 0 { throw .last("get \(name)") }
        return value
    }

    func text(_ option: Int32, _ name: String) throws(ZeroMQError) -> String {
        var bytes = [UInt8](repeating: 0, count: 256)
        var size = bytes.count
        if zmq_getsockopt(pointer, option, &bytes, &size) != 0 { throw .last("get \(name)") }
        return String(decoding: bytes.prefix(size).prefix { $0 != 0 }, as: UTF8.self)
    }
}
