// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Plans are read as they are meant, and what is wrong with one is told with its line and what is allowed there.

import Foundation
import Testing

@testable import RoostChaos

struct FaultPlanTests {
    private static let head = "name x\nnetwork proxy\nexpect lost 0\n"

    @Test func everyStatementIsRead() throws {
        let plan = try FaultPlan(
            parsing: """
                // a comment
                name isolate
                show both sides go on
                network proxy
                nodes 4
                clients 12
                rate 50
                run 30s
                user olga on node1
                set hold.time 5s
                stay-away

                at 5s cut node1 node2        // both ways
                at 2s olga: MODE #den +b a!*@*
                at 5s cut node3 -> node4
                at 6s delay node1 node3 200ms
                at 6s lose node1 node3 5%
                at 7s isolate node4
                at 8500ms heal
                at 9s stop node1
                at 10s continue node1
                at 11s kill node2
                at 12s restart node2
                at 13s fill-disk node3
                at 14s free-disk node3
                expect quits 0
                expect twice-own <= 7
                expect returned >= 1
                expect converged <= 2s
                expect p99 <= 250ms after 2s
                expect holder zed is early
                expect operators #den are b a
                expect bans #den is nobody
                expect same names #den
                """)
        var expected = FaultPlan()
        expected.name = "isolate"
        expected.shows = "both sides go on"
        expected.network = .proxy
        expected.nodes = 4
        expected.clients = 12
        expected.rate = 50
        expected.length = .seconds(30)
        expected.settings = ["hold.time": "5s"]
        expected.clientsReturn = false
        expected.actors = [FaultPlan.Actor(name: "olga", node: 0)]
        let steps: [(Int, FaultAction)] = [
            (2_000, .say(actor: "olga", line: "MODE #den +b a!*@*")),
            (5_000, .cut(from: 0, to: 1)), (5_000, .cut(from: 1, to: 0)), (5_000, .cut(from: 2, to: 3)),
            (6_000, .delay(0, 2, .milliseconds(200))), (6_000, .lose(0, 2, percent: 5)), (7_000, .isolate(3)),
            (8_500, .heal), (9_000, .stop(0)), (10_000, .resume(0)), (11_000, .kill(1)), (12_000, .restart(1)),
            (13_000, .fillDisk(2)), (14_000, .freeDisk(2)),
        ]
        expected.steps = steps.map { FaultPlan.Step(at: .milliseconds($0.0), action: $0.1) }
        expected.expectations = [
            .limit(.quits, .count(0), after: .zero), .limit(.twiceOwn, .count(7), after: .zero),
            .limit(.returned, .countAtLeast(1), after: .zero),
            .limit(.converged, .time(.seconds(2)), after: .zero),
            .limit(.p99, .time(.milliseconds(250)), after: .seconds(2)),
            .answer(.holder(nick: "zed"), ["early"]), .answer(.operators(channel: "#den"), ["a", "b"]),
            .answer(.bans(channel: "#den"), []), .same(.names(channel: "#den")),
        ]
        #expect(plan == expected)
        #expect(plan.nodesWithSmallDisks == [2])
    }

    @Test(arguments: [
        ("kil node1", "4: kil: unknown statement"),
        ("at 5s kil node1", "4: kil: unknown; allowed: kill, stop"),
        ("at 5s kill node4", "4: node4: there is no such node; allowed: node1 to node3"),
        ("at 5s kill", "4: the line ends where there should be a node"),
        ("at 5 kill node1", "4: 5: allowed: a time such as 5s"),
        ("at -5s kill node1", "4: -5s: allowed: a time"),
        ("at 20s kill node1", "4: at 20 s: the run ends at 20 s"),
        ("at 5s kill node1 node2", "4: node2: the line should end before it"),
        ("at 5s cut node1 -> node1", "4: node1: a node has no link to itself"),
        ("at 5s lose node1 node2 5", "4: 5: allowed: a share"),
        ("at 5s zoe: JOIN #x", "4: zoe: no such user; write `user zoe on NODE` before"),
        ("network carrier", "4: network carrier: allowed: direct, proxy, namespaces"),
        ("nodes 1", "4: 1: allowed: a whole number from 2 to 9"),
        ("expect lots 0", "4: lots: no figure or question"),
        ("expect lost none", "4: none: allowed: a whole number"),
        ("expect p99 250ms", "4: p99 is a time: write `expect p99 <= 2s`"),
        ("expect lost 0 after 2s", "4: after: the line should end before it"),
        ("expect names #x", "4: after names #x there should be \"is\""),
    ])
    func aWrongLineIsNamed(line: String, message: String) throws {
        do {
            _ = try FaultPlan(parsing: Self.head + line)
            Issue.record("read: \(line)")
        } catch {
            #expect(error.description.hasPrefix(message), "\(error)")
        }
    }

    @Test func linksNeedSomethingBetweenTheNodes() throws {
        #expect(throws: FaultPlanError.self) { try FaultPlan(parsing: "name x\nat 5s cut node1 node2\nexpect lost 0") }
    }

    @Test func aPlanThatExpectsNothingIsRefused() {
        #expect(throws: FaultPlanError.self) { try FaultPlan(parsing: "name x\nat 5s kill node1") }
        #expect(throws: FaultPlanError.self) { try FaultPlan(parsing: "expect lost 0") }
    }

    /// The plans that `make chaos` runs.
    @Test func thePlansOfTheTreeAreReadAndHaveNamesOfTheirOwn() throws {
        let folder = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .appending(path: "../../../cluster/faults").standardizedFileURL.path
        let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".plan") }
        let names = try files.map { file in
            let text = try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
            let plan = try FaultPlan(parsing: text)
            #expect(!plan.shows.isEmpty, "\(file)")
            return plan.name
        }
        #expect(Set(names).count == names.count)
        #expect(names.contains("kill"))
    }
}
