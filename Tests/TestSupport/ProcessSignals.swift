// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What becomes of a signal is a matter of the whole process, and the tests of all targets are one: two programs that catch
// signals, each tested here, would put back what the other one had found.

import Glibc

/// The signals of this process, for one test at a time while it has this.
public final class ProcessSignals {
    private let executable: Int32

    /// Waits until no other test has them.
    public init() {
        executable = open("/proc/self/exe", O_RDONLY | O_CLOEXEC)
        while flock(executable, LOCK_EX) != 0, errno == EINTR {}
    }

    deinit { close(executable) }
}
