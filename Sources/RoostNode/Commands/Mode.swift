// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// MODE as a question, and for users. Changes of a channel's modes are ChannelMode's.
// https://modern.ircdocs.horse/#mode-message

import RoostIRC
import RoostModel
import RoostRoster

extension Node {
    mutating func mode(_ caller: Caller, _ line: IRCLine) {
        let target = line.parameters[0]
        let arguments = line.parameters.dropFirst()
        if isChannelName(target) {
            channelMode(of: target, arguments, caller)
        } else {
            userMode(of: target, arguments.first ?? "", caller)
        }
    }

    private mutating func channelMode(of target: String, _ arguments: ArraySlice<String>, _ caller: Caller) {
        guard let channel = roster.visibleChannel(ChannelName(target)), mayList(channel, caller.user) else {
            reply(.noSuchChannel(target), to: caller)
            return
        }
        guard !arguments.allSatisfy(\.isEmpty) else {
            sendModes(of: channel, to: caller)
            return
        }
        let request = ChannelModeRequest(parsing: arguments, modesMax: settings.limits.modesPerLine)
        for fault in request.faults {
            switch fault {
            case .unknownMode(let letter):
                reply(.unknownMode(letter), to: caller)
            case .missingParameter(let mode):
                reply(
                    .invalidModeParameter(
                        channel.name.text, mode: mode.rawValue, parameter: "*", "You must give a parameter"),
                    to: caller)
            }
        }
        if !request.changes.isEmpty { change(request.changes, of: channel, caller) }
        for mode in request.queries { sendList(mode, of: channel.name, to: caller) }
    }

    private mutating func sendModes(of channel: Channel, to caller: Caller) {
        let state = channel.state
        let flags = state.setFlags
        var modes: [ChannelModeChange] = []
        for entry in ChannelFlags.letters where flags.contains(entry.flag) {
            if let mode = ChannelMode(rawValue: entry.letter) { modes.append(.set(mode)) }
        }
        // What opens the door is for those inside.
        if let key = state.key?.value ?? nil {
            modes.append(.set(.key, channel.members[caller.user] == nil ? "*" : key))
        }
        if let limit = state.limit?.value ?? nil { modes.append(.set(.limit, String(limit))) }
        let lines = ChannelModeChange.lines(of: modes, modesMax: settings.limits.modesPerLine)
        reply(.channelModeIs(channel.name.text, modes: lines.first ?? ["+"]), to: caller)
        reply(.creationTime(channel.name.text, seconds: state.birth.time.wall.seconds), to: caller)
    }

    /// Bans concern everybody whom they could keep out; who is spared or let in is for those who lead the channel.
    private mutating func sendList(_ mode: ChannelMode, of name: ChannelName, to caller: Caller) {
        guard let channel = roster.channels[name], let list = MaskList(mode: mode) else { return }
        guard list == .bans || leads(caller.user, channel) else {
            reply(.notChannelOperator(channel.name.text), to: caller)
            return
        }
        let entries = (channel.state.lists[list] ?? [:]).sorted {
            ($0.value.time, $0.key) < ($1.value.time, $1.key)
        }
        for (mask, entry) in entries {
            reply(
                .entry(
                    of: mode, in: channel.name.text, mask: mask, setBy: entry.setter, seconds: entry.time.seconds),
                to: caller)
        }
        reply(.endOfList(of: mode, in: channel.name.text), to: caller)
    }

    // MARK: Users

    private mutating func userMode(of target: String, _ letters: String, _ caller: Caller) {
        guard let user = roster.user(named: Nick(target)) else {
            reply(.noSuchNick(target), to: caller)
            return
        }
        guard user.id == caller.user else {
            reply(.usersDontMatch, to: caller)
            return
        }
        guard !letters.isEmpty else {
            reply(.userModeIs("+" + user.profile.modes.letters), to: caller)
            return
        }
        let request = UserModeRequest(parsing: letters)
        var profile = user.profile
        for change in request.changes {
            let mode = change.mode.userMode
            if !change.isSetting {
                profile.modes.remove(mode)
            } else if mode != .networkOperator {
                // "If a user attempts to make themselves an operator using the "+o" or "+O" flag, the attempt SHOULD be
                // ignored." (RFC 2812 section 3.1.5)
                profile.modes.insert(mode)
            }
        }
        if request.hasUnknown { reply(.unknownUserMode, to: caller) }
        guard profile != user.profile else { return }
        if !profile.modes.contains(.networkOperator) { clients[caller.connection]?.operatorName = nil }
        publish(.profileChanged(user: caller.user, profile: profile))
    }
}

extension UserMode {
    /// The mode as the roster keeps it.
    fileprivate var userMode: UserModes {
        switch self {
        case .invisible: .invisible
        case .ircOperator: .networkOperator
        case .wallops: .wallops
        case .bot: .bot
        }
    }
}
