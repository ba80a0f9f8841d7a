// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What a client did and saw, from which the judge works out everything. Times count from the start of the crowd.

/// The log of one client.
public struct ClientLog: Sendable {
    /// Something that a client did or saw.
    public enum Happening: Sendable, Equatable {
        /// A connection to a node stands.
        case connected(node: Int)
        /// The node welcomed it (001).
        case welcomed(node: Int)
        /// The connection ended.
        case disconnected
        /// It said something.
        case sent(MessageKey, target: String)
        /// Its own words came back: they are accepted.
        case echoed(MessageKey, msgid: String?)
        /// It got a message.
        case received(MessageKey, target: String, msgid: String?)
        /// It saw somebody quit.
        case sawQuit(nick: String)
        /// It saw somebody join.
        case sawJoin(nick: String, channel: String)
        /// It saw somebody take another nick.
        case sawNick(from: String, to: String)
        /// Something that it said was returned to it as undelivered.
        case returned(ReturnedMessage)
        /// The server told it something else: an error, a notice.
        case told(String)

        /// A line for people.
        var text: String {
            switch self {
            case .connected(let node): "connected to node\(node + 1)"
            case .welcomed(let node): "welcomed by node\(node + 1)"
            case .disconnected: "disconnected"
            case .sent(let key, let target): "sent \(key) to \(target)"
            case .echoed(let key, let msgid): "echo of \(key), \(msgid ?? "no msgid")"
            case .received(let key, let target, let msgid): "got \(key) to \(target), \(msgid ?? "no msgid")"
            case .sawQuit(let nick): "saw \(nick) quit"
            case .sawJoin(let nick, let channel): "saw \(nick) join \(channel)"
            case .sawNick(let from, let to): "saw \(from) become \(to)"
            case .returned(.message(let msgid)): "returned: \(msgid)"
            case .returned(.messages(let count, let channel)): "returned: \(count) messages to \(channel)"
            case .told(let line): "told: \(line)"
            }
        }
    }

    /// A happening and its time.
    public struct Entry: Sendable {
        /// Since the start of the crowd.
        public var at: Duration
        /// What it was.
        public var what: Happening
    }

    /// The client's index.
    public var client: Int
    /// In the order in which they happened.
    public internal(set) var entries: [Entry] = []

    /// An empty log.
    public init(client: Int) { self.client = client }

    /// Whether its connection ended and it never had another.
    var endsAway: Bool {
        for entry in entries.reversed() {
            switch entry.what {
            case .disconnected: return true
            case .welcomed: return false
            default: break
            }
        }
        return false
    }

    /// Adds what happened.
    public mutating func add(_ what: Happening, at time: Duration) { entries.append(Entry(at: time, what: what)) }

    /// A line for each entry, for people.
    public var text: String {
        entries.map { entry in
            let milliseconds = String(entry.at.inMilliseconds)
            return String(repeating: " ", count: max(0, 7 - milliseconds.count))
                + "\(milliseconds) ms  \(entry.what.text)\n"
        }.joined()
    }
}
