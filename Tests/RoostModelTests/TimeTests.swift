// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The clocks: hybrid times go forward whatever the time of day does, and instants add and subtract without overflow.

import RoostModel
import Testing

struct TimeTests {
    @Test func aHybridClockNeverGivesATimeTwiceOrBack() {
        var (clock, random) = (HybridClock(), SeededRandom(seed: 3))
        var last = clock.latest
        for _ in 0..<10_000 {
            if random.next() % 4 == 0 {
                let seen = HybridTime(wall: WallTime(milliseconds: 1_000 + random.next() % 100))
                clock.observe(seen)
                #expect(clock.latest >= seen)
            }
            // The time of day jumps about.
            let time = clock.tick(at: WallTime(milliseconds: 1_000 + random.next() % 100))
            #expect(time > last)
            last = time
        }
    }

    @Test func aHybridTimeIsNeverBehindTheTimeOfDay() {
        var clock = HybridClock()
        #expect(clock.tick(at: WallTime(milliseconds: 5)) == HybridTime(wall: WallTime(milliseconds: 5)))
        #expect(clock.tick(at: WallTime(milliseconds: 5)).rawValue == 5 << 16 | 1)
        #expect(clock.tick(at: WallTime(milliseconds: 4)).wall == WallTime(milliseconds: 5))
        #expect(clock.tick(at: WallTime(milliseconds: 9)) == HybridTime(wall: WallTime(milliseconds: 9)))
    }

    @Test func aFullCounterCarriesIntoTheMilliseconds() {
        var clock = HybridClock(after: HybridTime(rawValue: 7 << 16 | 0xFFFF))
        let time = clock.tick(at: WallTime(milliseconds: 7))
        #expect(time == HybridTime(wall: WallTime(milliseconds: 8)))
        #expect(clock.tick(at: WallTime(milliseconds: 8)) > time)
    }

    @Test func whatWasSeenComesBeforeWhatIsGiven() {
        var clock = HybridClock()
        let seen = HybridTime(rawValue: 900 << 16 | 3)
        clock.observe(seen)
        #expect(clock.tick(at: WallTime(milliseconds: 1)).rawValue == seen.rawValue + 1)
        clock.observe(.zero)
        #expect(clock.latest.rawValue == seen.rawValue + 1)
    }

    @Test func instantsAddAndSubtract() {
        let start = Instant(nanoseconds: 1_000)
        #expect(start + .microseconds(2) == Instant(nanoseconds: 3_000))
        #expect(start + .nanoseconds(-400) == Instant(nanoseconds: 600))
        #expect(start + .seconds(-1) == Instant(nanoseconds: 0))
        #expect(Instant(nanoseconds: 3_000) - start == .microseconds(2))
        #expect(start - Instant(nanoseconds: 3_000) == .microseconds(-2))
        #expect(start < start + .nanoseconds(1))
    }

    @Test func wallTimesCountInMilliseconds() {
        #expect(WallTime(milliseconds: 1_999).seconds == 1)
        #expect(WallTime(milliseconds: 1) < WallTime(milliseconds: 2))
    }
}
