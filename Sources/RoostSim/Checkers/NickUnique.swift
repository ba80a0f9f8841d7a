// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// At no time do two clients of the cluster both believe that they go by one nick.

import RoostModel

/// By what the clients were told, not by what the nodes know.
struct NickUnique {
    func check(_ people: [(number: Int, view: ClientView)]) throws(Violation) {
        var holders: [Nick: Int] = [:]
        for (number, view) in people {
            guard let nick = view.nick else { continue }
            if let other = holders.updateValue(number, forKey: nick) {
                throw Violation(rule: "NickUnique", detail: "clients \(other) and \(number) are both \(nick)")
            }
        }
    }
}
