// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Processor time of both sides over a stretch of wall time.

import Glibc

/// Started when it is made, read once when it is stopped.
struct Meter {
    let startedAt: Moment
    private let server: ServerProcesses
    private let serverBefore: UInt64
    private let generatorBefore: UInt64

    init(_ server: ServerProcesses) throws(BenchFailure) {
        self.server = server
        serverBefore = try server.processorTime()
        generatorBefore = Self.generatorTime()
        startedAt = .now()
    }

    func stop(completed: Int) throws(BenchFailure) -> LoadOutcome {
        let wall = Moment.now().nanoseconds(since: startedAt)
        let generator = Self.generatorTime() - generatorBefore
        let used = try server.processorTime() - serverBefore
        return LoadOutcome(
            seconds: Double(wall) / 1e9, completed: completed,
            serverSeconds: server.isEmpty ? nil : Double(used) / 1e9, generatorSeconds: Double(generator) / 1e9)
    }

    private static func generatorTime() -> UInt64 { Moment.read(clock: CLOCK_PROCESS_CPUTIME_ID) ?? 0 }
}
