// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Who the clients of the load are, where they sit, and to whom their words go.

/// The clients by index, their nicks and channels.
public struct CrowdLayout: Sendable, Equatable {
    /// How many clients there are.
    public var clients: Int
    /// How many nodes they are dealt to in turn.
    public var nodes: Int

    /// A crowd of that size.
    public init(clients: Int, nodes: Int) {
        self.clients = clients
        self.nodes = nodes
    }

    /// The channel that everybody is in.
    public static let everybody = "#all"
    /// How many clients share a room.
    static let roomSize = 10

    /// The nick, and the user name, of a client: `c07`.
    public func nick(_ client: Int) -> String { client < 10 ? "c0\(client)" : "c\(client)" }

    /// The client who has a nick, or had it before a collision renamed it.
    func client(withNick nick: String) -> Int? {
        guard nick.hasPrefix("c"), let client = Int(nick.dropFirst().prefix { $0 != "|" }), client < clients,
            client >= 0
        else { return nil }
        return client
    }

    /// The room of a client, which has members on every node.
    public func room(of client: Int) -> String { "#room\(client / Self.roomSize)" }

    /// The channels that a client is in.
    func channels(of client: Int) -> [String] { [Self.everybody, room(of: client)] }

    /// Who must get what a client says to a channel or nick.
    public func recipients(of target: String, from sender: Int) -> [Int] {
        if let client = client(withNick: target) { return [client] }
        return (0..<clients).filter { client in
            client != sender && (target == Self.everybody || target == room(of: client))
        }
    }
}

/// A message of the load, by its sender and its number among the sender's. Both stand in the text.
public struct MessageKey: Hashable, Sendable, CustomStringConvertible {
    /// The index of the client who said it.
    public var sender: Int
    /// From 1, in the order in which the sender said them.
    public var number: Int

    /// That message.
    public init(sender: Int, number: Int) {
        self.sender = sender
        self.number = number
    }

    /// `7.12`: the twelfth message of client 7.
    public var description: String { "\(sender).\(number)" }

    /// What is sent.
    var text: String { "~\(sender) \(number) and some words, as people send them" }

    /// The message of a text; nil where the load did not send it.
    init?(text: String) {
        let words = text.split(separator: " ", maxSplits: 2)
        guard words.count == 3, words[0].first == "~", let sender = Int(words[0].dropFirst()),
            let number = Int(words[1])
        else { return nil }
        self.init(sender: sender, number: number)
        guard self.text == text else { return nil }
    }
}
