// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// After a quiet time every client's idea of its nick, its channels and who is in them is what its node knows.

import RoostModel
import RoostNode
import RoostRoster

/// A client that was told everything once, and nothing wrong, has the right idea.
struct ViewsTrue {
    func check(_ number: Int, _ view: ClientView, at machine: Node) throws(Violation) {
        guard let nick = view.nick else { return }
        let roster = machine.roster
        guard let user = roster.user(named: nick) else {
            throw Violation(rule: "ViewsTrue", detail: "client \(number) is \(nick), whom its node does not know")
        }
        let names = Set(view.channels.keys)
        guard names == user.channels else {
            throw Violation(
                rule: "ViewsTrue",
                detail: "client \(number), \(nick), is in \(names.sorted()); its node says \(user.channels.sorted())")
        }
        for name in names.sorted() {
            guard let channel = roster.channels[name] else { continue }
            let members = Set(roster.visibleMembers(of: channel).map(\.nick))
            let known = view.channels[name] ?? []
            guard members == known else {
                throw Violation(
                    rule: "ViewsTrue",
                    detail: "client \(number), \(nick), sees \(known.sorted()) in \(name); its node \(members.sorted())"
                )
            }
        }
    }
}
