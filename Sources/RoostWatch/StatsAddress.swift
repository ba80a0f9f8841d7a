// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Where a node publishes its stats, as people write it and as libzmq wants it.

import Glibc

/// `HOST:PORT`, `HOST` or `[IPV6]:PORT`. Without a port it is 7602, the first local node's.
struct StatsAddress: Equatable {
    static let defaultPort: UInt16 = 7602

    var host: String
    var port: UInt16

    /// Nil if `text` is no address; ports are 1 to 65535.
    init?(_ text: String) {
        let host: Substring
        let rest: Substring
        if text.hasPrefix("["), let end = text.lastIndex(of: "]") {
            host = text[..<end].dropFirst()
            rest = text[end...].dropFirst()
        } else if let colon = text.firstIndex(of: ":"), colon == text.lastIndex(of: ":") {
            host = text[..<colon]
            rest = text[colon...]
        } else {
            host = text[...]
            rest = ""
        }
        guard let port = rest.isEmpty ? Self.defaultPort : Self.port(rest), !host.isEmpty,
            host.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "/") })
        else { return nil }
        self.host = String(host)
        self.port = port
    }

    /// Whether it says "any of my interfaces", which nobody else can dial.
    var isWildcard: Bool { ["0.0.0.0", "::", "*"].contains(host) }

    /// What to dial: numeric, since libzmq's own resolver would block its I/O thread. A name can have several addresses
    /// of which one is listened to; empty if it has none. May take as long as the resolver does.
    func endpoints() -> [String] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        // The C interface hands out a linked list; it is walked and freed here and nowhere else.
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var endpoints: [String] = []
        var next = list
        while let info = next?.pointee {
            var name = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let length = socklen_t(name.count)
            if getnameinfo(info.ai_addr, info.ai_addrlen, &name, length, nil, 0, NI_NUMERICHOST) == 0 {
                let numeric = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
                let endpoint = "tcp://\(info.ai_family == AF_INET6 ? "[\(numeric)]" : numeric):\(port)"
                if !endpoints.contains(endpoint) { endpoints.append(endpoint) }
            }
            next = info.ai_next
        }
        return endpoints
    }

    /// The number in `:PORT`.
    private static func port(_ text: Substring) -> UInt16? {
        let digits = text.dropFirst()
        guard text.hasPrefix(":"), digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let port = UInt16(digits), port > 0
        else { return nil }
        return port
    }
}
