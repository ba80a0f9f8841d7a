// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Numerics put into words. Answers to what the person asked go to where they asked it, refusals too; the greeting goes
// to the status window. Numbers and parameters as in https://modern.ircdocs.horse/#numerics

import RoostIRC

extension Session {
    /// Members beyond this many are counted, not named, unless the person asked for them.
    private static let namesShownMax = 30

    mutating func receiveNumeric(_ line: IRCLine) {
        let parameters = Array(line.parameters.dropFirst())
        let first = parameters.first ?? ""
        let text = parameters.joined(separator: " ")
        switch line.command {
        case "002", "003", "004", "005", "250", "251", "252", "253", "254", "255", "265", "266":
            break
        case "372", "375", "376", "422":
            show(.news, parameters.last ?? "", in: .status, time: line.time)
        case "331", "332", "333":
            receiveTopicReply(line, parameters)
        case "353":
            receiveNames(parameters)
        case "366":
            endNames(first)
        case "301" where parameters.count >= 2:
            let place = correspondents.contains(first.folded) ? Place.named(first) : askingPlace
            show(.news, "\(first) is away: \(parameters[1])", in: place, time: line.time)
        case "311", "314", "312", "317", "319", "330", "318", "369":
            if let words = Self.whois(line.command, parameters) { show(.news, words, in: askingPlace) }
        case "401", "403", "404", "407":
            refuse(first)
            showRefusal(first, parameters)
        case "405", "437", "471", "473", "474", "475", "476", "477":
            showRefusal(first, parameters)
        case _ where line.command.hasPrefix("4") || line.command.hasPrefix("5"):
            if mode == .pipe, line.command == "411" || line.command == "412" || line.command == "417" {
                undelivered += 1
            }
            showRefusal(first, parameters)
        default:
            if !text.isEmpty { show(.news, text, in: askingPlace, time: line.time) }
        }
    }

    private mutating func showRefusal(_ about: String, _ parameters: [String]) {
        if let index = awaitedJoins.firstIndex(where: { $0.name.folded == about.folded }) {
            joinRefusal = PlainText.oneLine(parameters.last ?? "refused")
            // A pipe must know that it was refused; a person is told and may try again.
            if mode == .terminal {
                if channelToFocus?.folded == about.folded { channelToFocus = nil }
                awaitedJoins.remove(at: index)
            }
        }
        let place =
            channelIndex(about) != nil || correspondents.contains(about.folded) ? Place.named(about) : askingPlace
        show(.problem, parameters.joined(separator: ": "), in: place)
    }

    private mutating func receiveTopicReply(_ line: IRCLine, _ parameters: [String]) {
        guard parameters.count >= 2 else { return }
        let place = channelIndex(parameters[0]) == nil ? askingPlace : Place.named(parameters[0])
        switch line.command {
        case "331":
            show(.news, "\(parameters[0]) has no topic", in: place)
        case "332":
            effects.append(.setTopic(PlainText.oneLine(parameters[1]), of: .named(parameters[0])))
            show(.news, "topic: \(parameters[1])", in: place)
        default:
            show(.news, "set by \(parameters[1].prefix { $0 != "!" })", in: place)
        }
    }

    private mutating func receiveNames(_ parameters: [String]) {
        guard parameters.count >= 3 else { return }
        let names = parameters[2].split(separator: " ").map(String.init)
        guard let index = channelIndex(parameters[1]) else {
            show(.news, "in \(parameters[1]): \(names.joined(separator: " "))", in: askingPlace)
            return
        }
        channels[index].incomingNames += names
        for name in names {
            let nick = name.drop { "~&@%+".contains($0) }
            channels[index].members[String(nick).folded] = String(nick)
        }
    }

    private mutating func endNames(_ channel: String) {
        guard let index = channelIndex(channel) else { return }
        let names = channels[index].incomingNames
        channels[index].incomingNames = []
        let wasAsked = askedNames.remove(channel.folded) != nil
        let shown = wasAsked ? names.count : min(names.count, Self.namesShownMax)
        let more = names.count > shown ? " and \(names.count - shown) more: /names shows all" : ""
        show(
            .news, "\(names.count) here: \(names.prefix(shown).joined(separator: " "))\(more)",
            in: .named(channels[index].name))
    }

    /// One numeric of a WHOIS or WHOWAS answer in words; nil for the end of it.
    private static func whois(_ command: String, _ parameters: [String]) -> String? {
        guard command != "318", command != "369", let nick = parameters.first else { return nil }
        let rest = Array(parameters.dropFirst())
        switch command {
        case "311" where rest.count >= 4: return "\(nick) is \(rest[0])@\(rest[1]) (\(rest[3]))"
        case "314" where rest.count >= 4: return "\(nick) was \(rest[0])@\(rest[1]) (\(rest[3]))"
        case "312" where rest.count >= 2: return "\(nick) is on \(rest[0]) (\(rest[1]))"
        case "317" where !rest.isEmpty: return "\(nick) has been idle for \(rest[0]) s"
        case "319" where !rest.isEmpty: return "\(nick) is in \(rest[rest.count - 1])"
        case "330" where !rest.isEmpty: return "\(nick) is logged in as \(rest[0])"
        default: return parameters.joined(separator: " ")
        }
    }
}
