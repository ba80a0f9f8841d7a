// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// An address as it may be given to libzmq: numbers only, since its resolver blocks its I/O thread, and since what peers
// tell is not to be looked up anywhere.

import Glibc

/// A host and a port that can be dialled as they stand.
struct NumericAddress: Hashable, Sendable {
    /// `HOST:PORT`, an IPv6 host in brackets.
    let text: String
    private let host: String
    private let port: UInt16
    private let isIPv6: Bool

    /// Reads `127.0.0.1:7600` or `[::1]:7600`. Nil for names, wildcards, port 0 and anything else; 65535 is none either,
    /// since a peer's stream is one port above its control socket.
    init?(_ text: String) {
        guard text.utf8.count <= 64, let colon = text.lastIndex(of: ":"),
            text[colon...].dropFirst().utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let port = UInt16(text[colon...].dropFirst()), port > 0, port < .max
        else { return nil }
        var host = text[..<colon]
        let isIPv6 = host.hasPrefix("[") && host.hasSuffix("]")
        if isIPv6 { host = host.dropFirst().dropLast() }
        guard host.utf8.allSatisfy(Self.isInAddress) else { return nil }
        // The larger of the two forms; inet_pton(3) writes 4 or 16 bytes.
        var bytes = in6_addr()
        guard inet_pton(isIPv6 ? AF_INET6 : AF_INET, String(host), &bytes) == 1 else { return nil }
        let isWildcard = withUnsafeBytes(of: bytes) { $0.prefix(isIPv6 ? 16 : 4).allSatisfy { $0 == 0 } }
        guard !isWildcard else { return nil }
        self.host = String(host)
        self.isIPv6 = isIPv6
        self.port = port
        self.text = text
    }

    /// Digits, and what separates them; above all no zero, at which C would stop to read.
    private static func isInAddress(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"), UInt8(ascii: "."), UInt8(ascii: ":"):
            true
        default: false
        }
    }

    /// The peer's control socket.
    var controlEndpoint: String { "tcp://\(text)" }

    /// Its stream, one port higher.
    var streamEndpoint: String {
        "tcp://\(isIPv6 ? "[\(host)]" : host):\(port + 1)"
    }

    /// For the kernel: the family, and a socket address.
    func withSocketAddress<Result>(_ body: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        if isIPv6 {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            inet_pton(AF_INET6, host, &address.sin6_addr)
            return rebound(&address) { body(AF_INET6, $0, $1) }
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        inet_pton(AF_INET, host, &address.sin_addr)
        return rebound(&address) { body(AF_INET, $0, $1) }
    }
}

/// The address as the kernel's calls take it, whose type says only that it is one.
private func rebound<Address, Result>(
    _ address: inout Address, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
) -> Result {
    withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<Address>.size)) }
    }
}
