// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// WHOIS. https://modern.ircdocs.horse/#whois-message

import RoostIRC
import RoostModel
import RoostRoster

extension Node {
    mutating func whois(_ caller: Caller, _ line: IRCLine) {
        guard line.parameters.first?.isEmpty == false else {
            reply(.noNicknameGiven, to: caller)
            return
        }
        // "WHOIS <server> <nicks>": all servers are this one, and a nick in place of the server means that user's.
        let nicks = line.parameters.count > 1 ? line.parameters[1] : line.parameters[0]
        if line.parameters.count > 1, !names(line.parameters[0]) {
            reply(.noSuchServer(line.parameters[0]), to: caller)
            return
        }
        let targets = nicks.split(separator: ",").map(String.init)
        let targetsMax = settings.limits.targetsPerCommand
        for nick in targets.prefix(targetsMax) {
            if let user = roster.user(named: Nick(nick)) {
                describe(user, to: caller)
            } else {
                reply(.noSuchNick(nick), to: caller)
            }
        }
        if targets.count > targetsMax { reply(.tooManyTargets(targets[targetsMax]), to: caller) }
        reply(.endOfWhois(nicks), to: caller)
    }

    /// Whether the parameter of a command that asks for a server means this one: its name, a mask that fits it, or the
    /// nick of a user, all of whom are on it.
    func names(_ target: String) -> Bool {
        Glob(target).matches(settings.serverName) || roster.user(named: Nick(target)) != nil
    }

    private mutating func describe(_ user: User, to caller: Caller) {
        let (nick, profile) = (user.nick.text, user.profile)
        let isOperator = isOperator(caller.user)
        let isPrivileged = isOperator || user.id == caller.user
        reply(
            .whoisUser(nick, user: user.record.userName, host: profile.host, realName: profile.realName), to: caller)
        let channels = shownChannels(of: user, to: caller)
        for line in packed(channels, bytesMax: 350) { reply(.whoisChannels(nick, channels: line), to: caller) }
        reply(
            .whoisServer(nick, server: settings.serverName, description: settings.serverDescription), to: caller)
        if isOperator { reply(.whoisSpecial(nick, "is connected to node \(user.node)"), to: caller) }
        if let absence = absence(of: user) { reply(.away(nick, absence), to: caller) }
        if profile.modes.contains(.networkOperator) { reply(.whoisOperator(nick), to: caller) }
        if profile.modes.contains(.bot) { reply(.whoisBot(nick), to: caller) }
        if let account = profile.account { reply(.whoisAccount(nick, account: account), to: caller) }
        if isPrivileged {
            reply(
                .whoisHost(nick, user: user.record.userName, host: profile.host, address: profile.host), to: caller)
            reply(.whoisModes(nick, modes: "+" + profile.modes.letters), to: caller)
        }
        reply(
            .whoisIdle(
                nick, idleSeconds: idleSeconds(of: user.id), signOnSeconds: user.record.signedOn.seconds),
            to: caller)
    }

    /// The channels of a user that another may know of; those of an invisible one only where both are in them.
    private func shownChannels(of user: User, to caller: Caller) -> [String] {
        let capabilities = capabilities(of: caller.connection)
        let isInvisible = user.profile.modes.contains(.invisible)
        return user.channels.sorted().compactMap { name in
            guard let channel = roster.channels[name], mayList(channel, caller.user),
                !isInvisible || user.id == caller.user || isOperator(caller.user)
                    || channel.members[caller.user] != nil
            else { return nil }
            return shownPrefixes(of: user.id, in: channel, for: capabilities) + channel.name.text
        }
    }
}
