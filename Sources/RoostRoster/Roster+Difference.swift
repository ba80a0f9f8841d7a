// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What people see change between two states of the roster, in an order in which it could have happened: first who
// was taken over, then those who leave, then changes of those who stay, then those who come.

import RoostModel

extension Roster {
    /// Tells how this roster looks different from an earlier one. `reason` is given for those who left.
    func appendDifference(from old: Roster, reason: (Life) -> String, into changes: inout [RosterChange]) {
        var (left, changed): ([UserID], [UserID]) = ([], [])
        changes += old.users.values.filter { user in users[user.id].map { $0.life != user.life } ?? false }
            .sorted { $0.id < $1.id }.map { .takenOver($0.id, from: $0.life) }
        for (id, before) in old.users where !before.isHidden {
            guard let after = users[id], !after.isHidden else {
                left.append(id)
                continue
            }
            if before.looks(otherThan: after) { changed.append(id) }
        }
        changes += left.sorted().compactMap { id in old.users[id].map { $0.left(reason: reason($0.life)) } }
        var joins: [RosterChange] = []
        var renames: [Rename] = []
        var profiles: [RosterChange] = []
        for id in changed.sorted() {
            guard let before = old.users[id], let after = users[id] else { continue }
            if before.channels != after.channels {
                let parted = before.channels.subtracting(after.channels).sorted()
                changes += parted.map { .parted(after.id, $0, prefix: before.prefix, reason: nil) }
                joins += after.channels.subtracting(before.channels).sorted().map { .joined(after.id, $0) }
            }
            if before.nick.text != after.nick.text {
                renames.append(Rename(user: after.id, from: before.nick, prefix: before.prefix, to: after.nick))
            }
            if before.profile != after.profile {
                profiles.append(.profileChanged(after.id, before: before.profile))
            }
        }
        changes += Rename.inOrder(renames).map(\.change)
        changes += profiles
        for id in users.keys.filter({ isVisible($0) && !old.isVisible($0) }).sorted() {
            changes.append(.userAppeared(id))
            changes += users[id]?.channels.sorted().map { .joined(id, $0) } ?? []
        }
        changes += joins
        for name in channels.keys.sorted() { appendDifference(of: name, from: old, into: &changes) }
    }

    /// Tells how a channel looks different to those who were in it and still are.
    private func appendDifference(of name: ChannelName, from old: Roster, into changes: inout [RosterChange]) {
        guard let before = old.channels[name], let after = channels[name], before.state != after.state else { return }
        let stayed = before.members.keys.filter {
            after.members[$0] != nil && old.isVisible($0) && isVisible($0)
        }
        guard !stayed.isEmpty else { return }
        var modes = after.state.difference(from: before.state)
        for id in stayed.sorted() {
            modes += VisibleMode.changes(of: id, from: before.status(of: id), to: after.status(of: id))
        }
        if !modes.isEmpty { changes.append(.modesChanged(name, modes, by: nil)) }
        if before.state.topicText != after.state.topicText { changes.append(.topicChanged(name, by: nil)) }
    }
}

extension User {
    /// Whether people see any difference between two states of a user.
    fileprivate func looks(otherThan other: User) -> Bool {
        nick.text != other.nick.text || channels != other.channels || profile != other.profile
    }
}
