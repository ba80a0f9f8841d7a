// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// NAMES, and what a client is told of a channel that it enters. https://modern.ircdocs.horse/#names-message

import RoostIRC
import RoostModel
import RoostRoster

extension Node {
    mutating func names(_ caller: Caller, _ line: IRCLine) {
        guard let targets = line.parameters.first else {
            // A list of everybody helps nobody; clients ask for channels.
            reply(.endOfNames("*"), to: caller)
            return
        }
        for target in targets.split(separator: ",").prefix(settings.limits.targetsPerCommand) {
            let name = ChannelName(String(target))
            if let channel = roster.visibleChannel(name), mayList(channel, caller.user) {
                sendNames(of: channel, to: caller)
            }
            reply(.endOfNames(roster.visibleChannel(name)?.name.text ?? String(target)), to: caller)
        }
    }

    /// Tells a client that has entered a channel its topic and who is in it.
    mutating func showChannel(_ name: ChannelName, to caller: Caller) {
        guard let channel = roster.channels[name] else { return }
        sendTopic(of: channel, isAsked: false, to: caller)
        sendNames(of: channel, to: caller)
        reply(.endOfNames(channel.name.text), to: caller)
    }

    /// The topic with who set it and when; that there is none is told only to those who ask.
    mutating func sendTopic(of channel: Channel, isAsked: Bool, to caller: Caller) {
        guard let topic = channel.state.topic?.value, !topic.text.isEmpty else {
            if isAsked { reply(.noTopic(channel.name.text), to: caller) }
            return
        }
        reply(.topic(channel.name.text, topic.text), to: caller)
        reply(.topicWhoTime(channel.name.text, setBy: topic.setter, seconds: topic.time.seconds), to: caller)
    }

    private mutating func sendNames(of channel: Channel, to caller: Caller) {
        let capabilities = capabilities(of: caller.connection)
        let isMember = channel.members[caller.user] != nil
        let flags = channel.setFlags
        let symbol: Reply.ChannelSymbol =
            flags.contains(.secret) ? .secret : flags.contains(.privateChannel) ? .restricted : .open
        var text = ""
        for user in roster.visibleMembers(of: channel) {
            if !isMember, user.profile.modes.contains(.invisible) { continue }
            let entry =
                shownPrefixes(of: user.id, in: channel, for: capabilities)
                + (capabilities.contains(.userhostInNames) ? user.prefix : user.nick.text)
            if text.utf8.count + entry.utf8.count > 380 {
                reply(.names(symbol, channel.name.text, members: text), to: caller)
                text = ""
            }
            text += text.isEmpty ? entry : " " + entry
        }
        if !text.isEmpty { reply(.names(symbol, channel.name.text, members: text), to: caller) }
    }

    /// The prefixes of a member as a client sees them: all with `multi-prefix`, else the highest.
    func shownPrefixes(of user: UserID, in channel: Channel, for capabilities: CapabilitySet) -> String {
        let prefixes = channel.status(of: user).prefixes
        return capabilities.contains(.multiPrefix) ? prefixes : String(prefixes.prefix(1))
    }
}
