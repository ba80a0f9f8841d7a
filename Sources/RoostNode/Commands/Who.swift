// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// WHO and WHOX. https://modern.ircdocs.horse/#who-message, https://ircv3.net/specs/extensions/whox

import RoostIRC
import RoostModel
import RoostRoster

extension Node {
    mutating func who(_ caller: Caller, _ line: IRCLine) {
        let given = line.parameters.first ?? ""
        let mask = given.isEmpty ? "*" : given
        let format = WhoFormat(line.parameters.dropFirst().first ?? "")
        if isChannelName(mask) {
            if let channel = roster.visibleChannel(ChannelName(mask)), mayList(channel, caller.user) {
                for user in roster.visibleMembers(of: channel) where maySee(user, caller.user) {
                    sendWho(user, in: channel, format, to: caller)
                }
            }
        } else if let user = roster.user(named: Nick(mask)) {
            sendWho(user, in: sharedChannel(of: user, caller.user), format, to: caller)
        } else {
            // The one question that goes through everybody.
            let glob = Glob(mask == "0" ? "*" : mask)
            let matching = roster.users.values.filter { !$0.isHidden && $0.matches(glob) && maySee($0, caller.user) }
            for user in matching.sorted(by: { $0.nick < $1.nick }) {
                sendWho(user, in: sharedChannel(of: user, caller.user), format, to: caller)
            }
        }
        reply(.endOfWho(mask), to: caller)
    }

    /// The channel that is named beside a user: one that both are in.
    private func sharedChannel(of user: User, _ viewer: UserID) -> Channel? {
        guard let channels = roster.users[viewer]?.channels else { return nil }
        return channels.intersection(user.channels).min().flatMap { roster.channels[$0] }
    }

    private mutating func sendWho(_ user: User, in channel: Channel?, _ format: WhoFormat, to caller: Caller) {
        let modes = user.profile.modes
        if format.isForOperators, !modes.contains(.networkOperator) { return }
        let prefixes =
            channel.map { shownPrefixes(of: user.id, in: $0, for: capabilities(of: caller.connection)) } ?? ""
        let flags = Reply.whoFlags(
            isAway: absence(of: user) != nil, isOperator: modes.contains(.networkOperator), prefixes: prefixes,
            isBot: modes.contains(.bot))
        let place = channel?.name.text ?? "*"
        guard let fields = format.fields else {
            reply(
                .who(
                    channel: place, user: user.record.userName, host: user.profile.host,
                    server: settings.serverName, nick: user.nick.text, flags: flags,
                    realName: user.profile.realName),
                to: caller)
            return
        }
        let values = WhoFormat.order.filter { fields.contains($0) }.map { field in
            switch field {
            case "t": format.token
            case "c": place
            case "u": user.record.userName
            // The host that others see is the address.
            case "i", "h": user.profile.host
            case "s": settings.serverName
            case "n": user.nick.text
            case "f": flags
            case "d": "0"
            case "l": String(idleSeconds(of: user.id))
            case "a": user.profile.account ?? "0"
            case "o": "n/a"
            default: user.profile.realName
            }
        }
        reply(.whox(values), to: caller)
    }

    /// For how long a user has said nothing, as far as this node has heard, in seconds.
    func idleSeconds(of user: UserID) -> UInt64 {
        guard let last = lastSpoke[user] else { return 0 }
        return UInt64(clamping: (now.instant - last).components.seconds)
    }
}

extension User {
    /// Whether one of the things that WHO looks at matches.
    fileprivate func matches(_ glob: Glob) -> Bool {
        glob.matches(nick.text) || glob.matches(record.userName) || glob.matches(profile.host)
            || glob.matches(profile.realName) || glob.matches(prefix)
    }
}

/// The second parameter of WHO: `o` for operators only, `%` and letters for the fields of WHOX, a comma and a token.
private struct WhoFormat {
    /// The fields there are, in the order in which they are sent.
    static let order = Array("tcuihsnfdlaor")

    /// Whether only network operators are asked for.
    let isForOperators: Bool
    /// The fields asked for; nil for the answer of old.
    let fields: Set<Character>?
    /// What the client knows its question by.
    let token: String

    init(_ text: String) {
        let parts = text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
        isForOperators = parts.first?.contains("o") ?? false
        guard parts.count == 2 else {
            fields = nil
            token = "0"
            return
        }
        let (letters, rest) = parts[1].splitOnce(at: ",")
        fields = Set(letters)
        // A token is one to three digits; anything else is answered with the token of those who give none.
        let isToken = (1...3).contains(rest.utf8.count) && rest.utf8.allSatisfy { (0x30...0x39).contains($0) }
        token = isToken ? String(rest) : "0"
    }
}

extension Substring {
    /// The parts before and after the first such character; the second is empty where there is none.
    fileprivate func splitOnce(at separator: Character) -> (Substring, Substring) {
        guard let index = firstIndex(of: separator) else { return (self, "") }
        return (self[..<index], self[self.index(after: index)...])
    }
}
