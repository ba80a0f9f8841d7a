// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// After a quiet time every client's idea of its nick, its channels, who is in them and who leads them is what its node knows.

import RoostIRC
import RoostModel
import RoostNode
import RoostRoster

/// A client that was told everything once, and nothing wrong, has the right idea.
struct ViewsTrue {
    func check(_ number: Int, _ view: ClientView, at machine: Node) throws(Violation) {
        guard let nick = view.nick else { return }
        let roster = machine.roster
        guard let user = roster.user(named: nick) else {
            throw Violation(rule: .viewsTrue, detail: "person \(number) is \(nick), whom its node does not know")
        }
        let names = Set(view.channels.keys)
        guard names == user.channels else {
            throw Violation(
                rule: .viewsTrue,
                detail: "person \(number), \(nick), is in \(names.sorted()); its node says \(user.channels.sorted())")
        }
        for name in names.sorted() {
            guard let channel = roster.channels[name] else { continue }
            let members = roster.visibleMembers(of: channel).map { member in
                channel.status(of: member.id).prefixes + member.nick.folded
            }
            let known = (view.channels[name] ?? [:]).sorted { $0.key < $1.key }.map { member, statuses in
                String(ChannelMode.statuses.filter { statuses.contains($0) }.compactMap(\.prefix)) + member.folded
            }
            guard members == known else {
                throw Violation(
                    rule: .viewsTrue,
                    detail: "person \(number), \(nick), sees \(known) in \(name); its node \(members)")
            }
        }
    }
}
