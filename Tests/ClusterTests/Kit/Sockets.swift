// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Ports of 127.0.0.1 on which nothing listens.

import Glibc

/// Hands out ports below those that the system gives to connecting sockets, each once.
@ProcessThread
enum FreePorts {
    private static let range = 20_000..<32_000
    /// Two test runs at the same moment begin at different places.
    private static var next = range.lowerBound + Int(getpid()) * 40 % range.count

    /// The first of so many free ports in a row.
    static func row(of count: Int) throws -> Int {
        for _ in 0..<range.count {
            if next + count > range.upperBound { next = range.lowerBound }
            let first = next
            next += count
            if (first..<first + count).allSatisfy(isFree) { return first }
        }
        throw NoFreePorts()
    }

    struct NoFreePorts: Error {}

    /// A base port from which `roost cluster` can take all the ports of so many nodes, as cluster/README.md has them.
    static func base(nodes: Int) throws -> Int {
        for _ in 0..<100 {
            let base = try row(of: nodes)
            let others = (0..<nodes).flatMap { node in (0..<3).map { base + 933 + 10 * node + $0 } }
            if others.allSatisfy(isFree) { return base }
        }
        throw NoFreePorts()
    }

    private static func isFree(_ port: Int) -> Bool {
        guard let listener = try? Listener(port: port) else { return false }
        listener.close()
        return true
    }
}

/// A socket that listens on 127.0.0.1 and does nothing else.
struct Listener {
    private let descriptor: CInt

    init(port: Int) throws {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        var on: CInt = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<CInt>.size))
        let address = SocketAddress.loopback(port: port)
        guard address.withPointer({ bind(descriptor, $0, $1) }) == 0, listen(descriptor, 1) == 0 else {
            let reason = errno
            Glibc.close(descriptor)
            throw SystemFailure(what: "listen on port \(port)", number: reason)
        }
        self.descriptor = descriptor
    }

    func close() { Glibc.close(descriptor) }
}

/// What the system refused.
struct SystemFailure: Error, CustomStringConvertible {
    let what: String
    let number: CInt
    var description: String { "cannot \(what): \(String(cString: strerror(number)))" }
}

/// Where to connect or listen.
enum SocketAddress {
    case ipv4(sockaddr_in)
    case ipv6(sockaddr_in6)

    static func loopback(port: Int) -> SocketAddress {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
        return .ipv4(address)
    }

    static func loopback6(port: Int) -> SocketAddress {
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = in_port_t(port).bigEndian
        address.sin6_addr = in6addr_loopback
        return .ipv6(address)
    }

    var family: CInt {
        switch self {
        case .ipv4: AF_INET
        case .ipv6: AF_INET6
        }
    }

    func withPointer<Answer>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Answer) -> Answer {
        switch self {
        case .ipv4(let address): Self.rebind(address, body)
        case .ipv6(let address): Self.rebind(address, body)
        }
    }

    private static func rebind<Address, Answer>(
        _ address: Address, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Answer
    ) -> Answer {
        withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<Address>.size))
            }
        }
    }
}
