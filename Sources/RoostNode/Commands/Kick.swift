// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// KICK. https://modern.ircdocs.horse/#kick-message

import RoostIRC
import RoostModel
import RoostRoster

extension Node {
    /// One channel and one or many users, or as many channels as users.
    mutating func kick(_ caller: Caller, _ line: IRCLine) {
        let channels = line.parameters[0].split(separator: ",").map(String.init)
        let nicks = line.parameters[1].split(separator: ",").map(String.init)
        guard let first = channels.first, !nicks.isEmpty, channels.count == 1 || channels.count == nicks.count else {
            reply(.needMoreParameters(line.command), to: caller)
            return
        }
        let given = line.parameters.dropFirst(2).first ?? ""
        let reason = given.isEmpty ? targetName(of: caller.connection) : given
        let targetsMax = settings.limits.targetsPerCommand
        for (index, nick) in nicks.prefix(targetsMax).enumerated() {
            kick(
                nick, from: channels.count == 1 ? first : channels[index], caller,
                reason: reason.truncated(toBytes: settings.limits.reasonLength))
        }
        if nicks.count > targetsMax { reply(.tooManyTargets(nicks[targetsMax]), to: caller) }
    }

    private mutating func kick(_ nick: String, from text: String, _ caller: Caller, reason: String) {
        guard let channel = roster.visibleChannel(ChannelName(text)), mayList(channel, caller.user) else {
            reply(.noSuchChannel(text), to: caller)
            return
        }
        guard channel.members[caller.user] != nil else {
            reply(.notOnChannel(channel.name.text), to: caller)
            return
        }
        guard leads(caller.user, channel) else {
            reply(.notChannelOperator(channel.name.text), to: caller)
            return
        }
        guard let user = roster.user(named: Nick(nick)) else {
            reply(.noSuchNick(nick), to: caller)
            return
        }
        guard let tags = channel.members[user.id] else {
            reply(.userNotInChannel(user.nick.text, channel.name.text), to: caller)
            return
        }
        guard outranks(caller.user, user.id, in: channel) || user.id == caller.user else {
            reply(.notChannelOperator(channel.name.text), to: caller)
            return
        }
        publish(
            .kicked(
                user: user.id, channel: channel.name, tags: tags.map(\.id), by: actor(caller), reason: reason))
    }
}
