// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// WHOWAS: users who have left. https://modern.ircdocs.horse/#whowas-message

import RoostIRC
import RoostModel
import RoostRoster

extension Node {
    mutating func whowas(_ caller: Caller, _ line: IRCLine) {
        guard line.parameters.first?.isEmpty == false else {
            reply(.noNicknameGiven, to: caller)
            return
        }
        let nicks = line.parameters[0].split(separator: ",").map { Nick(String($0)) }
        guard line.parameters.count < 3 || names(line.parameters[2]) else {
            reply(.noSuchServer(line.parameters[2]), to: caller)
            return
        }
        // A count that is not a positive number asks for all.
        let asked = line.parameters.count > 1 ? Int(line.parameters[1]) ?? 0 : 0
        let kept = whowas.suffix(settings.limits.whowasEntries)
        for nick in nicks.prefix(settings.limits.targetsPerCommand) {
            let found = kept.reversed().lazy.filter { $0.nick == nick }.prefix(asked > 0 ? asked : .max)
            if found.isEmpty { reply(.wasNoSuchNick(nick.text), to: caller) }
            for former in found {
                reply(
                    .whowasUser(
                        former.nick.text, user: former.userName, host: former.host, realName: former.realName),
                    to: caller)
                reply(
                    .whoisServer(
                        former.nick.text, server: settings.serverName,
                        description: ServerTime.text(millisecondsSince1970: former.at.milliseconds)),
                    to: caller)
            }
        }
        reply(.endOfWhowas(line.parameters[0]), to: caller)
    }

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
