// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Time as the generator counts it: whole nanoseconds of the monotonic clock, since a reading is taken for each read and
// each message. Durations for people are `Duration`.

// epoll's header declares `timespec` too, and which module the compiler takes it from differs from build to build.
import CLinux
import Glibc

/// A point of the monotonic clock.
struct Moment: Comparable {
    let nanoseconds: UInt64

    static func now() -> Moment {
        Moment(nanoseconds: read(clock: CLOCK_MONOTONIC) ?? 0)
    }

    /// Nanoseconds since an earlier moment, zero if that one is later.
    func nanoseconds(since earlier: Moment) -> UInt64 {
        nanoseconds > earlier.nanoseconds ? nanoseconds - earlier.nanoseconds : 0
    }

    func advanced(by duration: Duration) -> Moment {
        Moment(nanoseconds: nanoseconds + UInt64(max(0, duration.inNanoseconds)))
    }

    static func < (left: Moment, right: Moment) -> Bool { left.nanoseconds < right.nanoseconds }

    /// Nanoseconds of any clock of the system, nil if that clock is gone.
    static func read(clock: clockid_t) -> UInt64? {
        var time = timespec()
        guard clock_gettime(clock, &time) == 0 else { return nil }
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

extension Duration {
    /// Whole nanoseconds; the bench's durations are seconds to hours, which fit by far.
    var inNanoseconds: Int64 {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }

    var inSeconds: Double { Double(inNanoseconds) / 1e9 }
}

/// Text of the system's error numbers.
enum SystemError {
    static func text(_ error: Int32) -> String {
        guard let text = strerror(error) else { return "error \(error)" }
        return String(cString: text)
    }
}
