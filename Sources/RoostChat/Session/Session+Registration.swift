// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Getting in: capability negotiation, NICK and USER, and another nick when ours is taken.
// See https://ircv3.net/specs/extensions/capability-negotiation
// and https://modern.ircdocs.horse/#connection-registration

import RoostIRC

extension Session {
    /// The capabilities we have a use for.
    static let wantedCapabilities = [
        "away-notify", "echo-message", "extended-join", "message-tags", "multi-prefix", "server-time",
    ]

    /// More nicks are not tried.
    static let nickAttemptsMax = 12

    mutating func register() {
        send("CAP", "LS", "302")
        send("NICK", nick)
        send("USER", options.user, "0", "*", options.nick)
    }

    mutating func receiveCapability(_ line: IRCLine) {
        guard line.parameters.count >= 3 else { return }
        let list = line.parameters[line.parameters.count - 1].split(separator: " ")
        let names = list.map { String($0.prefix { $0 != "=" }) }
        switch line.parameters[1].uppercased() {
        case "LS":
            offeredCapabilities.formUnion(names)
            let isLast = line.parameters[2] != "*" || line.parameters.count == 3
            if isLast { requestCapabilities() }
        case "ACK":
            for name in names {
                if name.hasPrefix("-") {
                    capabilities.remove(String(name.dropFirst()))
                } else {
                    capabilities.insert(name)
                }
            }
            endNegotiation()
        case "NAK": endNegotiation()
        case "DEL": capabilities.subtract(names)
        default: break
        }
    }

    private mutating func requestCapabilities() {
        let requested = Self.wantedCapabilities.filter(offeredCapabilities.contains)
        guard case .registering = phase else { return }
        if requested.isEmpty {
            endNegotiation()
        } else {
            send("CAP", "REQ", requested.joined(separator: " "))
        }
    }

    private mutating func endNegotiation() {
        if case .registering = phase { send("CAP", "END") }
    }

    /// The node refused a nick: 432 (its form), 433, 436 and 437 (somebody has it).
    mutating func nickRefused(_ line: IRCLine) {
        let refused = line.parameters.dropFirst().first ?? nick
        let reason = line.parameters.last ?? "no reason given"
        guard case .registering = phase else {
            show(.problem, "\(refused): \(reason)", in: askingPlace)
            return
        }
        nickAttempts += 1
        let isMalformed = line.command == "432"
        guard nickAttempts <= Self.nickAttemptsMax, !(isMalformed && nickAttempts == 1) else {
            let what = isMalformed ? "'\(nick)' cannot be a nick: \(reason)" : "the nick '\(wantedNick)' is in use"
            leave(
                reason: nil,
                failure: ChatFailure(.refused, PlainText.oneLine(what), hint: "choose another with --nick"))
            return
        }
        let old = nick
        nick = Self.alternative(to: wantedNick, attempt: nickAttempts)
        announce(.news, "the nick \(old) is \(isMalformed ? "refused" : "in use"): trying \(nick)")
        send("NICK", nick)
    }

    /// `nick_`, `nick__`, `nick___`, and then a shorter nick with a number, in case the others were too long.
    static func alternative(to nick: String, attempt: Int) -> String {
        attempt <= 3 ? nick + String(repeating: "_", count: attempt) : nick.prefix(7) + String(attempt - 3)
    }
}
