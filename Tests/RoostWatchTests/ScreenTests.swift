// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Golden screens: a view, a size and a time, and every character that they give.

import RoostStats
import Testing

@testable import RoostWatch

struct ScreenTests {
    private let screen = Screen(addresses: ["127.0.0.1:7602"])

    /// The screen as text, without the blanks at the ends of lines.
    private func text(_ view: ClusterView, _ columns: Int, _ rows: Int, at now: Duration) -> String {
        plain(screen.lines(of: view, size: .init(columns: columns, rows: rows), at: now))
    }

    private func plain(_ lines: [StyledLine]) -> String {
        lines.map { line in
            var text = line.rendered(colour: false)
            while text.last == " " { text.removeLast() }
            return text
        }.joined(separator: "\n")
    }

    @Test func threeNodesThatAreWell() {
        var view = ClusterView.three(lag: 3)
        view.heard(event(.peerUp, from: "node1", second: 8, peer: "node2", "node2 is up"), at: .seconds(1))
        view.heard(event(.peerUp, from: "node10", second: 8, peer: "node2", "node2 is up"), at: .seconds(1))
        let clash = "alice stays with node1; node2's is now alice|k3f"
        view.heard(event(.collision, from: "node1", second: 9, clash), at: .seconds(1))
        #expect(
            text(view, 80, 13, at: .seconds(2)) == """
                roost  3 nodes, 3 serving  rosters agree                            00:00:11 UTC

                NODE    STATE    CLIENTS USERS  IN/S OUT/S   LAG   P99   CPU   MEM PEERS     UP
                node1   serving      120   363   2.5 12.4k     0 245µs    3%   20M   2/2  3m12s
                node2   serving      121   363   2.5 12.4k     3 245µs    3%   20M   2/2  3m12s
                node10  serving      122   363   2.5 12.4k     0 245µs    3%   20M   2/2  3m12s
                cluster              363   363   7.5 37.2k     3 245µs   10%   60M

                EVENTS
                00:00:09 alice stays with node1; node2's is now alice|k3f  (node1)
                00:00:08 node2 is up  (node1, node10)

                q quits  IN/S messages in  OUT/S deliveries  LAG events behind  P99 latency
                """)
    }

    @Test func oneNodeIsSilentAndAnotherWasNeverHeard() {
        var view = ClusterView.three()
        for second in 11...22 {
            view.heardAgain("node1", "node10", second: second, saying: .down, of: "node2")
            view.tick(at: .seconds(second - 9))
        }
        view.heard(
            .stats(report("node1", second: 22, peers: [peer("node2", .down), peer("zoo", .up)])), at: .seconds(13))
        view.heard(.stats(report("node10", second: 22, peers: [peer("node2", .up)])), at: .seconds(13))
        #expect(
            text(view, 80, 12, at: .seconds(13)) == """
                roost  4 nodes, 2 serving, 1 silent  rosters agree                  00:00:22 UTC

                NODE    STATE    CLIENTS USERS  IN/S OUT/S   LAG   P99   CPU   MEM PEERS     UP
                node1   serving      120   363   2.5 12.4k     0 245µs    3%   20M   1/2  3m12s
                node2   silent   since 00:00:10 (12s); down: node1; up: node10
                node10  serving      120   363   2.5 12.4k     0 245µs    3%   20M   1/1  3m12s
                zoo     unheard  no report yet; node1 says up
                cluster              240   363     5 24.8k     0 245µs    7%   40M

                EVENTS
                00:00:12 node2 sends no more reports
                q quits  IN/S messages in  OUT/S deliveries  LAG events behind  P99 latency
                """)
    }

    @Test func aNarrowWindowKeepsWhatMattersMost() {
        #expect(
            text(.three(), 44, 8, at: .seconds(2)) == """
                roost  3 nodes, 3 serving  ros… 00:00:11 UTC

                NODE    STATE    CLIENTS  IN/S   LAG   P99
                node1   serving      120   2.5     0 245µs
                node2   serving      121   2.5     0 245µs
                node10  serving      122   2.5     0 245µs
                cluster              363   7.5     0 245µs
                q quits  IN/S messages in  LAG events behind
                """)
    }

    @Test func aWideWindowShowsMore() {
        let lines = text(.three(), 150, 8, at: .seconds(2)).split(separator: "\n")
        #expect(
            lines[1].split(separator: " ").joined(separator: " ") == """
                NODE STATE CLIENTS USERS CHANNELS IN/S OUT/S LAG P99 LOCAL50 LOCAL99 MESH50 MESH99 CPU \
                MEM LOOP PEERS UP VERSION
                """)
        #expect(
            lines[2].split(separator: " ").joined(separator: " ") == """
                node1 serving 120 363 14 2.5 12.4k 0 245µs 20µs 90µs 84µs 245µs 3% 20M 200µs 2/2 3m12s 0.1.0
                """)
        #expect(lines[1].count == lines[2].count && lines[1].count <= 150)
    }

    @Test func aLowWindowSaysWhatIsHidden() {
        #expect(
            text(.three(), 60, 6, at: .seconds(2)) == """
                roost  3 nodes, 3 serving  rosters agree        00:00:11 UTC

                NODE    STATE    CLIENTS USERS  IN/S OUT/S   LAG   P99   CPU
                … 3 more: make the window higher
                cluster              363   363   7.5 37.2k     0 245µs   10%
                q quits  IN/S messages in  OUT/S deliveries  P99 latency
                """)
    }

    @Test func nobodyAnswers() {
        #expect(
            text(ClusterView(), 80, 8, at: .seconds(65)) == """
                roost

                Nobody publishes at 127.0.0.1:7602 yet (waiting for 65s).

                Start a node with `roost node` or `roost cluster up`, or give the stats address
                of a running one: roost stats HOST:PORT

                q quits
                """)
        #expect(text(ClusterView(), 80, 4, at: .zero).contains("Listening to 127.0.0.1:7602 …"))
    }

    @Test func aSingleLookIsHeaderAndTable() {
        var view = ClusterView()
        view.heard(.stats(report("solo", second: 3)), at: .zero)
        #expect(
            plain(screen.summary(of: view, columns: 80, at: .zero)) == """
                roost  1 node, 1 serving                                            00:00:03 UTC

                NODE    STATE    CLIENTS USERS  IN/S OUT/S   LAG   P99   CPU   MEM PEERS     UP
                solo    serving      120   363   2.5 12.4k     0 245µs    3%   20M   0/0  3m12s
                """)
    }

    @Test func statesHaveColours() {
        var view = ClusterView.three()
        view.heard(.stats(report("node2", state: .draining, peers: [peer("node1", .suspect)])), at: .seconds(2))
        let lines = screen.lines(of: view, size: .init(columns: 80, rows: 24), at: .seconds(2))
        let coloured = lines.map { $0.rendered(colour: true) }
        #expect(coloured[3].contains("\u{1B}[32mserving \u{1B}[0m"))
        #expect(coloured[4].contains("\u{1B}[33mdraining\u{1B}[0m"))
        #expect(coloured[4].contains("\u{1B}[33m   0/1\u{1B}[0m"))
        view.tick(at: .seconds(4))
        let later = screen.lines(of: view, size: .init(columns: 80, rows: 24), at: .seconds(4))
        #expect(later[3].rendered(colour: true).contains("\u{1B}[1;31msilent  \u{1B}[0m"))
        #expect(later.allSatisfy { !$0.rendered(colour: false).contains("\u{1B}") })
    }

    @Test func noSizeAndNoNameBreaksTheEdges() {
        var view = ClusterView.three()
        view.heard(.stats(report("a-very-long-node-name-that-goes-on-and-on")), at: .seconds(1))
        view.heard(.stats(report("evil\u{1B}[2J\n名前\u{202E}")), at: .seconds(1))
        view.heard(
            event(.repair, from: "node1", second: 1, "x\u{7}\r\nwide 文字 " + String(repeating: "y", count: 300)),
            at: .zero)
        for columns in stride(from: 0, through: 120, by: 5) {
            for rows in [0, 1, 2, 3, 5, 7, 8, 9, 12, 30] {
                let lines = screen.lines(of: view, size: .init(columns: columns, rows: rows), at: .seconds(2))
                #expect(lines.count == rows)
                #expect(lines.allSatisfy { $0.width <= columns }, "\(columns)x\(rows)")
                let text = lines.map { $0.rendered(colour: false) }.joined()
                #expect(!text.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F || $0.value == 0x202E })
            }
        }
    }
}
