// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// AWAY and SETNAME: what a user says of itself. https://modern.ircdocs.horse/#away-message,
// https://ircv3.net/specs/extensions/setname

import RoostIRC
import RoostModel
import RoostRoster

extension Node {
    mutating func away(_ caller: Caller, _ line: IRCLine) {
        guard var profile = roster.users[caller.user]?.profile else { return }
        let before = profile
        let text = (line.parameters.first ?? "").truncated(toBytes: settings.limits.awayLength)
        profile.away = text.isEmpty ? nil : text
        if profile != before { publish(.profileChanged(user: caller.user, profile: profile)) }
        reply(text.isEmpty ? .unaway : .nowAway, to: caller)
    }

    mutating func setname(_ caller: Caller, _ line: IRCLine) {
        guard var profile = roster.users[caller.user]?.profile else { return }
        let text = line.parameters[0]
        guard !text.isEmpty, text.utf8.count <= settings.limits.realNameLength else {
            send("FAIL", ["SETNAME", "INVALID_REALNAME", "Realname is not valid"], to: caller.connection)
            return
        }
        guard text != profile.realName else { return }
        profile.realName = text
        publish(.profileChanged(user: caller.user, profile: profile))
    }

    /// Why a user does not answer, in words: its away message, or that it is held and since when.
    func absence(of user: User) -> String? {
        guard let since = heldSince(user) else { return user.profile.away }
        let time = ServerTime.text(millisecondsSince1970: since.milliseconds)
        return "Connection lost at \(time); messages are kept until it is back"
    }
}
