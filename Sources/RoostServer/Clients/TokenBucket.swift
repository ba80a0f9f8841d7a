// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Holds one client to its flood limit. Tokens are counted in nanoseconds of refill, so that nothing is rounded.

import RoostModel

/// How many lines a client may still send at once.
struct TokenBucket: Sendable {
    /// When the bucket would be empty if it had never been limited by its size: the further in the past, the more
    /// tokens.
    private var emptyAt: Instant?

    /// Takes up to `wanted` tokens. A bucket not used before is full.
    mutating func take(upTo wanted: Int, of limit: FloodLimit, at now: Instant) -> Int {
        let interval = Self.interval(limit)
        let oldest = Instant(nanoseconds: now.nanoseconds - min(now.nanoseconds, interval * UInt64(limit.burst)))
        let start = max(emptyAt ?? oldest, oldest)
        guard start <= now else { return 0 }
        let taken = min(UInt64(wanted), (now.nanoseconds - start.nanoseconds) / interval)
        emptyAt = Instant(nanoseconds: start.nanoseconds + taken * interval)
        return Int(taken)
    }

    /// When the next token is there.
    func nextToken(of limit: FloodLimit) -> Instant {
        Instant(nanoseconds: (emptyAt?.nanoseconds ?? 0) + Self.interval(limit))
    }

    private static func interval(_ limit: FloodLimit) -> UInt64 {
        1_000_000_000 / UInt64(max(limit.linesPerSecond, 1))
    }
}
