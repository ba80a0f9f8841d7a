// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Asks the operating system about this process, for a report. Linux only: it reads /proc.

import FoundationEssentials
import Glibc

/// What this process used up to now.
public struct ProcessUsage: Sendable, Equatable {
    /// Processor time, user and system together, in seconds.
    public var cpuSeconds: Double
    /// Resident memory in bytes; 0 if /proc is not mounted.
    public var memoryBytes: Int
    /// Threads; 0 if /proc is not mounted.
    public var threads: Int

    /// Takes a sample: one system call and one small read of /proc, about 30 µs.
    public static func current() -> ProcessUsage {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let status = statusFields()
        return ProcessUsage(
            cpuSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime),
            memoryBytes: (status["VmRSS"] ?? 0) * 1024,
            threads: status["Threads"] ?? 0)
    }

    /// The numbers in /proc/self/status by name, sizes in KiB (proc_pid_status(5)).
    private static func statusFields() -> [String: Int] {
        // A failure to read leaves the fields out; there is nobody to tell who could do anything about it.
        guard let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else { return [:] }
        var fields: [String: Int] = [:]
        for line in text.split(separator: "\n") {
            let words = line.split(whereSeparator: { $0 == ":" || $0 == "\t" || $0 == " " })
            if words.count >= 2, let value = Int(words[1]) { fields[String(words[0])] = value }
        }
        return fields
    }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
}
