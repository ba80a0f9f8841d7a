// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// MODE as a change of a channel. Reading the request is RoostIRC's, the answers to questions are Mode's.
// https://modern.ircdocs.horse/#channel-modes

import RoostIRC
import RoostModel
import RoostRoster

extension Node {
    /// The longest mask in a list, in bytes in its full form, so that it fits into a line that lists it. A longer one is
    /// refused with 696.
    static let maskLengthMax = 200

    /// Makes the changes that the caller may make, in order. Those of one line go out in one event where one can hold
    /// them.
    mutating func change(_ changes: [ChannelModeChange], of channel: Channel, _ caller: Caller) {
        guard channel.members[caller.user] != nil else {
            reply(.notOnChannel(channel.name.text), to: caller)
            return
        }
        var batch = ModeBatch()
        var isRefused = false
        for change in changes {
            guard mayMake(change, in: channel, caller) else {
                isRefused = true
                continue
            }
            if batch.touches(change) { publish(&batch, of: channel, caller) }
            for fact in facts(of: change, in: channel.name, caller) { batch.add(fact, of: change) }
        }
        publish(&batch, of: channel, caller)
        if isRefused { reply(.notChannelOperator(channel.name.text), to: caller) }
    }

    /// Half-operators set everything but operators and half-operators; whoever has a status may lay it down.
    private func mayMake(_ change: ChannelModeChange, in channel: Channel, _ caller: Caller) -> Bool {
        let status = channel.status(of: caller.user)
        if status.isAtLeast(.channelOperator) { return true }
        if change.mode.kind == .status, !change.isSetting, let nick = change.parameter,
            roster.users[caller.user]?.nick == Nick(nick)
        {
            return true
        }
        return status.isAtLeast(.halfOperator) && change.mode != .channelOperator && change.mode != .halfOperator
    }

    private mutating func publish(_ batch: inout ModeBatch, of channel: Channel, _ caller: Caller) {
        if !batch.facts.isEmpty {
            publish(
                .modesChanged(
                    channel: channel.name, birth: channel.state.birth, changes: batch.facts, by: actor(caller)))
        }
        batch = ModeBatch()
    }

    /// What a change comes to as the channel is now; nothing where it changes nothing, or is wrong, which the caller is
    /// told.
    private mutating func facts(of change: ChannelModeChange, in name: ChannelName, _ caller: Caller) -> [ModeFact] {
        guard let channel = roster.channels[name] else { return [] }
        let state = channel.state
        switch change.mode {
        case .inviteOnly, .moderated, .noExternalMessages, .hidden, .secret, .topicProtected:
            guard let flag = ChannelFlags.letters.first(where: { $0.letter == change.mode.rawValue })?.flag,
                state.setFlags.contains(flag) != change.isSetting
            else { return [] }
            return [.flag(flag, isSet: change.isSetting)]
        case .key:
            return keyFacts(of: change, in: channel, caller)
        case .limit:
            return limitFacts(of: change, in: channel, caller)
        case .channelOperator, .halfOperator, .voice:
            return statusFacts(of: change, in: channel, caller)
        case .ban, .banException, .invitationException:
            return listFacts(of: change, in: channel, caller)
        }
    }

    private mutating func keyFacts(
        of change: ChannelModeChange, in channel: Channel, _ caller: Caller
    ) -> [ModeFact] {
        let before = channel.state.key?.value ?? nil
        guard change.isSetting else { return before == nil ? [] : [.key(nil)] }
        guard let key = change.parameter, isValidKey(key, bytesMax: settings.limits.keyLength) else {
            reply(.invalidKey(channel.name.text), to: caller)
            return []
        }
        return before == key ? [] : [.key(key)]
    }

    private mutating func limitFacts(
        of change: ChannelModeChange, in channel: Channel, _ caller: Caller
    ) -> [ModeFact] {
        let before = channel.state.limit?.value ?? nil
        guard change.isSetting else { return before == nil ? [] : [.limit(nil)] }
        let text = change.parameter ?? ""
        guard let limit = UInt32(text), limit > 0 else {
            reply(
                .invalidModeParameter(
                    channel.name.text, mode: change.mode.rawValue, parameter: text, "Not a number of members"),
                to: caller)
            return []
        }
        return before == limit ? [] : [.limit(limit)]
    }

    private mutating func statusFacts(
        of change: ChannelModeChange, in channel: Channel, _ caller: Caller
    ) -> [ModeFact] {
        let nick = change.parameter ?? ""
        guard let user = roster.user(named: Nick(nick)) else {
            reply(.noSuchNick(nick), to: caller)
            return []
        }
        guard let tags = channel.members[user.id] else {
            reply(.userNotInChannel(user.nick.text, channel.name.text), to: caller)
            return []
        }
        guard let status = MemberStatus.all.first(where: { $0.letter == change.mode.rawValue })?.status,
            channel.status(of: user.id).contains(status) != change.isSetting
        else { return [] }
        // A status is held by one tag of a membership, and is gone when none holds it.
        let holding = tags.filter { channel.state.status(of: $0.id).contains(status) }
        return (change.isSetting ? Array(tags.prefix(1)) : holding).map {
            .status(status, user: user.id, tag: $0.id, isSet: change.isSetting)
        }
    }

    private mutating func listFacts(
        of change: ChannelModeChange, in channel: Channel, _ caller: Caller
    ) -> [ModeFact] {
        guard let list = MaskList(mode: change.mode), let text = change.parameter else { return [] }
        guard let mask = Mask(normalising: text, bytesMax: Self.maskLengthMax) else {
            reply(
                .invalidModeParameter(
                    channel.name.text, mode: change.mode.rawValue, parameter: text, "Not a mask of users"),
                to: caller)
            return []
        }
        let standing = channel.state.lists[list]?.first { Mask(normalising: $0.key, bytesMax: .max) == mask }
        guard change.isSetting else {
            return standing.map { [.listRemoved(list, mask: $0.key, tags: $0.value.tags)] } ?? []
        }
        guard standing == nil else { return [] }
        guard channel.state.lists.values.reduce(0, { $0 + $1.count }) < settings.limits.listEntriesPerChannel else {
            reply(.banListFull(channel.name.text, mode: change.mode), to: caller)
            return []
        }
        return [.listAdded(list, mask: mask.text)]
    }
}

/// Changes that one event can hold: at most one mask added, and none that depends on another of them.
private struct ModeBatch {
    private(set) var facts: [ModeFact] = []
    private var addsMask = false
    private var removesMask = false
    private var touched: Set<String> = []

    /// Whether a change must wait for the ones in here to be made.
    func touches(_ change: ChannelModeChange) -> Bool {
        if change.mode.kind == .list { return addsMask || (removesMask && change.isSetting) }
        return touched.contains(Self.subject(of: change))
    }

    mutating func add(_ fact: ModeFact, of change: ChannelModeChange) {
        facts.append(fact)
        touched.insert(Self.subject(of: change))
        if case .listAdded = fact { addsMask = true }
        if case .listRemoved = fact { removesMask = true }
    }

    private static func subject(of change: ChannelModeChange) -> String {
        let letter = String(change.mode.rawValue)
        return change.mode.kind == .status ? letter + asciiLowercased(change.parameter ?? "") : letter
    }
}

extension MaskList {
    /// The list of that mode; nil for modes that are none.
    init?(mode: ChannelMode) {
        guard let list = Self.allCases.first(where: { $0.mode == mode }) else { return nil }
        self = list
    }
}
