// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Which TCP connections there are on this machine, and whose they are, as /proc tells: the proxy must know which node
// dials.

import Foundation
import Glibc

/// The TCP connections of this network namespace at one moment (proc(5), `/proc/net/tcp` and `/proc/net/tcp6`, where IPv4
/// connections of sockets for both are listed).
struct SocketTable {
    /// By the ports of both ends: a local port may serve several connections, each to another place.
    private var inodes: [Ports: Substring] = [:]

    private struct Ports: Hashable {
        var local: Int
        var remote: Int
    }

    /// As it is now.
    init() {
        for file in ["/proc/net/tcp", "/proc/net/tcp6"] {
            // A machine without IPv6 has no second table.
            read(Self.contents(of: file))
        }
    }

    /// Reads a table.
    init(table: String) { read(table) }

    private mutating func read(_ table: String) {
        for line in table.split(separator: "\n").dropFirst() {
            let fields = line.split(separator: " ")
            guard fields.count > 9, let local = port(fields[1]), let remote = port(fields[2]) else { continue }
            // Established: the others have no owner, or none yet.
            if fields[3] == "01" { inodes[Ports(local: local, remote: remote)] = fields[9] }
        }
    }

    /// The system makes these files while they are read and gives their size as 0, which readers of whole files take
    /// for the truth: what is beyond their first read would be missing.
    private static func contents(of file: String) -> String {
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 32_768)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(contentsOf: buffer[..<count])
        }
    }

    private func port(_ address: Substring) -> Int? {
        address.lastIndex(of: ":").flatMap { Int(address[$0...].dropFirst(), radix: 16) }
    }

    /// The number of the socket that connects a port to another; nil for none.
    func inode(ofPort local: Int, connectedTo remote: Int) -> Substring? {
        inodes[Ports(local: local, remote: remote)]
    }

    /// Which of some processes has the socket that connects a port to another; nil for none.
    func owner(ofPort local: Int, connectedTo remote: Int, among processes: [pid_t?]) -> Int? {
        guard let inode = inode(ofPort: local, connectedTo: remote) else { return nil }
        let name = "socket:[\(inode)]"
        return processes.firstIndex { process in
            guard let process else { return false }
            let folder = "/proc/\(process)/fd"
            // Processes and descriptors come and go while we look; what is gone does not dial.
            let descriptors = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            return descriptors.contains { descriptor in
                (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(descriptor)")) == name
            }
        }
    }
}
