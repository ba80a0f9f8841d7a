// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// WHOWAS: users who have left. https://modern.ircdocs.horse/#whowas-message

import RoostIRC
import RoostModel
import RoostRoster

extension Node {
    /// Remembers a user who left, or who goes by another nick now. Over the limit, the oldest is forgotten.
    mutating func rememberFormer(_ record: UserRecord, nick: Nick) {
        whowas.append(
            FormerUser(
                nick: nick, userName: record.userName, host: record.profile.host,
                realName: record.profile.realName, at: now.wall))
        // Cut off many at once, so that it costs little for each.
        if whowas.count >= settings.limits.whowasEntries * 2 {
            whowas.removeFirst(whowas.count - settings.limits.whowasEntries)
        }
    }
}
