// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What happens to a supervisor arrives here from several threads and is taken out by its one loop.

import Dispatch
import Glibc
import Synchronization

/// Something that happened.
enum SupervisorInput: Sendable {
    /// A signal reached this process.
    case signal(Int32)
    /// A child ended.
    case ended(pid_t)
    /// Another terminal asks for something; `reply` is called once.
    case request(ControlRequest, reply: @Sendable (ControlReply) -> Void)
}

/// A queue with many writers and one reader. It holds a few inputs: one a child, signal or connected terminal.
final class Mailbox: Sendable {
    private let inputs = Mutex<[SupervisorInput]>([])
    private let filled = DispatchSemaphore(value: 0)

    func put(_ input: SupervisorInput) {
        inputs.withLock { $0.append(input) }
        filled.signal()
    }

    /// The oldest input; nil when none came in time.
    func next(within limit: Duration) -> SupervisorInput? {
        let (seconds, attoseconds) = limit.components
        let wait = DispatchTimeInterval.milliseconds(Int(seconds) * 1_000 + Int(attoseconds / 1_000_000_000_000_000))
        guard filled.wait(timeout: .now() + wait) == .success else { return nil }
        return inputs.withLock { $0.removeFirst() }
    }
}
