// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Snapshots from a seed.

import RoostModel
import RoostRoster

extension RandomValues {
    mutating func snapshot() -> Snapshot {
        Snapshot(
            vector: vector(), formerLives: formerLives(),
            users: list(0...4) { Snapshot.UserEntry(record: $0.user(), introduced: $0.id()) },
            claims: list(0...4) { $0.claim() }, channels: list(0...3) { $0.channelEntry() },
            removals: Set(list(0...3) { Removal(tag: $0.id(), channel: $0.channel()) }),
            holds: table { ($0.life(), $0.wall()) }, endings: table { ($0.life(), $0.time()) },
            departures: table { ($0.id(), Session(number: $0.word32(), since: $0.time(), node: $0.node())) },
            kept: list(0...4) {
                Event(id: $0.id(), time: $0.time(), body: $0.body(kind: $0.number(0...Self.kindsOfEvents - 1)))
            },
            formerSenders: table { ($0.id(), $0.nick().text + "!u@h") }, delivered: table { ($0.life(), $0.vector()) })
    }

    private mutating func formerLives() -> FormerLives {
        var lives = FormerLives()
        lives.last = table { ($0.life(), $0.word64()) }
        lives.horizons = table { ($0.node(), $0.epoch()) }
        return lives
    }

    private mutating func table<Key: Hashable, Value>(_ entry: (inout Self) -> (Key, Value)) -> [Key: Value] {
        Dictionary(list(0...3) { entry(&$0) }) { first, _ in first }
    }

    mutating func claim() -> StandingClaim {
        let id = id()
        return StandingClaim(id: id, user: bool() ? id : self.id(), nick: nick(), identity: text(), time: time())
    }

    mutating func channelEntry() -> Snapshot.ChannelEntry {
        let name = channel()
        let states = list(1...3) { $0.channelState(of: name) }
        var members: [UserID: [MembershipTag]] = [:]
        for _ in 0..<number(0...4) {
            members[id()] = list(0...2) {
                MembershipTag(id: $0.id(), birth: $0.bool() ? states[0].birth : $0.birth())
            }
        }
        return Snapshot.ChannelEntry(name: name, states: states, members: members)
    }

    mutating func channelState(of channel: ChannelName) -> ChannelState {
        var state = ChannelState(birth: birth(), name: bool() ? channel : self.channel())
        state.ended = maybe { $0.time() }
        state.topic = maybe {
            let topic = Topic(text: $0.text(), setter: $0.text(), time: $0.wall())
            return $0.register(topic)
        }
        state.key = maybe { $0.register($0.maybe { $0.text() }) }
        state.limit = maybe { $0.register($0.maybe { $0.word32() }) }
        for _ in 0..<number(0...3) { state.flags[1 << UInt8(number(0...5))] = register(bool()) }
        for _ in 0..<number(0...4) {
            var entry = MaskEntry(tags: list(1...3) { $0.id() }.sorted(), setter: text(), time: wall())
            if bool() { entry.merge(MaskEntry(tags: [id()], setter: text(), time: wall())) }
            state.lists[element(of: MaskList.allCases), default: [:]][text()] = entry
        }
        for _ in 0..<number(0...2) { state.invited[id()] = Set(list(1...3) { $0.id() }) }
        for _ in 0..<number(0...3) {
            state.statuses[id(), default: [:]][1 << UInt8(number(0...2))] = register(bool())
        }
        return state
    }

    private mutating func register<Value>(_ value: Value) -> Register<Value> {
        Register(value, time: time(), node: node())
    }
}
