// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Which birth of a channel is in force, rule by rule: all that belongs to a birth falls with it.

import RoostModel
import Testing

@testable import RoostRoster

struct BirthTests {
    private let name = ChannelName("#c")

    /// Alice at x and Bob at y have made #c apart, Alice first.
    private func madeApart() -> (x: Author, y: Author, alice: UserID, bob: UserID) {
        var (x, y) = (Author("x", milliseconds: 1_000), Author("y", milliseconds: 2_000))
        let (alice, bob) = (x.connect("alice"), y.connect("bob"))
        x.join(alice, "#c")
        y.join(bob, "#C")
        return (x, y, alice, bob)
    }

    @Test func theOlderBirthWinsAndTheYoungersStateFalls() {
        var (x, y, alice, bob) = madeApart()
        y.topic("ours", "#c", by: bob)
        y.ban("*!*@x", "#c", by: bob)
        y.mode("#c", by: bob, [.flag(.secret, isSet: true)])
        var roster = Roster(y.stream)
        #expect(
            roster.take(x.stream) == [
                .userAppeared(alice),
                .modesChanged(
                    name,
                    [
                        .flag(.noExternalMessages, isSet: false), .flag(.secret, isSet: false),
                        .flag(.topicProtected, isSet: false), .list(.bans, mask: "*!*@x", isSet: false),
                        .status(.channelOperator, user: bob, isSet: false),
                    ], by: nil),
                .topicChanged(name, by: nil), .joined(alice, name),
                .modesChanged(
                    name, [.flag(.noExternalMessages, isSet: true), .flag(.topicProtected, isSet: true)],
                    by: Actor(user: nil, prefix: "x")),
            ])
        let channel = roster.channels[name]
        #expect(channel?.status(of: alice) == .channelOperator)
        #expect(channel?.status(of: bob) == [])
        #expect(channel?.members.count == 2)
        #expect(channel?.name.text == "#c")
        #expect(roster.text == Roster(x.stream, y.stream).text)
    }

    @Test func theLowerNodeWinsATieOfBirths() {
        let time = HybridTime(wall: WallTime(milliseconds: 5))
        guard let (x, y) = NodeID("x").flatMap({ x in NodeID("y").map { (x, $0) } }) else { return }
        #expect(Birth(time: time, node: x) < Birth(time: time, node: y))
        #expect(Birth(time: .zero, node: y) < Birth(time: time, node: x))
    }

    @Test func aBirthThatLostComesBackWhenTheOlderEnded() {
        // Alice left and x, which knew nothing of Bob's channel, ended hers: Bob's stands, on every node.
        let (before, y, alice, bob) = madeApart()
        var x = before
        x.part(alice, "#c")
        let roster = Roster(y.stream, x.stream)
        #expect(roster.channels[name]?.status(of: bob) == .channelOperator)
        #expect(roster.channels[name]?.name.text == "#C")
        #expect(roster.text == Roster(x.stream, y.stream).text)
        var merged = Roster(y.stream)
        merged.merge(Roster(x.stream.dropLast()))
        #expect(merged.channels[name]?.status(of: bob) == [])
        merged.merge(Roster(x.stream))
        #expect(merged.text == roster.text)
    }

    @Test func anEndedBirthThatSomebodyIsInWins() {
        // Bob joined while x ended the channel; then x made it anew.
        var x = Author("x", milliseconds: 1_000)
        let alice = x.connect("alice")
        x.join(alice, "#c")
        x.topic("old", "#c", by: alice)
        var y = Author("y", milliseconds: 2_000)
        y.hear(x)
        let bob = y.connect("bob")
        y.join(bob, "#c")
        x.part(alice, "#c")
        x.milliseconds = 3_000
        x.join(alice, "#c")
        #expect(x.roster.channels[name]?.status(of: alice) == .channelOperator)
        for roster in [Roster(x.stream, y.stream), Roster(y.stream, x.stream)] {
            #expect(roster.channels[name]?.state.topic?.value.text == "old")
            #expect(roster.channels[name]?.status(of: alice) == [])
        }
        // When he has left, nobody is in the ended birth, and the new one is in force.
        y.part(bob, "#c")
        for roster in [Roster(x.stream, y.stream), Roster(y.stream, x.stream)] {
            #expect(roster.channels[name]?.state.topic == nil)
            #expect(roster.channels[name]?.status(of: alice) == .channelOperator)
        }
    }

    @Test func anEndingEndsEveryBirthBeforeIt() {
        // Both halves' births are over once the channel is; whoever comes next makes a new one, and leads it.
        var (x, y, alice, bob) = madeApart()
        x.hear(y)
        y.hear(x)
        y.part(bob, "#c")
        x.hear(y)
        x.milliseconds = 3_000
        x.part(alice, "#c")
        #expect(x.roster.channels[name]?.states.allSatisfy { $0.ended != nil } == true)
        x.milliseconds = 4_000
        x.join(alice, "#c")
        #expect(x.roster.channels[name]?.status(of: alice) == .channelOperator)
        #expect(x.roster.channels[name]?.state.ended == nil)
        // A late word about a birth before the end does not bring it back.
        let late = Birth(time: HybridTime(wall: WallTime(milliseconds: 1_500)), node: y.node)
        y.publish(.topicChanged(channel: name, birth: late, text: "late", by: y.actor(bob)))
        x.hear(y)
        #expect(x.roster.channels[name]?.state.topic == nil)
        #expect(x.roster.channels[name]?.states.count == 4)
    }

    @Test func hiddenMembersKeepTheirBirthInForce() {
        // Alice's node is out of reach: her channel is not Bob's for that.
        let (before, y, alice, bob) = madeApart()
        var x = before
        x.hear(y)
        x.publish(
            .channelEnded(
                channel: name, birth: x.roster.channels[name]?.state.birth ?? .init(time: .zero, node: x.node)))
        var roster = Roster(y.stream, x.stream)
        #expect(roster.channels[name]?.status(of: alice) == .channelOperator)
        var changes: [RosterChange] = []
        roster.hide(x.life, reason: "out of reach", into: &changes)
        #expect(changes.count == 1)
        #expect(roster.channels[name]?.status(of: bob) == [])
        #expect(roster.channels[name].map { roster.visibleMembers(of: $0).map(\.id) } == [bob])
    }

    @Test func whoJoinsAnEndedBirthWithHiddenMembersJoinsThem() {
        // The end of the channel was said by a node that did not see Alice; nobody sees her here, either. A birth of the
        // newcomer's own would be without force beside hers.
        var x = Author("x", milliseconds: 1_000)
        let alice = x.connect("alice")
        x.join(alice, "#c")
        var y = Author("y", milliseconds: 2_000)
        y.hear(x, count: x.stream.count - 2)
        guard let birth = x.roster.channels[name]?.state.birth else { return }
        y.publish(.channelEnded(channel: name, birth: birth))
        var roster = Roster(y.stream, x.stream)
        var changes: [RosterChange] = []
        roster.hide(x.life, reason: "out of reach", into: &changes)
        #expect(roster.visibleChannel(name) == nil)
        #expect(roster.channelToJoin(name)?.state.birth == birth)
        // Without her, it is over.
        #expect(y.roster.channels[name]?.state.ended != nil)
        #expect(y.roster.channelToJoin(name) == nil)
    }

    @Test func aPartitionMakesNobodyOperator() {
        // Alice leads #c. Cut off from her, Bob's half sees it empty and makes it anew. After the partition he has not
        // gained what she holds, and she has lost nothing.
        var (x, y) = (Author("x", milliseconds: 1_000), Author("y", milliseconds: 1_000))
        let alice = x.connect("alice")
        x.join(alice, "#c")
        x.ban("bad!*@*", "#c", by: alice)
        let bob = y.connect("bob")
        y.hear(x)
        x.topic("still here", "#c", by: alice)
        var nothing: [RosterChange] = []
        var half = y.roster
        half.hide(x.life, reason: "out of reach", into: &nothing)
        #expect(half.visibleChannel(name) == nil)
        y.milliseconds = 2_000
        guard let birth = half.channels[name]?.state.birth else { return }
        y.publish(.channelEnded(channel: name, birth: birth))
        let anew = Birth(time: y.now(), node: y.node)
        y.publish(.joined(user: bob, channel: name, birth: anew, status: .channelOperator, invitations: []))
        for roster in [Roster(x.stream, y.stream), Roster(y.stream, x.stream)] {
            #expect(roster.channels[name]?.status(of: alice) == .channelOperator)
            #expect(roster.channels[name]?.status(of: bob) == [])
            #expect(roster.channels[name]?.state.topic?.value.text == "still here")
            #expect(roster.channels[name]?.state.lists[.bans]?.keys.sorted() == ["bad!*@*"])
        }
    }

    @Test func whatIsWrittenOutOfForceIsNotShown() {
        var (x, y, _, bob) = madeApart()
        var roster = Roster(x.stream, y.stream)
        y.topic("unseen", "#c", by: bob)
        y.ban("*!*@x", "#c", by: bob)
        #expect(roster.take(Array(y.stream.suffix(2))) == [])
        #expect(roster.channels[name]?.state.topic == nil)
        x.hear(y)
        #expect(x.roster.text == roster.text)
    }
}
