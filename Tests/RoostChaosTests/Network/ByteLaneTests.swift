// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What the proxy does to bytes on their way: it holds them back, and neither loses, repeats nor reorders any.

import RoostModel
import Testing

@testable import RoostChaos

struct ByteLaneTests {
    private var random = SeededRandom(seed: 1)

    @Test mutating func bytesPassAtOnceWhereNothingIsWrong() {
        var lane = ByteLane()
        lane.take([1, 2, 3], LinkCondition(), at: .zero, random: &random)
        #expect(lane.ready(LinkCondition(), at: .zero) == [1, 2, 3])
        lane.sent(2)
        #expect(lane.ready(LinkCondition(), at: .zero) == [3])
    }

    @Test mutating func aCutLaneHoldsEverythingAndTakesNothing() {
        var lane = ByteLane()
        let cut = LinkCondition(isCut: true)
        lane.take([1], LinkCondition(), at: .zero, random: &random)
        lane.end(LinkCondition(), at: .zero, random: &random)
        #expect(!lane.takesMore(cut) && lane.ready(cut, at: .seconds(9)) == nil)
        #expect(lane.ready(LinkCondition(), at: .seconds(9)) == [1])
        lane.sent(1)
        #expect(!lane.isOver(cut, at: .seconds(9)), "nobody learns of an end through a cut")
        #expect(lane.isOver(LinkCondition(), at: .seconds(9)))
    }

    @Test mutating func aDelayedByteIsDueLaterAndTellsWhen() {
        var lane = ByteLane()
        let slow = LinkCondition(delay: .milliseconds(200))
        lane.take([1], slow, at: .milliseconds(50), random: &random)
        #expect(lane.ready(slow, at: .milliseconds(249)) == nil)
        #expect(lane.nextDue(after: .milliseconds(60)) == .milliseconds(250))
        #expect(lane.ready(slow, at: .milliseconds(250)) == [1])
    }

    /// Whatever is lost at first, the stream arrives as it was sent; and some of it late.
    @Test mutating func aLossyLaneKeepsTheOrder() {
        var lane = ByteLane()
        let lossy = LinkCondition(lossPercent: 20)
        for byte in 0..<100 {
            lane.take([UInt8(byte)], lossy, at: .milliseconds(10 * byte), random: &random)
        }
        lane.end(lossy, at: .seconds(1), random: &random)
        var got: [UInt8] = []
        var late = 0
        for time in 0..<1_500 {
            while let bytes = lane.ready(lossy, at: .milliseconds(time)) {
                got += bytes
                late += bytes.count { time - 10 * Int($0) >= 200 }
                lane.sent(bytes.count)
            }
        }
        #expect(got == Array(0..<100))
        #expect((5...100).contains(late))
        #expect(lane.isOver(lossy, at: .milliseconds(1_500)))
    }

    @Test mutating func aFullLaneTakesNoMore() {
        var lane = ByteLane()
        let slow = LinkCondition(delay: .seconds(10))
        var taken = 0
        while lane.takesMore(slow), taken < 100 {
            lane.take(Array(repeating: 0, count: 65_536), slow, at: .zero, random: &random)
            taken += 1
        }
        #expect(taken == ByteLane.bytesMax / 65_536)
    }
}

struct LinkConditionsTests {
    @Test func cutsAreDirectedAndHealed() {
        var links = LinkConditions(nodes: 3)
        links.apply(.cut(from: 0, to: 1))
        #expect(links[0, 1].isCut && !links[1, 0].isCut)
        links.apply(.isolate(2))
        #expect(links[2, 0].isCut && links[0, 2].isCut && links[1, 2].isCut && !links[1, 0].isCut)
        links.apply(.heal)
        #expect(links == LinkConditions(nodes: 3))
    }

    @Test func aConnectionIsFoundByBothItsPorts() {
        let table = """
              sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
               0: 0100007F:1DB0 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1 0 100
               1: 0100007F:C350 0100007F:1DB5 01 00000000:00000000 00:00000000 00000000     0        0 222 1 0 20
               2: 0100007F:C350 0100007F:1DBF 06 00000000:00000000 00:00000000 00000000     0        0 0 1 0 20
            """
        let sockets = SocketTable(table: table)
        #expect(sockets.inode(ofPort: 0xC350, connectedTo: 0x1DB5) == "222")
        #expect(sockets.inode(ofPort: 0xC350, connectedTo: 0x1DBF) == nil)
        #expect(sockets.inode(ofPort: 0x1DB0, connectedTo: 0) == nil)
    }
}
