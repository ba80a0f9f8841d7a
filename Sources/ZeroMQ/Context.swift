// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The context: libzmq's I/O threads and the name space of inproc endpoints. A process has one. Sockets keep it alive,
// so it ends only after the last of them.

import CZeroMQ
import Synchronization

/// libzmq's side of the process. Any thread may use it; the sockets it makes belong to one thread each.
///
/// To leave: `shutDown()` from anywhere, which fails every blocking call with `terminated`; close the sockets on their
/// thread; then `terminate()`, or just let go of the context.
public final class Context: Sendable {
    /// A pointer that may cross threads: libzmq's contexts are thread-safe, and every use is under `handle`'s lock.
    private struct Handle: @unchecked Sendable {
        /// Nil once terminated.
        var pointer: UnsafeMutableRawPointer?
        var monitorsStarted: UInt64 = 0
        /// True while a `ZAPHandler` of this context is bound.
        var authenticates = false
    }

    private let handle: Mutex<Handle>

    /// - Parameters:
    ///   - ioThreads: threads of libzmq that move bytes; one is good for about a gigabit a second.
    ///   - maxSockets: sockets that may be open at once; `tooManyOpen` beyond.
    public init(ioThreads: Int = 1, maxSockets: Int = 1024) throws(ZeroMQError) {
        guard let pointer = zmq_ctx_new() else { throw .last("create context") }
        handle = Mutex(Handle(pointer: pointer))
        // A socket whose linger nobody set must not hold up the end of the process: without "blocky" it defaults to 0.
        let settings: [(option: Int32, value: Int, name: String)] = [
            (ZMQ_IO_THREADS, ioThreads, "set ZMQ_IO_THREADS"),
            (ZMQ_MAX_SOCKETS, maxSockets, "set ZMQ_MAX_SOCKETS"),
            (ZMQ_BLOCKY, 0, "set ZMQ_BLOCKY"),
        ]
        for setting in settings where zmq_ctx_set(pointer, setting.option, Int32(clamping: setting.value)) != 0 {
            throw .last(setting.name)
        }
    }

    deinit {
        terminate()
    }

    /// Makes every blocking call on every socket fail with `terminated`, from now on. Returns at once; may be repeated.
    public func shutDown() {
        handle.withLock { handle in
            if let pointer = handle.pointer {
                // Fails only for what is no context.
                zmq_ctx_shutdown(pointer)
            }
        }
    }

    /// Waits until every socket is closed and has lingered, then ends the I/O threads. Called on a thread that still
    /// holds an open socket it never returns. May be repeated.
    public func terminate() {
        let last = handle.withLock { handle in
            defer { handle.pointer = nil }
            return Handle(pointer: handle.pointer)
        }
        guard let pointer = last.pointer else { return }
        // Only a signal can interrupt it, and it is to be called again then.
        while zmq_ctx_term(pointer) != 0 && ZeroMQError.Code(number: zmq_errno()) == .interrupted {}
    }

    /// Whether a `ZAPHandler` is bound, so that CURVE servers of this context refuse strangers.
    public var authenticates: Bool {
        handle.withLock { $0.authenticates }
    }

    func setAuthenticates(_ bound: Bool) {
        handle.withLock { $0.authenticates = bound }
    }

    func makeSocket(_ kind: Socket.Kind) throws(ZeroMQError) -> SocketHandle {
        let made = handle.withLock { handle -> Result<Handle, ZeroMQError> in
            let operation = "create \(kind) socket"
            guard let context = handle.pointer else {
                return .failure(ZeroMQError(.terminated, operation, text: "the context was terminated"))
            }
            guard let socket = zmq_socket(context, kind.number) else { return .failure(.last(operation)) }
            return .success(Handle(pointer: socket))
        }
        guard let pointer = try made.get().pointer else {
            preconditionFailure("zmq_socket gave neither a socket nor an error")
        }
        return SocketHandle(pointer, of: self)
    }

    /// An inproc endpoint that nothing else in this context uses.
    func uniqueMonitorEndpoint() -> String {
        handle.withLock { handle in
            handle.monitorsStarted += 1
            return "inproc://roost-monitor-\(handle.monitorsStarted)"
        }
    }
}

/// Which libzmq this is.
public enum Library {
    /// The version that runs, such as 4.3.4.
    public static var version: (major: Int, minor: Int, patch: Int) {
        var (major, minor, patch): (Int32, Int32, Int32) = (0, 0, 0)
        zmq_version(&major, &minor, &patch)
        return (Int(major), Int(minor), Int(patch))
    }

    /// The version of the header this was compiled against.
    public static var headerVersion: (major: Int, minor: Int, patch: Int) {
        let version = Int(roost_zmq_header_version())
        return (version / 10_000, version / 100 % 100, version % 100)
    }

    /// Whether the library was built with CURVE.
    public static var hasCurve: Bool { zmq_has("curve") == 1 }
}
