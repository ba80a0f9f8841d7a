// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// 005: what this server supports. https://modern.ircdocs.horse/#rplisupport-005

import RoostIRC

extension NodeSettings {
    /// The lines of 005.
    var support: [Reply] {
        let targets = limits.targetsPerCommand
        var tokens = ISupport()
        tokens.add("AWAYLEN", limits.awayLength)
        tokens.add("BOT", "B")
        tokens.add("CASEMAPPING", "ascii")
        tokens.add("CHANLIMIT", "#:\(limits.channelsPerUser)")
        tokens.add("CHANMODES", ChannelMode.chanmodes)
        tokens.add("CHANNELLEN", limits.channelLength)
        tokens.add("CHANTYPES", "#")
        tokens.add("ELIST", "CMNTU")
        tokens.add("EXCEPTS", "e")
        tokens.add("HOSTLEN", limits.hostLength)
        tokens.add("INVEX", "I")
        tokens.add("KEYLEN", limits.keyLength)
        tokens.add("KICKLEN", limits.reasonLength)
        tokens.add("MAXLIST", "Ibe:\(limits.listEntriesPerChannel)")
        tokens.add("MAXTARGETS", targets)
        tokens.add("MODES", limits.modesPerLine)
        tokens.add("MONITOR", limits.monitorEntries)
        tokens.add("NAMELEN", limits.realNameLength)
        tokens.add("NETWORK", networkName)
        tokens.add("NICKLEN", limits.nickLength)
        tokens.add("PREFIX", ChannelMode.prefixes)
        tokens.add("STATUSMSG", ChannelMode.statusPrefixes)
        tokens.add(
            "TARGMAX",
            ["JOIN", "KICK", "NAMES", "NOTICE", "PRIVMSG", "TAGMSG", "WHOIS", "WHOWAS"].map { "\($0):\(targets)" }
                .joined(separator: ",") + ",LIST:,MONITOR:,PART:")
        tokens.add("TOPICLEN", limits.topicLength)
        tokens.add("USERLEN", limits.userLength)
        tokens.add("UTF8ONLY")
        tokens.add("WHOX")
        return tokens.replies()
    }
}
