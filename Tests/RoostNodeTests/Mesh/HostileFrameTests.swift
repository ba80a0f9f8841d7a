// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Frames that are well formed and mean harm: no bytes of a peer can stop a node (DESIGN §2, P8).

import RoostIRC
import RoostModel
import RoostNode
import RoostRoster
import RoostSim
import RoostWire
import Testing

/// What a peer's numbers can do to a machine that is given them raw.
struct HostileFrameTests {
    private static let stranger = NodeID("z")

    private func header(_ node: Node) throws -> FrameHeader {
        FrameHeader(
            cluster: node.settings.cluster, node: try #require(Self.stranger), epoch: Epoch(1),
            time: HybridTime(wall: WallTime(milliseconds: 1_767_225_600_000)))
    }

    private func step(_ node: inout Node, _ input: NodeInput) -> [NodeEffect] {
        var effects = NodeEffects()
        let now = Moment(
            instant: Instant(nanoseconds: 1_000_000_000), wall: WallTime(milliseconds: 1_767_225_600_000))
        node.step(input, at: now, into: &effects)
        return effects.queue
    }

    @Test(arguments: [(UInt64(1), UInt64.max, 1), (UInt64.max, UInt64.max, 1), (0, 0, 1), (2, 1, 1)])
    func aReplayRequestForAnyNumbersIsSurvived(first: UInt64, last: UInt64, answers count: Int) throws {
        var node = Node(settings: SimulatedCluster.settings(of: ["a", "b"])[0])
        _ = step(&node, .started)
        _ = step(&node, .clientConnected(ConnectionID(lane: 0, serial: 1), host: "192.0.2.1"))
        for line in ["NICK alice", "USER alice 0 * :Alice"] {
            _ = step(&node, .lineReceived(ConnectionID(lane: 0, serial: 1), try IRCLine(parsing: line)))
        }
        let request = ControlMessage.replayRequest(
            life: Life(node: node.settings.node, epoch: node.settings.epoch), first: first, last: last)
        let answers = step(
            &node, .controlReceived(.router([1]), ControlFrame(header: try header(node), message: request)))
        #expect(answers.count == count)
    }

    @Test func aPeerThatSpeaksForAnotherNodeIsNotHeard() throws {
        var node = Node(settings: SimulatedCluster.settings(of: ["a", "b"])[1])
        _ = step(&node, .started)
        let forged = Event(
            id: EventID(node: node.settings.node, epoch: Epoch(.max), sequence: 1), time: .zero,
            body: .nodeLeft(reason: "so they say"))
        let effects = step(
            &node, .eventsReceived(LinkID(1), EventFrame(header: try header(node), events: [forged])))
        #expect(effects.contains { if case .note(.frameMalformed) = $0 { true } else { false } })
        #expect(node.applied[node.settings.node]?.epoch != Epoch(.max))
    }
}
