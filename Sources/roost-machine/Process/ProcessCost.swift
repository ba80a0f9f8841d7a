// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What this process has cost so far.

import CLinux
import Glibc

/// Time and memory of this process.
enum ProcessCost {
    /// The processor time that it has used, in nanoseconds: not disturbed by who else runs, but for the caches.
    static var processorNanoseconds: Int {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    /// The bytes that were asked of malloc and not given back, with what malloc adds to them.
    static var heapBytes: Int {
        let state = mallinfo2()
        return Int(state.uordblks + state.hblkhd)
    }

    /// The bytes of memory that it holds, after giving back what it does not need.
    static var residentBytes: Int {
        malloc_trim(0)
        var usage = 0
        if let file = fopen("/proc/self/statm", "r") {
            defer { fclose(file) }
            var line: [CChar] = Array(repeating: 0, count: 128)
            if fgets(&line, Int32(line.count), file) != nil {
                let fields = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
                    .split(separator: " ")
                usage = fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(getpagesize()) : 0
            }
        }
        return usage
    }
}
