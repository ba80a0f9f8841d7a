// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Asks the operating system about this process, for a report. Linux only: it reads /proc.

import Glibc

/// What this process used up to now.
public struct ProcessUsage: Sendable, Equatable {
    /// Processor time, user and system together, in seconds.
    public var cpuSeconds: Double
    /// Resident memory in bytes; 0 if /proc is not mounted.
    public var memoryBytes: Int
    /// Threads; 0 if /proc is not mounted.
    public var threads: Int

    /// Takes a sample: one system call and one small read of /proc, less than 0.1 ms.
    public static func current() -> ProcessUsage {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let status = statusFields()
        return ProcessUsage(
            cpuSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime),
            memoryBytes: (status["VmRSS"] ?? 0) * 1024,
            threads: status["Threads"] ?? 0)
    }

    /// The numbers in /proc/self/status by name, sizes in KiB (proc_pid_status(5)); none if it cannot be read.
    private static func statusFields() -> [String: Int] {
        let file = open("/proc/self/status", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [:] }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = read(file, &bytes, bytes.count)
        var fields: [String: Int] = [:]
        for line in bytes.prefix(max(0, count)).split(separator: UInt8(ascii: "\n")) {
            let words = line.split { [UInt8(ascii: ":"), UInt8(ascii: "\t"), UInt8(ascii: " ")].contains($0) }
            guard words.count >= 2, let value = Int(String(decoding: words[1], as: UTF8.self)) else { continue }
            fields[String(decoding: words[0], as: UTF8.self)] = value
        }
        return fields
    }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
}
