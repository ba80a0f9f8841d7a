// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// PASS, NICK, USER: what a client says to be welcomed. https://modern.ircdocs.horse/#connection-registration

import RoostIRC
import RoostModel
import RoostRoster

extension Node {
    /// https://modern.ircdocs.horse/#pass-message
    mutating func pass(_ connection: ConnectionID, _ line: IRCLine) {
        guard registration(of: connection) != nil else {
            reply(.alreadyRegistered, to: connection)
            return
        }
        guard let stored = settings.password, let given = line.parameters.first else { return }
        updateRegistration(of: connection) {
            if case .checking(let count) = $0.password {
                $0.password = .checking(count + 1)
            } else {
                $0.password = .checking(1)
            }
        }
        effects.append(.checkPassword(connection, .connection, given: given, stored: stored))
    }

    /// https://modern.ircdocs.horse/#nick-message
    mutating func nick(_ connection: ConnectionID, _ line: IRCLine) {
        guard let text = line.parameters.first, !text.isEmpty else {
            reply(.noNicknameGiven, to: connection)
            return
        }
        guard isValidNick(text, bytesMax: settings.limits.nickLength) else {
            reply(.erroneousNickname(text), to: connection)
            return
        }
        let nick = Nick(text)
        if let user = clients[connection]?.user {
            changeNick(Caller(connection: connection, user: user), to: nick)
            return
        }
        let own = registration(of: connection)?.claim
        guard isFree(nick, for: own) || mayBeOwn(nick) else {
            reply(.nicknameInUse(text), to: connection)
            return
        }
        if let claim = own {
            if registration(of: connection)?.nick?.text == text { return }
            // It thought again while its claim was on its way.
            pendingClaims[claim] = nil
            publish(.nickReleased(claim: claim))
        }
        updateRegistration(of: connection) {
            $0.claim = nil
            $0.nick = nick
        }
        registerIfReady(connection)
    }

    /// Whether a newcomer may turn out to be the user who goes by a nick: that is seen when all of its identity is known.
    private func mayBeOwn(_ nick: Nick) -> Bool {
        settings.takeOver != .off && roster.user(named: nick).map { $0.life != life || isLost($0.id) } ?? false
    }

    private mutating func changeNick(_ caller: Caller, to nick: Nick) {
        guard let user = roster.users[caller.user], user.nick.text != nick.text else { return }
        guard isFree(nick, for: caller.user) else {
            reply(.nicknameInUse(nick.text), to: caller)
            return
        }
        for channel in user.channels.sorted() where isSilenced(caller.user, in: channel) {
            reply(
                .cannotSendToChannel(channel.text, reason: "no change of nick while banned"), to: caller)
            return
        }
        claim(nick, for: caller)
    }

    /// https://modern.ircdocs.horse/#user-message
    mutating func user(_ connection: ConnectionID, _ line: IRCLine) {
        guard registration(of: connection) != nil else {
            reply(.alreadyRegistered, to: connection)
            return
        }
        let name = sanitisedUserName(line.parameters[0], bytesMax: settings.limits.userLength) ?? "user"
        let realName = line.parameters[3].truncated(toBytes: settings.limits.realNameLength)
        // "If it is empty, the server SHOULD reject the command with ERR_NEEDMOREPARAMS (even an empty parameter is
        // provided)"
        guard !line.parameters[0].isEmpty, !realName.isEmpty else {
            reply(.needMoreParameters(line.command), to: connection)
            return
        }
        updateRegistration(of: connection) {
            $0.userName = name
            $0.realName = realName
        }
        registerIfReady(connection)
    }
}

extension String {
    /// The text, or as much of its beginning as fits into so many bytes of UTF-8.
    func truncated(toBytes bytesMax: Int) -> String {
        guard utf8.count > bytesMax else { return self }
        var end = utf8.index(startIndex, offsetBy: bytesMax)
        while end > startIndex, utf8[end] & 0xC0 == 0x80 { end = utf8.index(before: end) }
        return String(self[..<end])
    }
}
