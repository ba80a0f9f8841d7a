// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Signals as bytes in a pipe, so that they are dealt with in the loop, in order, and not in the middle of anything.

import Glibc
import Synchronization

/// The writing end of the pipe of the client that runs; the handler may touch nothing but this.
private let signalDescriptor = Atomic<Int32>(-1)

/// Catches the signals that concern a terminal program. One at a time in a process.
struct SignalPipe: ~Copyable {
    /// Readable when a signal has come.
    let descriptor: Int32
    private let writingEnd: Int32
    private var replaced: [(signal: Int32, action: sigaction)] = []

    private static let signals = [SIGWINCH, SIGCONT, SIGINT, SIGTERM, SIGHUP, SIGQUIT]

    init() throws(ChatFailure) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw ChatFailure(
                .terminal, "cannot make a pipe: \(SystemError.text())", hint: "close other programs and try again")
        }
        descriptor = ends[0]
        writingEnd = ends[1]
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        signalDescriptor.store(writingEnd, ordering: .sequentiallyConsistent)
        for signal in Self.signals {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { signal in
                let saved = errno
                var byte = UInt8(truncatingIfNeeded: signal)
                write(signalDescriptor.load(ordering: .sequentiallyConsistent), &byte, 1)
                errno = saved
            }
            action.sa_flags = SA_RESTART
            var old = sigaction()
            if sigaction(signal, &action, &old) == 0 { replaced.append((signal, old)) }
        }
    }

    deinit {
        for (signal, action) in replaced {
            var action = action
            sigaction(signal, &action, nil)
        }
        signalDescriptor.store(-1, ordering: .sequentiallyConsistent)
        close(descriptor)
        close(writingEnd)
    }

    /// The signals that have come since the last call.
    func take() -> [Int32] {
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = read(descriptor, &bytes, bytes.count)
        return bytes.prefix(max(count, 0)).map { Int32($0) }
    }
}
