// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Where a server listens: parsed from HOST:PORT, resolved once, and connected to many times.

import Glibc

/// One server, or one node of a cluster.
struct Endpoint: Sendable {
    let host: String
    let port: UInt16

    var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Nil unless the text is `HOST:PORT` or `[IPV6]:PORT`.
    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]), port > 0 else {
            return nil
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty else { return nil }
        self.host = String(host)
        self.port = port
    }

    func resolve() throws(BenchFailure) -> SocketAddress {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hints, &list)
        defer { freeaddrinfo(list) }
        guard status == 0, let first = list?.pointee, let address = first.ai_addr else {
            throw BenchFailure(
                code: .system, attempted: "resolving the address", target: description,
                cause: status == 0 ? "no address" : String(cString: gai_strerror(status)))
        }
        var storage = sockaddr_storage()
        withUnsafeMutableBytes(of: &storage) { bytes in
            bytes.copyMemory(from: UnsafeRawBufferPointer(start: address, count: Int(first.ai_addrlen)))
        }
        return SocketAddress(family: first.ai_family, storage: storage, length: first.ai_addrlen)
    }
}

/// A resolved address, ready for `connect`.
struct SocketAddress {
    let family: Int32
    private let storage: sockaddr_storage
    private let length: socklen_t

    init(family: Int32, storage: sockaddr_storage, length: socklen_t) {
        self.family = family
        self.storage = storage
        self.length = length
    }

    /// Starts connecting a new non-blocking socket and returns its descriptor; -1 with `errno` set if that fails.
    /// `ordinal` counts the connections to this address: one source address has some 28,000 ports, so on IPv4 loopback
    /// each 25,000 connections take a further one, 127.0.0.2 and so on.
    func connect(ordinal: Int, receiveBytes: Int32? = nil) -> Int32 {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(family, type, 0)
        guard descriptor >= 0 else { return -1 }
        set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        if let receiveBytes { set(descriptor, SOL_SOCKET, SO_RCVBUF, receiveBytes) }
        // Closing resets the connection, which leaves no port in TIME_WAIT for the next row to stumble over.
        var linger = Glibc.linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        if ordinal >= Self.connectionsPerSource, isLoopbackIPv4 {
            bind(descriptor, sourceNumber: ordinal / Self.connectionsPerSource)
        }
        var address = storage
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(descriptor, $0, length) }
        }
        if status == 0 || errno == EINPROGRESS { return descriptor }
        let error = errno
        close(descriptor)
        errno = error
        return -1
    }

    private static let connectionsPerSource = 25_000

    private var isLoopbackIPv4: Bool {
        guard family == AF_INET else { return false }
        return withUnsafeBytes(of: storage) { $0.loadUnaligned(as: sockaddr_in.self).sin_addr.s_addr & 0xff == 127 }
    }

    private func bind(_ descriptor: Int32, sourceNumber: Int) {
        set(descriptor, Int32(IPPROTO_IP), IP_BIND_ADDRESS_NO_PORT, 1)
        var source = sockaddr_in()
        source.sin_family = sa_family_t(AF_INET)
        source.sin_addr.s_addr = (0x7f00_0001 + UInt32(truncatingIfNeeded: sourceNumber)).bigEndian
        // A refusal shows itself as a failed connect once the default source has no port left.
        _ = withUnsafePointer(to: &source) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    private func set(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }
}
