// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Works out the figures of a run from the logs of its clients: what was accepted must have reached each recipient once
// and in its sender's order, or have been returned. All clients stay in their channels for the whole run, so whoever
// belongs to a channel must get what is said in it, at once or after coming back.

/// Judges one run.
public struct Judge {
    private let record: RunRecord
    private var figures = Figures()
    private var messages: [MessageKey: Message] = [:]
    /// What each client got, with the `msgid` of the first arrival.
    private var arrived: [[MessageKey: String?]]

    private struct Message {
        let target: String
        let sentAt: Duration
        var acceptedAt: Duration?
        var msgid: String?
    }

    /// The figures of a run.
    public static func figures(of record: RunRecord) -> Figures {
        var judge = Judge(record)
        judge.readSenders()
        for log in record.logs { judge.readArrivals(log) }
        judge.findLost()
        judge.figures.talkAgain = TalkAgain(record).longest
        judge.figures.converged = record.timeToConverge
        return judge.figures
    }

    private init(_ record: RunRecord) {
        self.record = record
        arrived = Array(repeating: [:], count: record.logs.count)
        figures.faultsBegan = record.faultsBegan
        figures.mended = record.mended
    }

    private mutating func readSenders() {
        for log in record.logs {
            for entry in log.entries {
                switch entry.what {
                case .sent(let key, let target):
                    figures.sent += 1
                    messages[key] = Message(target: target, sentAt: entry.at)
                case .echoed(let key, let msgid):
                    guard messages[key]?.acceptedAt == nil else { continue }
                    figures.accepted += 1
                    messages[key]?.acceptedAt = entry.at
                    messages[key]?.msgid = msgid
                default: break
                }
            }
        }
    }

    private mutating func readArrivals(_ log: ClientLog) {
        let isCutOff = log.entries.contains { $0.what == .disconnected }
        if isCutOff { figures.broken += log.entries.count { $0.what == .disconnected } }
        /// The last number of each sender that arrived.
        var last: [Int: Int] = [:]
        for entry in log.entries {
            switch entry.what {
            case .received(let key, _, let msgid):
                if let first = arrived[log.client][key] {
                    again(key, msgid, first: first, at: log.client, isCutOff: isCutOff)
                    continue
                }
                arrived[log.client].updateValue(msgid, forKey: key)
                figures.delivered += 1
                if let previous = last[key.sender], previous > key.number {
                    figures.outOfOrder += 1
                    figures.note("\(name(log.client)) got \(name(key)) after number \(previous)")
                } else {
                    last[key.sender] = key.number
                }
                if let sentAt = messages[key]?.sentAt, let faultsBegan = record.faultsBegan, sentAt >= faultsBegan {
                    figures.arrivals.append(Figures.Arrival(sentAt: sentAt, took: entry.at - sentAt))
                }
            case .sawQuit(let nick) where entry.at >= record.loadBegan:
                figures.quits += 1
                figures.note("\(name(log.client)) saw \(nick) quit at \(entry.at.brief)")
            case .sawJoin(let nick, let channel)
            where entry.at >= record.loadBegan && record.layout.client(withNick: nick) != nil:
                figures.joins += 1
                figures.note("\(name(log.client)) saw \(nick) join \(channel) at \(entry.at.brief)")
            case .sawNick(let from, let to)
            where entry.at >= record.loadBegan && record.layout.client(withNick: from) != nil:
                figures.renames += 1
                figures.note("\(name(log.client)) saw \(from) become \(to) at \(entry.at.brief)")
            default: break
            }
        }
    }

    private mutating func again(_ key: MessageKey, _ msgid: String?, first: String?, at client: Int, isCutOff: Bool) {
        if isCutOff { figures.twiceOwn += 1 } else { figures.twiceOthers += 1 }
        if msgid != first { figures.twiceAnew += 1 }
        if !isCutOff || msgid != first {
            figures.note("\(name(client)) got \(name(key)) again, as \(msgid ?? "no msgid") after \(first ?? "none")")
        }
    }

    private mutating func findLost() {
        // Of a sender who is away for good nobody can be told what another such client did not get.
        let away = Set(record.logs.filter(\.endsAway).map(\.client))
        for log in record.logs {
            var returned: Set<String> = []
            /// How many more messages to each channel the sender was told of.
            var summaries: [String: Int] = [:]
            for case .returned(let what) in log.entries.lazy.map(\.what) {
                switch what {
                case .message(let msgid): returned.insert(msgid)
                case .messages(let count, let channel): summaries[channel, default: 0] += count
                }
            }
            for (key, message) in ownMessages(of: log) {
                let missing = record.layout.recipients(of: message.target, from: key.sender).filter { recipient in
                    arrived[recipient].index(forKey: key) == nil
                        && !(away.contains(recipient) && away.contains(key.sender))
                        && !hasLeft(recipient, seenBy: log, before: message.acceptedAt)
                }
                guard !missing.isEmpty else { continue }
                if let msgid = message.msgid, returned.contains(msgid) {
                    figures.returned += missing.count
                } else if let left = summaries[message.target], left > 0 {
                    summaries[message.target] = left - 1
                    figures.returned += missing.count
                } else {
                    figures.lost += missing.count
                    note(missing, never: key, message)
                }
            }
        }
    }

    /// Whether the sender was told that somebody left before it was told that its message is accepted.
    private func hasLeft(_ client: Int, seenBy log: ClientLog, before time: Duration?) -> Bool {
        let departure = ClientLog.Happening.sawQuit(nick: name(client))
        guard let time, let seen = log.entries.first(where: { $0.what == departure }) else { return false }
        return seen.at <= time
    }

    private mutating func note(_ recipients: [Int], never key: MessageKey, _ message: Message) {
        for recipient in recipients {
            figures.note(
                "\(name(recipient)) never got \(name(key)) to \(message.target), sent at \(message.sentAt.brief)")
        }
    }

    /// The accepted messages of a client, in order.
    private func ownMessages(of log: ClientLog) -> [(MessageKey, Message)] {
        log.entries.compactMap { entry in
            guard case .sent(let key, _) = entry.what, let message = messages[key], message.acceptedAt != nil else {
                return nil
            }
            return (key, message)
        }
    }

    private func name(_ client: Int) -> String { record.layout.nick(client) }
    private func name(_ key: MessageKey) -> String { "\(name(key.sender))'s message \(key.number)" }
}
