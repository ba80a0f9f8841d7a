// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Two clients do not believe at the same time that they go by one nick, unless their nodes cannot talk, or could not
// until just now. In quiet times there is no excuse.

import RoostModel

/// By what the clients were told, not by what the nodes know.
struct NickUnique {
    /// Sees whether two people go by one nick. `areApart` tells whether two nodes may disagree.
    func check(_ people: [Person], areApart: (Int, Int) -> Bool) throws(Violation) {
        var holders: [Nick: [Person]] = [:]
        for person in people where person.isThere {
            guard let nick = person.view.nick else { continue }
            for other in holders[nick] ?? [] where !areApart(other.node, person.node) {
                throw Violation(
                    rule: .nickUnique, detail: "persons \(other.number) and \(person.number) are both \(nick)")
            }
            holders[nick, default: []].append(person)
        }
    }
}
