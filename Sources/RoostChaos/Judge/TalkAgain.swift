// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// When talk flows again: for each client that came back, from its first new connection until it heard something new and
// somebody heard it; and for each two nodes, from contact until a client of one heard something new from the other.

/// The times until talk flowed again in one run.
struct TalkAgain {
    private let record: RunRecord
    /// When each message was sent, and from which node; when it arrived first, and at which nodes when.
    private var sentAt: [MessageKey: (at: Duration, node: Int?)] = [:]
    private var firstArrival: [MessageKey: Duration] = [:]

    init(_ record: RunRecord) {
        self.record = record
        for log in record.logs {
            var node: Int?
            for entry in log.entries {
                switch entry.what {
                case .welcomed(let welcoming): node = welcoming
                case .disconnected: node = nil
                case .sent(let key, _): sentAt[key] = (entry.at, node)
                case .received(let key, _, _): firstArrival[key] = min(firstArrival[key] ?? entry.at, entry.at)
                default: break
                }
            }
        }
    }

    /// The longest of all; nil where some talk never flowed again, or where there was no fault.
    var longest: Duration? {
        guard let contact = record.contact else { return nil }
        var longest = Duration.zero
        for log in record.logs {
            for place in log.entries.indices where log.entries[place].what == .disconnected {
                guard let time = timeToReturn(log, after: place) else { return nil }
                longest = max(longest, time)
            }
        }
        guard let time = timeBetweenNodes(since: contact) else { return nil }
        return max(longest, time)
    }

    /// From the first connection after a break until it was heard and heard something; nil where it never did.
    private func timeToReturn(_ log: ClientLog, after place: Int) -> Duration? {
        var connectedAt: Duration?
        var heardAt: Duration?
        var wasHeardAt: Duration?
        for entry in log.entries[(place + 1)...] {
            switch entry.what {
            case .connected: connectedAt = connectedAt ?? entry.at
            // The next break has a time of its own; this one is over with it.
            case .disconnected where connectedAt != nil && heardAt == nil: return .zero
            case .received(let key, _, _):
                if heardAt == nil, let connectedAt, let sent = sentAt[key], sent.at >= connectedAt {
                    heardAt = entry.at
                }
            case .sent(let key, _):
                if wasHeardAt == nil { wasHeardAt = firstArrival[key] }
            default: break
            }
            if let connectedAt, let heardAt, let wasHeardAt { return max(heardAt, wasHeardAt) - connectedAt }
        }
        return nil
    }

    /// The longest time between two nodes that both have clients when the load ends; nil where one heard nothing.
    private func timeBetweenNodes(since contact: Duration) -> Duration? {
        var first: [Pair: Duration] = [:]
        for log in record.logs {
            var node: Int?
            for entry in log.entries {
                switch entry.what {
                case .welcomed(let welcoming): node = welcoming
                case .disconnected: node = nil
                case .received(let key, _, _):
                    guard let node, let sent = sentAt[key], sent.at >= contact, let origin = sent.node, origin != node
                    else { continue }
                    let pair = Pair(from: origin, to: node)
                    first[pair] = min(first[pair] ?? entry.at, entry.at)
                default: break
                }
            }
        }
        let nodes = Set(record.logs.compactMap { lastNode(of: $0) })
        var longest = Duration.zero
        for from in nodes {
            for to in nodes where from != to {
                guard let arrivedAt = first[Pair(from: from, to: to)] else { return nil }
                longest = max(longest, arrivedAt - contact)
            }
        }
        return longest
    }

    private func lastNode(of log: ClientLog) -> Int? {
        for entry in log.entries.reversed() {
            switch entry.what {
            case .welcomed(let node): return node
            case .disconnected: return nil
            default: break
            }
        }
        return nil
    }

    private struct Pair: Hashable {
        var from: Int
        var to: Int
    }
}
