// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// JOIN and PART. https://modern.ircdocs.horse/#join-message, https://modern.ircdocs.horse/#part-message

import RoostIRC
import RoostModel
import RoostRoster

extension Node {
    mutating func join(_ caller: Caller, _ line: IRCLine) {
        if line.parameters[0] == "0" {
            // "JOIN 0" leaves all channels.
            for name in (roster.users[caller.user]?.channels ?? []).sorted() { leave(name, caller, reason: nil) }
            return
        }
        let names = line.parameters[0].split(separator: ",").map(String.init)
        guard !names.isEmpty else {
            reply(.needMoreParameters(line.command), to: caller)
            return
        }
        let keys = (line.parameters.dropFirst().first ?? "").split(separator: ",", omittingEmptySubsequences: false)
        for (index, text) in names.prefix(settings.limits.targetsPerCommand).enumerated() {
            let key = index < keys.count ? String(keys[index]) : nil
            guard isValidChannelName(text, bytesMax: settings.limits.channelLength) else {
                reply(isChannelName(text) ? .badChannelMask(text) : .noSuchChannel(text), to: caller)
                continue
            }
            enter(ChannelName(text), caller, key: key)
        }
        if names.count > settings.limits.targetsPerCommand {
            reply(.tooManyTargets(names[settings.limits.targetsPerCommand]), to: caller)
        }
    }

    /// Lets a user of ours into a channel, or says why not.
    mutating func enter(_ name: ChannelName, _ caller: Caller, key: String? = nil) {
        guard let user = roster.users[caller.user], !user.channels.contains(name) else { return }
        guard user.channels.count < settings.limits.channelsPerUser else {
            reply(.tooManyChannels(name.text), to: caller)
            return
        }
        if let channel = roster.channelToJoin(name) {
            let invitations = (channel.invited[caller.user] ?? []).sorted()
            if let objection = objection(to: user, entering: channel, key: key, isInvited: !invitations.isEmpty) {
                reply(objection, to: caller)
                return
            }
            publish(
                .joined(
                    user: caller.user, channel: channel.name, birth: channel.state.birth, status: [],
                    invitations: invitations))
            return
        }
        let birth = Birth(time: clock.tick(at: now.wall), node: settings.node)
        publish(
            .joined(user: caller.user, channel: name, birth: birth, status: .channelOperator, invitations: []))
        publish(
            .modesChanged(
                channel: name, birth: birth,
                changes: [.flag(.noExternalMessages, isSet: true), .flag(.topicProtected, isSet: true)],
                by: serverActor))
    }

    private func objection(to user: User, entering channel: Channel, key: String?, isInvited: Bool) -> Reply? {
        let state = channel.state
        let name = channel.name.text
        if isInvited { return nil }
        if let wanted = state.key?.value ?? nil, wanted != key { return .badChannelKey(name) }
        if state.setFlags.contains(.inviteOnly), !matches(user, .invitations, of: state) {
            return .inviteOnlyChannel(name)
        }
        if let limit = state.limit?.value ?? nil, roster.visibleMemberCount(of: channel) >= Int(limit) {
            return .channelIsFull(name)
        }
        if isBanned(user, from: channel) { return .bannedFromChannel(name) }
        return nil
    }

    /// Whether a ban keeps a user out, and no exception lets it in.
    func isBanned(_ user: User, from channel: Channel) -> Bool {
        matches(user, .bans, of: channel.state) && !matches(user, .exceptions, of: channel.state)
    }

    private func matches(_ user: User, _ list: MaskList, of state: ChannelState) -> Bool {
        guard let masks = state.lists[list], !masks.isEmpty else { return false }
        return masks.keys.contains { Mask(normalising: $0, bytesMax: .max)?.matches(user.prefix) ?? false }
    }

    mutating func part(_ caller: Caller, _ line: IRCLine) {
        let reason = line.parameters.dropFirst().first.map {
            $0.truncated(toBytes: settings.limits.reasonLength)
        }
        for text in line.parameters[0].split(separator: ",").map(String.init) {
            let name = ChannelName(text)
            guard let channel = roster.visibleChannel(name) else {
                reply(.noSuchChannel(text), to: caller)
                continue
            }
            guard channel.members[caller.user] != nil else {
                reply(.notOnChannel(channel.name.text), to: caller)
                continue
            }
            leave(name, caller, reason: reason)
        }
    }

    private mutating func leave(_ name: ChannelName, _ caller: Caller, reason: String?) {
        guard let channel = roster.channels[name], let tags = channel.members[caller.user] else { return }
        publish(.parted(user: caller.user, channel: channel.name, tags: tags.map(\.id), reason: reason))
    }
}
