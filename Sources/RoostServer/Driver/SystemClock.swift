// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The process's two clocks, read by whoever feeds the machine.

import Glibc
import RoostModel

/// The clocks of the system.
public enum SystemClock {
    /// The steady clock, which also runs while the process is stopped.
    public static func instant() -> Instant {
        Instant(nanoseconds: nanoseconds(CLOCK_MONOTONIC))
    }

    /// Both clocks.
    public static func moment() -> Moment {
        Moment(instant: instant(), wall: WallTime(milliseconds: nanoseconds(CLOCK_REALTIME) / 1_000_000))
    }

    private static func nanoseconds(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(clamping: time.tv_sec) &* 1_000_000_000 &+ UInt64(clamping: time.tv_nsec)
    }
}
