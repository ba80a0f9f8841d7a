// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// TCP sockets that never block, for loops around poll(2). Raw memory appears here because the system calls want it; no
// pointer leaves this file.

import Glibc
import RoostConfiguration

/// A connected or connecting socket, or one that listens. Closed when nobody holds it any more.
final class StreamSocket {
    let descriptor: Int32

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Starts to connect to an IPv4 address; nil where that is refused at once.
    static func connecting(to endpoint: Endpoint) -> StreamSocket? {
        guard let socket = made() else { return nil }
        let status = withAddress(of: endpoint) { connect(socket.descriptor, $0, $1) }
        return status == 0 || status == -1 && errno == EINPROGRESS ? socket : nil
    }

    /// Listens on an IPv4 address; nil where the system refuses, with `errno` set.
    static func listening(on endpoint: Endpoint) -> StreamSocket? {
        guard let socket = made() else { return nil }
        socket.set(SOL_SOCKET, SO_REUSEADDR, 1)
        let isBound = withAddress(of: endpoint) { bind(socket.descriptor, $0, $1) } == 0
        return isBound && listen(socket.descriptor, 128) == 0 ? socket : nil
    }

    /// Whether somebody listens on an IPv4 address of this machine: such an address cannot be bound, even by one who
    /// does not mind what lingers there.
    static func isListening(on endpoint: Endpoint) -> Bool {
        guard let socket = made() else { return false }
        socket.set(SOL_SOCKET, SO_REUSEADDR, 1)
        return withAddress(of: endpoint) { bind(socket.descriptor, $0, $1) } != 0
    }

    /// The next connection that waits; nil if there is none.
    func accept() -> StreamSocket? {
        let descriptor = Glibc.accept(descriptor, nil, nil)
        guard descriptor >= 0 else { return nil }
        let socket = StreamSocket(descriptor)
        socket.prepare()
        return socket
    }

    /// Why connecting failed, or 0: to be asked once the socket is writable.
    var connectError: Int32 {
        var error: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) == 0 ? error : errno
    }

    /// The port of the other end of an IPv4 connection; nil where it is gone.
    var remotePort: Int? {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getpeername(descriptor, $0, &length) }
        }
        return status == 0 ? Int(in_port_t(bigEndian: address.sin_port)) : nil
    }

    /// Whether the other end has closed, whatever is still to be read.
    var isClosedRemotely: Bool {
        var polled = pollfd(fd: descriptor, events: Int16(0x2000), revents: 0)  // POLLRDHUP, a GNU extension
        return poll(&polled, 1, 0) > 0
    }

    /// What a read gave.
    enum Reading {
        case bytes([UInt8])
        case nothing
        case end
    }

    /// Reads what is there, so many bytes at most.
    func read(atMost limit: Int = 65_536) -> Reading {
        withUnsafeTemporaryAllocation(byteCount: limit, alignment: 16) { buffer in
            let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if count > 0 { return .bytes(Array(buffer[..<count])) }
            return count < 0 && (errno == EAGAIN || errno == EINTR) ? .nothing : .end
        }
    }

    /// Writes as much as the system takes; how much that was, or nil when the connection is broken.
    func write(_ bytes: ArraySlice<UInt8>) -> Int? {
        guard !bytes.isEmpty else { return 0 }
        let count = bytes.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        if count >= 0 { return count }
        return errno == EAGAIN || errno == EINTR ? 0 : nil
    }

    /// Has the close of this socket reset the connection.
    func resetOnClose() {
        var linger = Glibc.linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
    }

    private static func made() -> StreamSocket? {
        let descriptor = socket(
            AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        let socket = StreamSocket(descriptor)
        socket.set(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        return socket
    }

    private func prepare() {
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        set(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
    }

    private func set(_ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func withAddress(
        of endpoint: Endpoint, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(truncatingIfNeeded: endpoint.port).bigEndian
        guard inet_pton(AF_INET, endpoint.host, &address.sin_addr) == 1 else {
            errno = EINVAL
            return -1
        }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}

/// Waits for some sockets at once.
enum Polling {
    /// Waits until a descriptor is ready for what is asked of it, or the time is over; what each is ready for, in
    /// order. An error or a hang-up makes it ready for whatever was asked.
    static func wait(_ wanted: [(descriptor: Int32, reads: Bool, writes: Bool)], for limit: Duration) -> [Readiness] {
        var polled = wanted.map { want in
            let events = (want.reads ? Int16(POLLIN) : 0) | (want.writes ? Int16(POLLOUT) : 0)
            return pollfd(fd: want.descriptor, events: events, revents: 0)
        }
        // Rounded up: a wait of less than a millisecond must not become a spin.
        let milliseconds = Int32(clamping: max(0, (limit + .microseconds(999)).inMilliseconds))
        guard poll(&polled, nfds_t(polled.count), milliseconds) > 0 else {
            return Array(repeating: Readiness(), count: wanted.count)
        }
        let broken = Int16(POLLERR | POLLHUP | POLLNVAL)
        return zip(polled, wanted).map { poll, want in
            Readiness(
                reads: want.reads && poll.revents & (Int16(POLLIN) | broken) != 0,
                writes: want.writes && poll.revents & (Int16(POLLOUT) | broken) != 0)
        }
    }

    struct Readiness {
        var reads = false
        var writes = false
    }
}
