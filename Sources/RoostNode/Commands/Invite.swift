// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// INVITE, and the list of one's own invitations. https://modern.ircdocs.horse/#invite-message

import RoostIRC
import RoostModel
import RoostRoster

extension Node {
    /// How many invitations of one user to one channel stand at once; one more is refused until the user joins.
    static let invitationsMax = 5

    mutating func invite(_ caller: Caller, _ line: IRCLine) {
        guard let nick = line.parameters.first else {
            sendInvitations(to: caller)
            return
        }
        guard let text = line.parameters.dropFirst().first else {
            reply(.needMoreParameters(line.command), to: caller)
            return
        }
        guard let user = roster.user(named: Nick(nick)) else {
            reply(.noSuchNick(nick), to: caller)
            return
        }
        guard let channel = roster.visibleChannel(ChannelName(text)), mayList(channel, caller.user) else {
            reply(.noSuchChannel(text), to: caller)
            return
        }
        guard channel.members[caller.user] != nil else {
            reply(.notOnChannel(channel.name.text), to: caller)
            return
        }
        guard !channel.setFlags.contains(.inviteOnly) || leads(caller.user, channel) else {
            reply(.notChannelOperator(channel.name.text), to: caller)
            return
        }
        guard channel.members[user.id] == nil else {
            reply(.userOnChannel(user.nick.text, channel.name.text), to: caller)
            return
        }
        guard (channel.invited[user.id]?.count ?? 0) < Self.invitationsMax else {
            reply(.tryAgain(line.command), to: caller)
            return
        }
        reply(.inviting(user.nick.text, to: channel.name.text), to: caller)
        if let absence = absence(of: user) { reply(.away(user.nick.text, absence), to: caller) }
        publish(
            .invited(user: user.id, channel: channel.name, birth: channel.state.birth, by: actor(caller)))
    }

    private mutating func sendInvitations(to caller: Caller) {
        let channels = roster.channels.values.filter { $0.invited[caller.user]?.isEmpty == false }
        for channel in channels.sorted(by: { $0.name < $1.name }) {
            reply(.inviteList(channel.name.text), to: caller)
        }
        reply(.endOfInviteList, to: caller)
    }
}
