// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// LIST, with the conditions of ELIST. https://modern.ircdocs.horse/#list-message,
// https://modern.ircdocs.horse/#elist-parameter

import RoostIRC
import RoostModel
import RoostRoster

extension Node {
    mutating func list(_ caller: Caller, _ line: IRCLine) {
        let filter = ListFilter(line.parameters.first ?? "")
        reply(.listStart, to: caller)
        // Channels that are named are looked up; for anything else all are gone through.
        let names = filter.names ?? populatedChannels.sorted()
        for name in names {
            guard let channel = roster.visibleChannel(name), mayList(channel, caller.user) else { continue }
            let users = roster.visibleMemberCount(of: channel)
            guard filter.admits(channel, users: users, now: now.wall) else { continue }
            reply(
                .list(channel.name.text, users: users, topic: channel.state.topic?.value.text ?? ""), to: caller)
        }
        reply(.listEnd, to: caller)
    }
}

/// What LIST asks for: conditions separated by commas, of which a channel must fulfil all; of several masks, one.
struct ListFilter {
    /// A number that is to be below or above another.
    private struct Bound {
        let isUpper: Bool
        let value: UInt64

        /// Reads `<n` or `>n`.
        init?(_ text: Substring) {
            guard let first = text.first, first == "<" || first == ">", let value = UInt64(text.dropFirst()) else {
                return nil
            }
            self.isUpper = first == "<"
            self.value = value
        }

        func admits(_ number: UInt64) -> Bool { isUpper ? number < value : number > value }
    }

    /// The channels named, where nothing but names without wildcards is asked for.
    private(set) var names: [ChannelName]?

    private var masks: [Glob] = []
    private var excluded: [Glob] = []
    private var users: [Bound] = []
    private var ages: [Bound] = []
    private var topicAges: [Bound] = []

    init(_ text: String) {
        var exact: [ChannelName] = []
        let conditions = text.split(separator: ",")
        for condition in conditions {
            if let bound = Bound(condition) {
                users.append(bound)
            } else if condition.first == "C", let bound = Bound(condition.dropFirst()) {
                ages.append(bound)
            } else if condition.first == "T", let bound = Bound(condition.dropFirst()) {
                topicAges.append(bound)
            } else if condition.first == "!" {
                excluded.append(Glob(String(condition.dropFirst())))
            } else {
                masks.append(Glob(String(condition)))
                if !condition.contains("*"), !condition.contains("?"), !condition.contains("\\") {
                    exact.append(ChannelName(String(condition)))
                }
            }
        }
        if !conditions.isEmpty, exact.count == conditions.count { names = exact }
    }

    /// Whether a channel with so many members is one of those asked for. Ages are in minutes.
    func admits(_ channel: Channel, users count: Int, now: WallTime) -> Bool {
        func minutes(since time: WallTime) -> UInt64 {
            (now.milliseconds - min(now.milliseconds, time.milliseconds)) / 60_000
        }
        let name = channel.name.text
        guard masks.isEmpty || masks.contains(where: { $0.matches(name) }) else { return false }
        guard !excluded.contains(where: { $0.matches(name) }) else { return false }
        guard users.allSatisfy({ $0.admits(UInt64(count)) }) else { return false }
        guard ages.allSatisfy({ $0.admits(minutes(since: channel.state.birth.time.wall)) }) else { return false }
        guard !topicAges.isEmpty else { return true }
        guard let topic = channel.state.topic?.value, !topic.text.isEmpty else { return false }
        return topicAges.allSatisfy { $0.admits(minutes(since: topic.time)) }
    }
}
