// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The wheel gives each entry once, never before its time and at most a tick later, over any pattern of looks.

import RoostModel
import Testing

@testable import RoostServer

@Suite struct TimerWheelTests {
    @Test func entriesComeInTheirTickAndNotBefore() {
        var wheel = TimerWheel(tickLength: .milliseconds(10), at: at(1_000))
        let tick = wheel.insert(7, at: at(1_025))
        #expect(wheel.nextTick == tick)
        #expect(wheel.instant(of: tick) == at(1_030))
        #expect(wheel.due(at: at(1_029)).isEmpty)
        #expect(wheel.due(at: at(1_030)) == [TimerWheel.Entry(slot: 7, tick: tick)])
        #expect(wheel.nextTick == nil)
        #expect(wheel.due(at: at(5_000)).isEmpty)
    }

    @Test func whatIsBeyondTheWheelComesEarlyToBePutBack() {
        var wheel = TimerWheel(tickLength: .milliseconds(10), at: at(0))
        let tick = wheel.insert(1, at: at(100_000))
        #expect(wheel.instant(of: tick) <= at(640))
        #expect(wheel.due(at: at(640)).map(\.slot) == [1])
    }

    @Test func aLongPauseGivesEverythingAtOnce() {
        var wheel = TimerWheel(tickLength: .milliseconds(10), at: at(0))
        for slot in 0..<60 { _ = wheel.insert(slot, at: at(UInt64(slot) * 10)) }
        #expect(wheel.due(at: at(1_000_000)).map(\.slot) == Array(0..<60))
        #expect(wheel.nextTick == nil)
    }

    @Test(arguments: 0..<50) func eachEntryComesOnceAndOnTime(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var now: UInt64 = 1_000
        var wheel = TimerWheel(tickLength: .milliseconds(10), at: at(now))
        var wanted: [Int: UInt64] = [:]
        for slot in 0..<500 {
            let time = now + UInt64.random(in: 0..<600, using: &random)
            _ = wheel.insert(slot, at: at(time))
            wanted[slot] = time
            now += UInt64.random(in: 0..<15, using: &random)
            for entry in wheel.due(at: at(now)) {
                let time = wanted.removeValue(forKey: entry.slot)
                #expect(time.map { $0 <= now } == true)
            }
            #expect(wanted.values.allSatisfy { $0 + 10 >= now })
        }
    }

    private func at(_ milliseconds: UInt64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }
}
