// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Finds the addresses that something else listens on before any node is started, and who that is.

import Foundation
import Glibc
import RoostConfiguration

enum BusyPorts {
    /// Fails with all the plan's addresses that cannot be bound, and who holds them as far as /proc tells.
    static func check(_ plan: ClusterPlan) throws(ClusterFailure) {
        // In a network namespace of its own a node meets no other program, and its ports cannot be tried from here.
        let here = plan.nodes.filter { $0.prefix.isEmpty }
        let busy = here.flatMap(\.addresses).filter { !canListen(on: $0.endpoint) }
        guard !busy.isEmpty else { return }
        let holders = portHolders()
        let list = busy.map { address in
            let holder = holders[address.endpoint.port].map { "held by \($0)" } ?? "held by another program"
            return "\(address.endpoint) (\(address.purpose); \(holder))"
        }
        throw ClusterFailure(
            .portsBusy,
            "ports are in use: \(list.joined(separator: ", ")); stop what listens there or choose another --base-port")
    }

    /// Whether a server could listen there now.
    static func canListen(on endpoint: Endpoint) -> Bool {
        withSocket(endpoint) { descriptor, address, length in
            var yes: Int32 = 1
            // As servers do it: a connection that lingers after a close does not count, a listener does.
            setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
            return bind(descriptor, address, length) == 0 && listen(descriptor, 1) == 0
        }
    }

    /// Whether a server there accepts a connection now; waits a quarter of a second at most.
    static func accepts(_ endpoint: Endpoint) -> Bool {
        withSocket(endpoint) { descriptor, address, length in
            var limit = timeval(tv_sec: 0, tv_usec: 250_000)
            setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
            return connect(descriptor, address, length) == 0
        }
    }

    /// The launcher's own endpoints are IPv4 loopback addresses; anything else is false.
    private static func withSocket(
        _ endpoint: Endpoint, _ body: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Bool
    ) -> Bool {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(truncatingIfNeeded: endpoint.port).bigEndian
        guard inet_pton(AF_INET, endpoint.host, &address.sin_addr) == 1 else { return false }
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    // MARK: Who listens

    /// "NAME, pid N" for each listening TCP port whose process this user may look into.
    private static func portHolders() -> [Int: String] {
        var portOfSocket: [String: Int] = [:]
        for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
            for (port, inode) in listeners(inTable: contents(table)) { portOfSocket["socket:[\(inode)]"] = port }
        }
        var result: [Int: String] = [:]
        for process in entries("/proc") where Int(process) != nil {
            for descriptor in entries("/proc/\(process)/fd") {
                // Processes and descriptors come and go while we look; what is gone listens no more.
                let target = try? FileManager.default.destinationOfSymbolicLink(
                    atPath: "/proc/\(process)/fd/\(descriptor)")
                guard let target, let port = portOfSocket[target] else { continue }
                let name = contents("/proc/\(process)/comm").split(separator: "\n").first ?? "?"
                result[port] = "\(name), pid \(process)"
            }
        }
        return result
    }

    /// Ports and socket inodes of the listening sockets in a table as /proc/net/tcp has it (proc(5)).
    static func listeners(inTable table: String) -> [(port: Int, inode: String)] {
        table.split(separator: "\n").dropFirst().compactMap { line in
            let fields = line.split(separator: " ")
            guard fields.count > 9, fields[3] == "0A", let colon = fields[1].lastIndex(of: ":"),
                let port = Int(fields[1][colon...].dropFirst(), radix: 16)
            else { return nil }
            return (port, String(fields[9]))
        }
    }

    private static func entries(_ folder: String) -> [String] {
        // A process of another user cannot be looked into; then its name stays unknown.
        (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    }

    /// The system makes these files while they are read and gives their size as 0, which readers of whole files take
    /// for the truth: what is beyond their first read would be missing.
    static func contents(_ file: String) -> String {
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 32_768)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(contentsOf: buffer[..<count])
        }
    }
}
