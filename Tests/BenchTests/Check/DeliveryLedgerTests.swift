// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Aim: no fault of delivery goes unseen, and a sound stream shows none. Method: feed sequences, compare the whole
// account.

import Testing

@testable import roost_bench

struct DeliveryLedgerTests {
    /// The account after `sequences` arrived on one stream of which `sent` were sent.
    private func account(_ sequences: [UInt32], sent: UInt32) -> (delivered: Int, faults: DeliveryFaults) {
        var ledger = DeliveryLedger(streams: 2)
        for sequence in sequences { _ = ledger.receive(stream: 1, sequence: sequence, sent: sent) }
        ledger.close(stream: 1, sent: sent)
        ledger.close()
        return (ledger.delivered, ledger.faults)
    }

    @Test func aSoundStreamHasNoFaults() {
        let account = account([0, 1, 2, 3], sent: 4)
        #expect(account.delivered == 4)
        #expect(account.faults == DeliveryFaults())
    }

    @Test func aMissingMessageIsLost() {
        #expect(account([0, 2, 3], sent: 4).faults == DeliveryFaults(lost: 1))
    }

    @Test func aMissingEndIsLost() {
        #expect(account([0, 1], sent: 4).faults == DeliveryFaults(lost: 2))
    }

    @Test func aSilentStreamLosesAll() {
        #expect(account([], sent: 3).faults == DeliveryFaults(lost: 3))
    }

    @Test func aRepeatIsDoubledAndNotDeliveredAgain() {
        let account = account([0, 1, 1, 0, 2], sent: 3)
        #expect(account.delivered == 3)
        #expect(account.faults == DeliveryFaults(doubled: 2))
    }

    @Test func aLateMessageIsReorderedAndNotLost() {
        let account = account([0, 2, 1, 3], sent: 4)
        #expect(account.delivered == 4)
        #expect(account.faults == DeliveryFaults(reordered: 1))
    }

    @Test func aLateMessageThatComesTwiceIsBoth() {
        #expect(account([1, 0, 0], sent: 2).faults == DeliveryFaults(doubled: 1, reordered: 1))
    }

    @Test func aMessageNeverSentIsForeign() {
        let account = account([0, 1, 7], sent: 2)
        #expect(account.delivered == 2)
        #expect(account.faults == DeliveryFaults(foreign: 1))
    }

    @Test func streamsAreJudgedApart() {
        var ledger = DeliveryLedger(streams: 2)
        let arrivals = [0, 1, 1].map { ledger.receive(stream: $0, sequence: 0, sent: 1) }
        #expect(arrivals == [true, true, false])
        #expect(ledger.faults == DeliveryFaults(doubled: 1))
    }

    @Test func everyShuffleWithLossAndRepeatIsCountedExactly() {
        // Drop some, repeat some, shuffle the rest; what the account must say follows from how it was made.
        for seed in 0..<200 as Range<UInt64> {
            var random = SeededRandom(seed: seed)
            let sent: UInt32 = 50
            var arriving = (0..<sent).filter { _ in random.next() % 10 != 0 }
            let kept = arriving.count
            let repeated = arriving.filter { _ in random.next() % 10 == 0 }
            arriving = (arriving + repeated).shuffled(using: &random)
            var greatest: UInt32?
            var seen: Set<UInt32> = []
            var late = 0
            for sequence in arriving where seen.insert(sequence).inserted {
                if let greatest, sequence < greatest { late += 1 }
                greatest = max(greatest ?? 0, sequence)
            }
            let account = account(arriving, sent: sent)
            let expected = DeliveryFaults(lost: Int(sent) - kept, doubled: repeated.count, reordered: late)
            #expect(account.delivered == kept, "seed \(seed)")
            #expect(account.faults == expected, "seed \(seed)")
        }
    }

    @Test func faultsAreNamedOnlyIfTheyHappened() {
        #expect(DeliveryFaults(lost: 2, foreign: 1).description == "2 lost, 1 foreign or damaged")
    }
}

/// SplitMix64: the same numbers for the same seed.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
