// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What the client has to say, and where: one entry of a window, and the place it belongs to. The session makes entries;
// the screen and the plain output show them.

import RoostIRC

/// A place where talk happens. Names compare without regard to ASCII case, as the network's `CASEMAPPING=ascii` has it.
enum Place: Hashable, Sendable {
    /// Where the client itself and the node speak.
    case status
    /// A channel or a person.
    case named(String)

    var name: String {
        switch self {
        case .status: "status"
        case .named(let name): name
        }
    }

    var isChannel: Bool {
        if case .named(let name) = self { return name.isChannelName }
        return false
    }

    /// The channel's or person's name, none for the status place.
    var target: String? {
        if case .named(let name) = self { return name }
        return nil
    }

    static func == (one: Place, other: Place) -> Bool {
        one.target?.folded == other.target?.folded
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(target?.folded)
    }
}

/// One line of talk or news. Its texts are already safe to print.
struct Entry: Equatable, Sendable {
    enum Kind: Equatable, Sendable {
        case message(from: String)
        case action(from: String)
        case notice(from: String)
        /// News: who came, who left, what a command answered.
        case news
        /// Something that failed.
        case problem
    }

    var kind: Kind
    var text: String
    /// Whether this client said it.
    var isOwn = false
    /// Whether it asks for this person's attention: a private message, or one that names them.
    var isForMe = false
    /// Seconds since 1970 as the node gave them; none means now.
    var time: Int64?

    /// Whether it counts as unread in a window that is not looked at.
    var isTalk: Bool {
        switch kind {
        case .message, .action, .notice: !isOwn
        case .news, .problem: false
        }
    }

    /// The line without time or place: `<alice> hello`, `* alice waves`, `-- bob has joined`.
    var line: String {
        switch kind {
        case .message(let from): "<\(from)> \(text)"
        case .action(let from): "* \(from) \(text)"
        case .notice(let from): "-\(from)- \(text)"
        case .news: "-- \(text)"
        case .problem: "!! \(text)"
        }
    }
}

extension String {
    /// The name in lower case, ASCII letters only.
    var folded: String { asciiFolded(self) }

    /// Whether it begins as a channel's name does.
    var isChannelName: Bool {
        first == "#" || first == "&"
    }
}
