// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The processes of the server under test: which they are, what processor time they used, how much memory they hold.
// Works only where they run on this machine; for a remote server there are none, and the figures stay empty.

import Glibc

/// The processes whose use of the machine is counted, summed over all of them.
struct ServerProcesses {
    let pids: [Int32]

    /// Those named by the user, or else those that listen on the targets' ports.
    init(named: [Int32], listeningOn ports: [UInt16]) throws(BenchFailure) {
        pids = named.isEmpty ? Self.listeners(on: ports) : named
        for pid in named { _ = try Self.processorTime(pid) }
    }

    var isEmpty: Bool { pids.isEmpty }

    /// User and system time used so far by all threads, ended ones included. This is the sum that `/proc/PID/stat`
    /// gives as utime + stime, read from the process's clock: there it is rounded to ticks of 10 ms, here it is not.
    func processorTime() throws(BenchFailure) -> UInt64 {
        var total: UInt64 = 0
        for pid in pids { total += try Self.processorTime(pid) }
        return total
    }

    func residentBytes() throws(BenchFailure) -> UInt64 {
        var total: UInt64 = 0
        for pid in pids {
            guard let status = Self.read("/proc/\(pid)/status"), let bytes = ProcText.residentBytes(status: status)
            else {
                throw Self.gone(pid, attempted: "reading resident memory")
            }
            total += bytes
        }
        return total
    }

    /// Names for the headline, such as `ngircd 123, ngircd 124`.
    var description: String {
        pids.map { pid in
            let name = Self.read("/proc/\(pid)/stat").flatMap { ProcText.command(stat: $0) } ?? "pid"
            return "\(name) \(pid)"
        }.joined(separator: ", ")
    }

    private static func processorTime(_ pid: Int32) throws(BenchFailure) -> UInt64 {
        var clock: clockid_t = 0
        guard clock_getcpuclockid(pid, &clock) == 0, let time = Moment.read(clock: clock) else {
            throw gone(pid, attempted: "reading processor time")
        }
        return time
    }

    private static func gone(_ pid: Int32, attempted: String) -> BenchFailure {
        BenchFailure(
            code: .process, attempted: attempted, target: "process \(pid)",
            cause: "it is not running here, or not visible to this user")
    }

    private static func listeners(on ports: [UInt16]) -> [Int32] {
        var inodes: Set<UInt64> = []
        for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
            guard let text = read(table) else { continue }
            for port in ports { inodes.formUnion(ProcText.listeners(table: text, port: port)) }
        }
        guard !inodes.isEmpty else { return [] }
        return names(in: "/proc").compactMap { Int32($0) }.sorted().filter { pid in
            names(in: "/proc/\(pid)/fd").contains { name in
                guard let link = linkTarget("/proc/\(pid)/fd/\(name)") else { return false }
                return ProcText.socketInode(link: link).map(inodes.contains) ?? false
            }
        }
    }

    private static func read(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            guard count > 0 else { return count == 0 ? String(decoding: bytes, as: UTF8.self) : nil }
            bytes.append(contentsOf: chunk[..<count])
        }
    }

    private static func linkTarget(_ path: String) -> String? {
        var bytes = [CChar](repeating: 0, count: 256)
        let count = readlink(path, &bytes, bytes.count)
        return count > 0 ? String(decoding: bytes[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self) : nil
    }

    private static func names(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            names.append(
                withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
        }
        return names
    }
}
