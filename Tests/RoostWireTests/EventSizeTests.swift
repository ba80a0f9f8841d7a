// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// That the size an event is thought to have is about the one that it has in a frame: limits are built on it.

import RoostModel
import RoostRoster
import RoostWire
import Testing

@Suite struct EventSizeTests {
    @Test(arguments: 0..<RandomValues.kindsOfEvents)
    func theSizeOfEachKindIsKnownRoughly(kind: Int) {
        for seed in 0..<500 {
            var random = RandomValues(seed: UInt64(seed))
            expectRoughly(random.body(kind: kind), random.time(), &random)
        }
    }

    @Test func longPartsOfAnyKindCount() {
        let long = String(repeating: "x", count: 5_000)
        var random = RandomValues(seed: 1)
        let ids = (0..<2_000).map { _ in random.id() }
        let actor = Actor(user: nil, prefix: long)
        let (channel, birth, id) = (ChannelName(long), random.birth(), random.id())
        let tags = Array(repeating: ChatMessage.Tag(key: "+" + long, value: long), count: 10)
        let profile = UserProfile(host: long, realName: long, account: long, away: long)
        let stays = TakeOver.Membership(channel: channel, birth: birth, status: .voice)
        let bodies: [EventBody] = [
            .messageSent(
                ChatMessage(kind: .tags, sender: id, target: .channel(channel, atLeast: []), text: "", tags: tags)),
            .joined(user: id, channel: channel, birth: birth, status: [], invitations: ids),
            .parted(user: id, channel: channel, tags: ids, reason: long),
            .kicked(user: id, channel: channel, tags: ids, by: actor, reason: long),
            .modesChanged(
                channel: channel, birth: birth,
                changes: Array(repeating: .listRemoved(.bans, mask: long, tags: ids), count: 10), by: actor),
            .modesChanged(
                channel: channel, birth: birth,
                changes: Array(repeating: .flag(.secret, isSet: true), count: 1_000), by: actor),
            .topicChanged(channel: channel, birth: birth, text: long, by: actor),
            .profileChanged(user: id, profile: profile),
            .userTakenOver(
                TakeOver(
                    user: id, session: Session(number: 2, since: .zero, node: id.node), nick: Nick(long),
                    identity: long, claimedAt: .zero, userName: long, profile: profile, signedOn: random.wall(),
                    memberships: Array(repeating: stays, count: 100), after: id)),
            .unknown(kind: 99, content: Array(repeating: 0, count: 50_000)),
        ]
        for body in bodies { expectRoughly(body, .zero, &random) }
    }

    private func expectRoughly(_ body: EventBody, _ time: HybridTime, _ random: inout RandomValues) {
        let header = random.header()
        let first = UInt64(random.number(1...9_999_999))
        func event(_ body: EventBody, _ sequence: UInt64) -> Event {
            Event(id: EventID(node: header.node, epoch: header.epoch, sequence: sequence), time: time, body: body)
        }
        let (other, event) = (event(.nodeLeft(reason: ""), first), event(body, first + 1))
        let size =
            EventFrame(header: header, events: [other, event]).encoded().count
            - EventFrame(header: header, events: [other]).encoded().count
        #expect(event.approximateBytes * 2 >= size, "\(event)")
        #expect(event.approximateBytes <= size * 2 + 64, "\(event)")
    }
}
