// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What somebody who sees everything, and knows only what the changes of the roster told, believes the roster to be. It
// complains of every change that cannot be true, and compares itself with the roster.

import RoostModel
import RoostRoster

/// The roster as its changes tell it.
struct ObserverView: Equatable {
    struct Person: Equatable {
        var nick: String
        var profile: UserProfile
    }

    struct Room: Equatable {
        var members: [UserID: MemberStatus] = [:]
        var flags: ChannelFlags = []
        var key: String?
        var limit: UInt32?
        var lists: [MaskList: Set<String>] = [:]
        var topic = ""
    }

    private(set) var people: [UserID: Person] = [:]
    /// The life that owns each user, whether people see it or not.
    private var owners: [UserID: Life] = [:]
    private(set) var rooms: [ChannelName: Room] = [:]

    /// Whether people see the same, whoever owns the users.
    func looksLike(_ other: Self) -> Bool { people == other.people && rooms == other.rooms }

    /// Nobody yet.
    init() {}

    /// The truth.
    init(_ roster: Roster) {
        owners = roster.users.mapValues(\.life)
        for user in roster.users.values where !user.isHidden {
            people[user.id] = Person(nick: user.nick.text, profile: user.profile)
        }
        for (name, channel) in roster.channels {
            let members = roster.visibleMembers(of: channel)
            if members.isEmpty { continue }
            var room = Room(channel.state)
            for user in members { room.members[user.id] = channel.status(of: user.id) }
            rooms[name] = room
        }
    }

    /// Believes the changes of one event or merge, after which the roster is as given. Gives what cannot be true of
    /// them, or is not true after them.
    mutating func take(_ changes: [RosterChange], _ roster: Roster) -> [String] {
        var complaints = complaintsAboutOwners(changes, roster)
        owners = roster.users.mapValues(\.life)
        // Who comes in is shown what there is then: a whole room to the first, the status of the newcomer to others.
        var newRooms: Set<ChannelName> = []
        var newcomers: Set<String> = []
        for change in changes {
            if let complaint = take(change, roster, &newRooms, &newcomers) {
                complaints.append("\(complaint): \(change)")
            }
            rooms = rooms.filter { !$0.value.members.isEmpty }
        }
        for name in newRooms {
            guard let members = rooms[name]?.members, let channel = roster.channels[name] else { continue }
            rooms[name] = Room(channel.state)
            rooms[name]?.members = members
        }
        let truth = ObserverView(roster)
        if self != truth { complaints.append("believes \(self), but the truth is \(truth)") }
        return complaints
    }

    private mutating func take(
        _ change: RosterChange, _ roster: Roster, _ newRooms: inout Set<ChannelName>, _ newcomers: inout Set<String>
    ) -> String? {
        switch change {
        case .takenOver(let id, let former):
            guard let life = roster.users[id]?.life, life != former else { return "is not in another life" }
        case .userAppeared(let id):
            guard people[id] == nil else { return "seen twice" }
            guard let user = roster.users[id] else { return "not in the roster" }
            guard !isUsed(user.nick, except: id) else { return "its nick is another's" }
            people[id] = Person(nick: user.nick.text, profile: user.profile)
        case .userLeft(let record, let nick, let prefix, let channels, _):
            guard let person = people.removeValue(forKey: record.id) else { return "was not there" }
            guard person.nick == nick.text, prefix.hasPrefix(nick.text + "!"), person.profile == record.profile else {
                return "was known otherwise"
            }
            let known = rooms.filter { $0.value.members[record.id] != nil }.keys.sorted()
            for name in known { rooms[name]?.members[record.id] = nil }
            guard known == channels else { return "was known in \(known)" }
        case .nickChanged(let id, let from, let prefix):
            guard people[id]?.nick == from.text, prefix.hasPrefix(from.text + "!") else { return "had another nick" }
            guard let nick = roster.users[id]?.nick, nick.text != from.text else { return "has no other nick" }
            guard !isUsed(nick, except: id) || swaps(id, roster) else { return "its nick is another's" }
            people[id]?.nick = nick.text
        case .profileChanged(let id, let before):
            guard people[id]?.profile == before, let profile = roster.users[id]?.profile, profile != before else {
                return "was known otherwise"
            }
            people[id]?.profile = profile
        case .joined(let id, let name):
            guard people[id] != nil else { return "nobody joins" }
            guard rooms[name]?.members[id] == nil else { return "was in already" }
            if rooms[name] == nil { newRooms.insert(name) }
            newcomers.insert("\(id) \(name.folded)")
            rooms[name, default: Room()].members[id] = roster.channels[name]?.status(of: id) ?? []
        case .parted(let id, let name, let prefix, _):
            guard let nick = people[id]?.nick, prefix.hasPrefix(nick + "!") else { return "was known otherwise" }
            guard rooms[name]?.members.removeValue(forKey: id) != nil else { return "was not in" }
        case .kicked(let id, let name, _, _):
            guard rooms[name]?.members.removeValue(forKey: id) != nil else { return "was not in" }
        case .modesChanged(let name, let modes, _):
            guard rooms[name] != nil, !newRooms.contains(name) else { return nil }
            for mode in modes {
                if case .status(_, let user, _) = mode, newcomers.contains("\(user) \(name.folded)") {
                    return "its status came with the join"
                }
                if rooms[name]?.take(mode) != true { return "that changes nothing" }
            }
        case .topicChanged(let name, _):
            rooms[name]?.topic = roster.channels[name]?.state.topic?.value.text ?? ""
        case .invited(let id, _, _):
            guard people[id] != nil else { return "nobody was invited" }
        }
        return nil
    }

    /// Who was taken over is told of each once, before whatever else the take-over changed, and of nobody else.
    private func complaintsAboutOwners(_ changes: [RosterChange], _ roster: Roster) -> [String] {
        let takenOver = owners.filter { id, life in roster.users[id].map { $0.life != life } ?? false }
        let expected = takenOver.map { RosterChange.takenOver($0.key, from: $0.value) }
        let told = changes.prefix { if case .takenOver = $0 { true } else { false } }
        let isTold = Set(told) == Set(expected) && told.count == expected.count
        return isTold ? [] : ["of \(expected), it is told: \(changes)"]
    }

    /// Whether a user's new nick is that of somebody who takes another's, and so on back to its own: only then has the
    /// one to give it up not done so before.
    private func swaps(_ id: UserID, _ roster: Roster) -> Bool {
        var next = id
        for _ in people {
            guard let wanted = roster.users[next]?.nick,
                let keeper = people.first(where: { $0.key != next && Nick($0.value.nick) == wanted })?.key
            else { return false }
            if keeper == id { return true }
            next = keeper
        }
        return false
    }

    private func isUsed(_ nick: Nick, except id: UserID) -> Bool {
        people.contains { $0.key != id && Nick($0.value.nick) == nick }
    }
}

extension ObserverView.Room {
    fileprivate init(_ state: ChannelState) {
        flags = state.setFlags
        key = state.key?.value ?? nil
        limit = state.limit?.value ?? nil
        topic = state.topic?.value.text ?? ""
        lists = state.lists.mapValues { Set($0.keys) }
    }

    /// Believes a change of modes. Says whether it changed anything.
    fileprivate mutating func take(_ mode: VisibleMode) -> Bool {
        let before = self
        switch mode {
        case .flag(let flag, let isSet):
            if isSet { flags.insert(flag) } else { flags.remove(flag) }
        case .key(let key, let old):
            guard self.key == old else { return false }
            self.key = key
        case .limit(let limit): self.limit = limit
        case .status(let status, let user, let isSet):
            guard members[user] != nil else { return false }
            if isSet { members[user]?.insert(status) } else { members[user]?.remove(status) }
        case .list(let list, let mask, let isSet):
            if isSet { lists[list, default: []].insert(mask) } else { lists[list]?.remove(mask) }
            if lists[list]?.isEmpty == true { lists[list] = nil }
        }
        return self != before
    }
}
