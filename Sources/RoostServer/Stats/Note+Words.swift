// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// How what the machine notes reads: in the log (constant message, varying metadata) and on the stats socket (a sentence
// for a person, particulars for programs).

import Logging
import RoostModel
import RoostNode
import RoostRoster
import RoostStats

extension Note {
    /// As in https://www.swift.org/documentation/server/guides/libraries/log-levels.html.
    var level: Logger.Level {
        switch self {
        case .peerUp, .peerDown, .serving, .operatorActed: .notice
        case .peerSuspect, .collision, .repaired, .snapshotMerged: .info
        case .peerRefused, .repairUnavailable, .digestMismatch, .frameMalformed: .warning
        case .clientRefused: .debug
        }
    }

    /// The constant part.
    var message: String {
        switch self {
        case .peerUp: "in step with a peer"
        case .peerSuspect: "a peer is silent"
        case .peerDown: "a peer is down"
        case .peerRefused: "a peer was refused"
        case .collision: "two users wanted one nick"
        case .repaired: "a gap was filled"
        case .repairUnavailable: "a gap is filled by a snapshot"
        case .snapshotMerged: "a snapshot was merged"
        case .digestMismatch: "the roster differs from a peer's"
        case .frameMalformed: "a frame cannot be read"
        case .clientRefused: "a client was turned away"
        case .serving: "serving clients"
        case .operatorActed: "an operator acted"
        }
    }

    /// The varying part. The keys are the same in the log and in the stats.
    var metadata: Logger.Metadata {
        switch self {
        case .peerUp(let node, let epoch, let address):
            ["peer": "\(node)", "epoch": "\(epoch)", "address": "\(address)"]
        case .peerSuspect(let node, let silent): ["peer": "\(node)", "silent_ms": "\(silent.wholeMilliseconds)"]
        case .peerDown(let node, let reason, let users):
            ["peer": "\(node)", "reason": "\(reason)", "users": "\(users)"]
        case .peerRefused(let address, let reason): ["address": "\(address)", "reason": "\(reason)"]
        case .collision(let nick, let keeper, let loser, let renamed):
            ["nick": "\(nick)", "keeper": "\(keeper)", "loser": "\(loser)", "renamed": "\(renamed)"]
        case .repaired(let node, let first, let count):
            ["peer": "\(node)", "first": "\(first)", "count": "\(count)"]
        case .repairUnavailable(let node, let first, let oldest):
            ["peer": "\(node)", "first": "\(first)", "oldest": "\(oldest)"]
        case .snapshotMerged(let node, let users, let channels):
            ["peer": "\(node)", "users": "\(users)", "channels": "\(channels)"]
        case .digestMismatch(let node, let ours, let theirs):
            [
                "peer": "\(node)", "ours": "\(String(ours, radix: 16))", "theirs": "\(String(theirs, radix: 16))",
            ]
        case .frameMalformed(let node, let reason):
            ["peer": "\(node?.name ?? "unknown")", "reason": "\(reason)"]
        case .clientRefused(let host, let reason): ["host": "\(host)", "reason": "\(reason)"]
        case .serving(let peers): ["peers": "\(peers)", "state": "serving"]
        case .operatorActed(let name, let what): ["operator": "\(name)", "what": "\(what)"]
        }
    }

    /// For a person who watches.
    var sentence: String {
        switch self {
        case .peerUp(let node, _, let address): "\(node) at \(address) is in step"
        case .peerSuspect(let node, let silent): "\(node) has been silent for \(silent.wholeMilliseconds) ms"
        case .peerDown(let node, let reason, let users):
            "\(node) is down (\(reason)), and with it \(users) user\(users == 1 ? "" : "s")"
        case .peerRefused(let address, let reason): "refused \(address): \(reason)"
        case .collision(let nick, _, _, let renamed): "two users wanted \(nick); the later is \(renamed) now"
        case .repaired(let node, let first, let count): "\(count) events of \(node) from \(first) on were repaired"
        case .repairUnavailable(let node, let first, _):
            "events of \(node) from \(first) on are in no log any more; taking a snapshot"
        case .snapshotMerged(let node, let users, let channels):
            "merged the snapshot of \(node): \(users) users, \(channels) channels"
        case .digestMismatch(let node, _, _): "our roster differs from that of \(node) at the same events"
        case .frameMalformed(let node, let reason): "cannot read what \(node?.name ?? "somebody") sent: \(reason)"
        case .clientRefused(let host, let reason): "turned away a client from \(host): \(reason)"
        case .serving(let peers): peers == 0 ? "serving clients, alone" : "serving clients, in step with \(peers)"
        case .operatorActed(let name, let what): "operator \(name): \(what)"
        }
    }

    /// What kind of event it is on the stats socket, and the node that it is about; nil where it stays in the log.
    var statsKind: (kind: StatsEvent.Kind, peer: NodeID?)? {
        switch self {
        case .peerUp(let node, _, _): (.peerUp, node)
        case .peerSuspect(let node, _): (.peerSuspect, node)
        case .peerDown(let node, _, _): (.peerDown, node)
        case .peerRefused: (.peerRefused, nil)
        case .collision: (.collision, nil)
        case .repaired(let node, _, _), .repairUnavailable(let node, _, _): (.repair, node)
        case .digestMismatch(let node, _, _): (.repair, node)
        case .frameMalformed(let node, _): (.malformed, node)
        case .clientRefused: (.clientRefused, nil)
        case .serving: (.nodeState, nil)
        case .snapshotMerged, .operatorActed: nil
        }
    }
}
