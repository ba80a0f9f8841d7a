// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What changed in the roster, as our clients see it. A change goes to those whom it concerns and to nobody else, once.

import RoostIRC
import RoostModel
import RoostRoster

extension Node {
    /// Tells our clients what changed.
    mutating func announce(_ changes: [RosterChange], at time: HybridTime) {
        for change in changes {
            switch change {
            case .userAppeared(let user): userAppeared(user)
            case .userLeft(let user, let nick, let prefix, let channels, let reason):
                announceQuit(of: user.id, prefix: prefix, from: channels, reason: reason, at: time)
                lastSpoke[user.id] = nil
                formerPrefixes.remember(user.id, as: prefix)
                tally(user.profile.modes, by: -1)
                rememberFormer(user, nick: nick)
                tellWatchers(of: nick, isOnline: false, prefix: prefix)
            case .takenOver(let user, _): leaveToOther(user)
            case .nickChanged(let user, let old, let prefix):
                announceNick(
                    of: user, from: old, prefix: prefix, besides: channels(joinedBy: user, in: changes), at: time)
            case .profileChanged(let user, let before): announceProfile(of: user, before: before, at: time)
            case .joined(let user, let channel): announceJoin(of: user, to: channel, at: time)
            case .parted(let user, let channel, let prefix, let reason):
                announcePart(of: user, as: prefix, from: channel, reason: reason, at: time)
            case .kicked(let user, let channel, let by, let reason):
                announceKick(of: user, from: channel, by: by, reason: reason, at: time)
            case .modesChanged(let channel, let modes, let by):
                announceModes(of: channel, modes, by: by, at: time)
            case .topicChanged(let channel, let by): announceTopic(of: channel, by: by, at: time)
            case .invited(let user, let channel, let by): announceInvitation(of: user, to: channel, by: by, at: time)
            }
        }
    }

    // MARK: Who hears

    /// Our clients in any of some channels, each once.
    func audience(of channels: some Collection<ChannelName>) -> Audience {
        if channels.count == 1, let only = channels.first { return audiences[only] ?? Audience() }
        var seen: Set<ConnectionID> = []
        var audience = Audience()
        for channel in channels.sorted() {
            for lane in audiences[channel]?.lanes ?? [] {
                for connection in lane where seen.insert(connection).inserted { audience.insert(connection) }
            }
        }
        return audience
    }

    /// Sends a message to our clients in some channels, but one.
    mutating func fanOut(
        _ message: OutgoingMessage, to channels: some Collection<ChannelName>, except: ConnectionID? = nil
    ) {
        let audience = audience(of: channels)
        if !audience.isEmpty { effects.append(.fanOut(message, to: audience, except: except)) }
    }

    func message(
        _ command: String, _ parameters: [String], from source: String, at time: HybridTime,
        extended: [String] = [], requires: CapabilitySet = []
    ) -> OutgoingMessage {
        OutgoingMessage(
            time: time.wall.milliseconds, batch: currentBatch, source: source, command: command,
            parameters: parameters, extended: extended, requires: requires)
    }

    // MARK: Users

    private mutating func userAppeared(_ id: UserID) {
        guard let user = roster.users[id] else { return }
        lastSpoke[id] = now.instant
        tally(user.profile.modes, by: 1)
        counters.clusterUsersPeak = max(counters.clusterUsersPeak, roster.visibleUserCount)
        tellWatchers(of: user.nick, isOnline: true, prefix: user.prefix)
    }

    private mutating func announceQuit(
        of user: UserID, prefix: String, from channels: [ChannelName], reason: String, at time: HybridTime
    ) {
        if let connection = connections[user] {
            // Its user was removed by somebody else's word; there is nothing left to speak for.
            for channel in channels { leaveAudience(of: channel, user) }
            closeClient(connection, error: reason)
        }
        fanOut(message("QUIT", [reason], from: prefix, at: time), to: channels)
    }

    /// The channels that a user is new in. There it is known by none of its former nicks.
    private func channels(joinedBy user: UserID, in changes: [RosterChange]) -> Set<ChannelName> {
        Set(changes.compactMap { if case .joined(user, let channel) = $0 { channel } else { nil } })
    }

    private mutating func announceNick(
        of id: UserID, from old: Nick, prefix: String, besides joined: Set<ChannelName>, at time: HybridTime
    ) {
        guard let user = roster.users[id] else { return }
        let change = message("NICK", [user.nick.text], from: prefix, at: time)
        let own = connections[id]
        if let own { effects.append(.send(change, to: own)) }
        fanOut(change, to: user.channels.filter { !joined.contains($0) }, except: own)
        if old != user.nick {
            rememberFormer(user.record, nick: old)
            tellWatchers(of: old, isOnline: false, prefix: prefix)
            tellWatchers(of: user.nick, isOnline: true, prefix: user.prefix)
        }
        if let own { confirmSubstitute(of: user, connection: own) }
    }

    /// A user of ours that lost its nick to another takes, by a claim of its own, the one that it is called by now.
    private mutating func confirmSubstitute(of user: User, connection: ConnectionID) {
        guard let claimed = roster.claimedNick(of: user.id), claimed.text != user.nick.text else { return }
        let keeper = roster.user(named: claimed)
        notice(
            "Your nick \(claimed.text) is held by another user of the network"
                + (keeper.map { " (\($0.record.userName)@\($0.profile.host))" } ?? "")
                + ", who claimed it first. You are \(user.nick.text) now; /NICK takes another.",
            to: connection)
        effects.append(
            .note(
                .collision(
                    nick: claimed.text, keeper: keeper?.id ?? user.id, loser: user.id, renamed: user.nick.text)))
        let claim = publish(.nickClaimed(NickClaim(user: user.id, nick: user.nick, identity: user.identity)))
        publish(.nickChanged(user: user.id, claim: claim))
    }

    private mutating func tally(_ modes: UserModes, by change: Int) {
        if modes.contains(.invisible) { tallies.invisible += change }
        if modes.contains(.networkOperator) { tallies.operators += change }
    }

    private mutating func announceProfile(of id: UserID, before: UserProfile, at time: HybridTime) {
        guard let user = roster.users[id] else { return }
        tally(before.modes, by: -1)
        tally(user.profile.modes, by: 1)
        let own = connections[id]
        if user.profile.away != before.away {
            let parameters = user.profile.away.map { [$0] } ?? []
            fanOut(
                message("AWAY", parameters, from: user.prefix, at: time, requires: .awayNotify), to: user.channels,
                except: own)
        }
        if user.profile.realName != before.realName {
            let change = message("SETNAME", [user.profile.realName], from: user.prefix, at: time, requires: .setname)
            if let own { effects.append(.send(change, to: own)) }
            fanOut(change, to: user.channels, except: own)
        }
        if let own, user.profile.modes != before.modes {
            effects.append(
                .send(
                    message(
                        "MODE", [user.nick.text, Self.difference(from: before.modes, to: user.profile.modes)],
                        from: user.prefix, at: time),
                    to: own))
        }
    }

    /// A change of user modes as MODE shows it: `+i-w`.
    static func difference(from old: UserModes, to new: UserModes) -> String {
        let (set, unset) = (new.subtracting(old).letters, old.subtracting(new).letters)
        return (set.isEmpty ? "" : "+" + set) + (unset.isEmpty ? "" : "-" + unset)
    }

    // MARK: Channels

    private mutating func announceJoin(of id: UserID, to name: ChannelName, at time: HybridTime) {
        guard let user = roster.users[id], let channel = roster.channels[name] else { return }
        let own = connections[id]
        if let own { audiences[name, default: Audience()].insert(own) }
        guard audiences[name] != nil else { return }
        let join = message(
            "JOIN", [channel.name.text], from: user.prefix, at: time,
            extended: [user.profile.account ?? "*", user.profile.realName])
        if let own { effects.append(.send(join, to: own)) }
        fanOut(join, to: [name], except: own)
        if let away = user.profile.away {
            fanOut(
                message("AWAY", [away], from: user.prefix, at: time, requires: .awayNotify), to: [name], except: own)
        }
        let status = channel.status(of: id)
        if !status.isEmpty {
            let letters = MemberStatus.all.filter { status.contains($0.status) }.map(\.letter)
            let nicks = letters.map { _ in user.nick.text }
            fanOut(
                message(
                    "MODE", [channel.name.text, "+" + String(letters)] + nicks, from: settings.serverName, at: time),
                to: [name], except: own)
        }
        if let own { showChannel(name, to: Caller(connection: own, user: id)) }
    }

    private mutating func announcePart(
        of user: UserID, as prefix: String, from name: ChannelName, reason: String?, at time: HybridTime
    ) {
        let parameters = [roster.channels[name]?.name.text ?? name.text] + (reason.map { [$0] } ?? [])
        fanOut(message("PART", parameters, from: prefix, at: time), to: [name])
        leaveAudience(of: name, user)
    }

    private mutating func announceKick(
        of id: UserID, from name: ChannelName, by: Actor, reason: String, at time: HybridTime
    ) {
        guard let user = roster.users[id] else { return }
        let parameters = [roster.channels[name]?.name.text ?? name.text, user.nick.text, reason]
        fanOut(message("KICK", parameters, from: prefix(of: by), at: time), to: [name])
        leaveAudience(of: name, id)
    }

    private mutating func leaveAudience(of name: ChannelName, _ user: UserID) {
        guard let own = connections[user] else { return }
        audiences[name]?.remove(own)
        if audiences[name]?.isEmpty == true { audiences[name] = nil }
    }

    private mutating func announceModes(
        of name: ChannelName, _ modes: [VisibleMode], by: Actor?, at time: HybridTime
    ) {
        guard audiences[name] != nil, let channel = roster.channels[name] else { return }
        let changes = modes.compactMap { channelModeChange($0) }
        for line in ChannelModeChange.lines(of: changes, modesMax: settings.limits.modesPerLine) {
            fanOut(
                message("MODE", [channel.name.text] + line, from: by.map(prefix(of:)) ?? settings.serverName, at: time),
                to: [name])
        }
    }

    private func channelModeChange(_ mode: VisibleMode) -> ChannelModeChange? {
        switch mode {
        case .flag(let flag, let isSet):
            guard let letter = ChannelFlags.letters.first(where: { $0.flag == flag })?.letter,
                let mode = ChannelMode(rawValue: letter)
            else { return nil }
            return ChannelModeChange(isSetting: isSet, mode: mode)
        case .key(let key, let before):
            return ChannelModeChange(isSetting: key != nil, mode: .key, parameter: key ?? before ?? "*")
        case .limit(let limit):
            return ChannelModeChange(isSetting: limit != nil, mode: .limit, parameter: limit.map { String($0) })
        case .status(let status, let user, let isSet):
            guard let nick = roster.users[user]?.nick.text,
                let letter = MemberStatus.all.first(where: { $0.status == status })?.letter,
                let mode = ChannelMode(rawValue: letter)
            else { return nil }
            return ChannelModeChange(isSetting: isSet, mode: mode, parameter: nick)
        case .list(let list, let mask, let isSet):
            return ChannelModeChange(isSetting: isSet, mode: list.mode, parameter: mask)
        }
    }

    private mutating func announceTopic(of name: ChannelName, by: Actor?, at time: HybridTime) {
        guard audiences[name] != nil, let channel = roster.channels[name] else { return }
        fanOut(
            message(
                "TOPIC", [channel.name.text, channel.state.topic?.value.text ?? ""],
                from: by.map(prefix(of:)) ?? settings.serverName, at: time),
            to: [name])
    }

    private mutating func announceInvitation(
        of id: UserID, to name: ChannelName, by: Actor, at time: HybridTime
    ) {
        guard let user = roster.users[id], let channel = roster.channels[name] else { return }
        let parameters = [user.nick.text, channel.name.text]
        let invite = message("INVITE", parameters, from: prefix(of: by), at: time)
        if let own = connections[id] { effects.append(.send(invite, to: own)) }
        // https://ircv3.net/specs/extensions/invite-notify: to those who could have invited.
        let notified = message("INVITE", parameters, from: prefix(of: by), at: time, requires: .inviteNotify)
        let operators = channel.members.keys.filter { channel.status(of: $0).isAtLeast(.halfOperator) && $0 != id }
        for member in operators.sorted() where member != by.user {
            if let connection = connections[member] { effects.append(.send(notified, to: connection)) }
        }
    }

    /// What stands before what somebody did: its prefix of now, or of then where it is gone.
    private func prefix(of actor: Actor) -> String {
        actor.user.flatMap { roster.users[$0]?.prefix } ?? actor.prefix
    }
}

extension MaskList {
    /// The list's mode.
    var mode: ChannelMode {
        switch self {
        case .bans: .ban
        case .exceptions: .banException
        case .invitations: .invitationException
        }
    }
}
