// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// A burst at once, then the long-run rate, then a full bucket again after a silence.

import RoostModel
import Testing

@testable import RoostServer

@Suite struct TokenBucketTests {
    private let limit = FloodLimit(linesPerSecond: 10, burst: 5)

    @Test func aBurstIsFollowedByTheRate() {
        var bucket = TokenBucket()
        #expect(bucket.take(upTo: 20, of: limit, at: at(1_000)) == 5)
        #expect(bucket.take(upTo: 1, of: limit, at: at(1_099)) == 0)
        #expect(bucket.nextToken(of: limit) == at(1_100))
        #expect(bucket.take(upTo: 9, of: limit, at: at(1_100)) == 1)
        #expect(bucket.take(upTo: 9, of: limit, at: at(1_350)) == 2)
        #expect(bucket.nextToken(of: limit) == at(1_400))
    }

    @Test func aSilenceFillsTheBucketAndNoMore() {
        var bucket = TokenBucket()
        #expect(bucket.take(upTo: 5, of: limit, at: at(0)) == 0)
        #expect(bucket.take(upTo: 3, of: limit, at: at(1_000)) == 3)
        #expect(bucket.take(upTo: 9, of: limit, at: at(60_000)) == 5)
        #expect(bucket.take(upTo: 9, of: limit, at: at(60_000)) == 0)
    }

    private func at(_ milliseconds: UInt64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }
}
