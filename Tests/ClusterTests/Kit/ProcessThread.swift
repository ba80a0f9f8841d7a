// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Where the tests of this target run. They wait for other processes and block while they do, which they must not do on
// the few threads that asynchronous tests of other targets share.

import Dispatch
import Testing

/// All tests of this target.
@Suite(.serialized)
enum ClusterTests {}

/// One thread for all tests of this target: one runs after the other, so that two cores suffice.
@globalActor
actor ProcessThread {
    static let shared = ProcessThread()
    private static let executor = QueueExecutor()

    nonisolated var unownedExecutor: UnownedSerialExecutor { Self.executor.asUnownedSerialExecutor() }

    private final class QueueExecutor: SerialExecutor {
        private let queue = DispatchQueue(label: "cluster-tests")

        func enqueue(_ job: consuming ExecutorJob) {
            let job = UnownedJob(job)
            queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
        }
    }
}
