// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What reports and events make of the view, one rule a test, on a clock that the test holds.

import RoostStats
import Testing

@testable import RoostWatch

struct ClusterViewTests {
    @Test func aNodeIsSilentAfterTwoSecondsAndThatIsNotedOnce() {
        var view = ClusterView.three()
        view.heardAgain("node1", "node10", second: 11, saying: .suspect, of: "node2")
        view.tick(at: .seconds(3) - .milliseconds(1))
        #expect(view.events.isEmpty)
        view.tick(at: .seconds(3))
        view.tick(at: .seconds(3))
        let expected = ClusterView.EventLine(
            timeMs: day + 12_000, kind: "silent", peer: "node2", text: "node2 sends no more reports", reporters: [])
        #expect(view.events == [expected])
        #expect(view.liveReports(at: .seconds(3)).map(\.node) == ["node1", "node10"])
        #expect(view.names(at: .seconds(3)) == ["node1", "node2", "node10"])
    }

    @Test func aNodeThatWasDrainingHasLeft() {
        var view = ClusterView()
        view.heard(.stats(report("node1", state: .draining)), at: .zero)
        view.tick(at: .seconds(2))
        #expect(view.events.map(\.text) == ["node1 has left"])
    }

    @Test func aHigherEpochIsANewProcess() {
        var view = ClusterView.three()
        view.tick(at: .seconds(10))
        view.heard(.stats(report("node2", epoch: 2, second: 22, uptime: 3)), at: .seconds(13))
        #expect(view.events.last?.text == "node2 has started again, last heard 12 s ago")
        #expect(view.nodes["node2"]?.stats.uptimeMs == 3_000)
        #expect(view.nodes["node2"]?.silenceNoted == false)
    }

    @Test func theSameEpochAfterSilenceIsTheSameProcess() {
        var view = ClusterView.three()
        view.tick(at: .seconds(10))
        view.heard(.stats(report("node2", second: 22)), at: .seconds(13))
        #expect(view.events.last?.text == "node2 is heard again after 12 s, the same process")
    }

    @Test func aReportOfAnEarlierLifeIsIgnoredUnlessTheLaterOneIsSilent() {
        var view = ClusterView()
        view.heard(.stats(report("node1", epoch: 7, uptime: 5)), at: .seconds(1))
        view.heard(.stats(report("node1", epoch: 6, uptime: 900)), at: .seconds(2))
        #expect(view.nodes["node1"]?.stats.epoch == 7)
        view.heard(.stats(report("node1", epoch: 6, uptime: 901)), at: .seconds(4))
        #expect(view.nodes["node1"]?.stats.epoch == 6)
    }

    @Test func whatSeveralNodesSayOfOnePeerIsOneLine() {
        var view = ClusterView()
        view.heard(event(.peerDown, from: "node1", second: 5, peer: "node2", "node2 is down: refused"), at: .zero)
        view.heard(event(.peerDown, from: "node3", second: 6, peer: "node2", "node2 is down: silent"), at: .zero)
        view.heard(event(.peerDown, from: "node1", second: 5, peer: "node2", "node2 is down: refused"), at: .zero)
        view.heard(event(.peerDown, from: "node1", second: 60, peer: "node2", "node2 is down: refused"), at: .zero)
        #expect(view.events.map(\.reporters) == [["node1", "node3"], ["node1"]])
        #expect(view.events.map(\.text) == ["node2 is down: refused", "node2 is down: refused"])
        #expect(view.eventsTotal == 2)
    }

    @Test func otherEventsAreOneLineOnlyIfTheySayTheSame() {
        var view = ClusterView()
        view.heard(event(.collision, from: "node1", second: 5, peer: "node2", "alice stays"), at: .zero)
        view.heard(event(.collision, from: "node3", second: 5, peer: "node2", "bob stays"), at: .zero)
        view.heard(event(.collision, from: "node3", second: 5, peer: "node2", "alice stays"), at: .zero)
        #expect(view.events.map(\.text) == ["alice stays", "bob stays"])
        #expect(view.events.map(\.reporters) == [["node1", "node3"], ["node3"]])
    }

    @Test func memoryIsBounded() {
        var view = ClusterView()
        for index in 0..<1_000 {
            view.heard(.stats(report("n\(index)", statsAddress: "127.0.0.1:\(index + 1)")), at: .zero)
            view.heard(event(.repair, from: "n1", second: index * 60, "repaired \(index)"), at: .zero)
        }
        #expect(view.nodes.count == ClusterView.nodesMax)
        #expect(view.statsAddresses.count == ClusterView.nodesMax)
        #expect(view.events.count == ClusterView.eventsMax)
        #expect(view.events.last?.text == "repaired 999")
    }

    @Test func everyNodeAliveWithAStatsAddressHasToBeHeard() {
        var view = ClusterView()
        #expect(!view.everyFoundNodeWasHeard)
        let peers = [peer("node2", statsAddress: "127.0.0.1:1"), peer("node3", .down, statsAddress: "127.0.0.1:2")]
        view.heard(.stats(report("node1", peers: peers + [peer("node4")])), at: .zero)
        #expect(!view.everyFoundNodeWasHeard)
        #expect(view.statsAddresses == ["127.0.0.1:1", "127.0.0.1:2"])
        view.heard(.stats(report("node2")), at: .zero)
        #expect(view.everyFoundNodeWasHeard)
    }

    @Test func rostersDifferOnlyIfTheyStandStill() {
        var view = ClusterView()
        view.heard(.stats(report("node1", digest: "aa")), at: .zero)
        #expect(view.agreement(at: .zero) == .alone)
        view.heard(.stats(report("node2", digest: "aa")), at: .zero)
        #expect(view.agreement(at: .zero) == .agree)
        for second in 1...4 {
            view.heard(.stats(report("node1", digest: "aa")), at: .seconds(second))
            view.heard(.stats(report("node2", digest: "bb")), at: .seconds(second))
            #expect(view.agreement(at: .seconds(second)) == (second < 4 ? .changing : .differ))
        }
        view.heard(.stats(report("node2", state: .joining, digest: "bb")), at: .seconds(5))
        view.heard(.stats(report("node1", digest: "aa")), at: .seconds(5))
        #expect(view.agreement(at: .seconds(5)) == .alone)
    }

    @Test func numbersAtTheEdgeDoNotTrap() {
        var view = ClusterView()
        var wild = report("wild", peers: [peer("other", lag: .max)])
        wild.timeMs = .max
        wild.epoch = .min
        wild.uptimeMs = .min
        wild.connections.now = .max
        wild.process.cpuPercent = 1e300
        wild.process.memoryBytes = .max
        wild.process.loopLagMs = -1
        wild.messages.acceptedPerSecond = 1e300
        wild.latency.mesh.p99Us = .max
        for name in ["wild", "wild2"] {
            wild.node = name
            view.heard(.stats(wild), at: .zero)
        }
        view.heard(event(.repair, from: "wild", second: Int.min / 1_000_000, "early"), at: .zero)
        var late = StatsEvent(kind: .repair, node: "wild", epoch: 0, timeMs: .max, text: "early")
        view.heard(.event(late), at: .zero)
        late.timeMs = .min
        view.heard(.event(late), at: .zero)
        for now in [Duration.seconds(1), .seconds(10)] {
            view.tick(at: now)
            for columns in [80, 300] {
                let lines = Screen(addresses: []).lines(of: view, size: .init(columns: columns, rows: 24), at: now)
                #expect(lines.count == 24 && lines.allSatisfy { $0.width <= columns })
            }
        }
    }
}
