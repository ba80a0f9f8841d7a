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
        case .peerUp, .peerDown, .lifeGone, .serving, .rejoined, .operatorActed: .notice
        case .peerSuspect, .peerUnreachable, .takenOver, .collision, .repaired, .snapshotMerged: .info
        case .peerRefused, .repairUnavailable, .skipped, .digestMismatch, .frameMalformed, .eventQuarantined,
            .isolated, .paused:
            .warning
        case .clientRefused: .debug
        }
    }

    /// The constant part.
    var message: String {
        switch self {
        case .peerUp: "in step with a peer"
        case .peerSuspect: "a peer is silent"
        case .peerUnreachable: "a peer is heard by others only"
        case .peerDown: "a peer is down"
        case .lifeGone: "the users of a node did not return"
        case .takenOver: "a user goes on here"
        case .isolated: "no other node is heard"
        case .rejoined: "in contact with other nodes again"
        case .paused: "this node did not run"
        case .peerRefused: "a peer was refused"
        case .collision: "two users wanted one nick"
        case .repaired: "a gap was filled"
        case .repairUnavailable: "a gap is filled by a snapshot"
        case .skipped: "events were passed over"
        case .snapshotMerged: "a snapshot was merged"
        case .digestMismatch: "the roster differs from a peer's"
        case .frameMalformed: "a frame cannot be read"
        case .eventQuarantined: "an event was set aside"
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
        case .peerUnreachable(let node, let silent):
            ["peer": "\(node)", "silent_ms": "\(silent.wholeMilliseconds)"]
        case .lifeGone(let life): ["peer": "\(life.node)", "epoch": "\(life.epoch)"]
        case .takenOver(let nick, let node): ["nick": "\(nick)", "peer": "\(node)"]
        case .isolated, .rejoined: [:]
        case .paused(let duration): ["paused_ms": "\(duration.wholeMilliseconds)"]
        case .skipped(let node, let first, let count):
            ["peer": "\(node)", "first": "\(first)", "count": "\(count)"]
        case .peerDown(let node, let reason, let users):
            ["peer": "\(node)", "reason": "\(reason)", "users": "\(users)"]
        case .peerRefused(let address, let reason): ["address": "\(address)", "reason": "\(reason)"]
        case .collision(let nick, let keeper, let loser, let renamed):
            ["nick": "\(nick)", "keeper": "\(keeper)", "loser": "\(loser)", "renamed": "\(renamed)"]
        case .repaired(let node, let first, let count, let helper):
            ["peer": "\(node)", "first": "\(first)", "count": "\(count)", "by": "\(helper)"]
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
        case .eventQuarantined(let event, let reason):
            ["peer": "\(event.node)", "event": "\(event)", "reason": "\(reason)"]
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
            "\(node) is down (\(reason)); \(users) user\(users == 1 ? " is" : "s are") held"
        case .peerUnreachable(let node, let silent):
            "\(node) has not been heard here for \(silent.wholeMilliseconds) ms, but by another node"
        case .lifeGone(let life): "the users of \(life.node) were held as long as may be, and are gone"
        case .takenOver(let nick, let node): "\(nick), who was held since \(node) went down, goes on here"
        case .isolated: "no other node is heard any more; this one goes on alone"
        case .rejoined: "other nodes are heard again"
        case .paused(let duration): "this node did not run for \(duration.wholeMilliseconds) ms"
        case .skipped(let node, let first, let count):
            "\(count) events of \(node) from \(first) on were passed over; nobody has them any more"
        case .peerRefused(let address, let reason): "refused \(address): \(reason)"
        case .collision(let nick, _, _, let renamed): "two users wanted \(nick); the later is \(renamed) now"
        case .repaired(let node, let first, let count, let helper):
            "\(count) events of \(node) from \(first) on were repaired"
                + (helper == node ? "" : " by \(helper)")
        case .repairUnavailable(let node, let first, _):
            "events of \(node) from \(first) on are in no log any more; taking a snapshot"
        case .snapshotMerged(let node, let users, let channels):
            "merged the snapshot of \(node): \(users) users, \(channels) channels"
        case .digestMismatch(let node, _, _): "our roster differs from that of \(node) at the same events"
        case .frameMalformed(let node, let reason): "cannot read what \(node?.name ?? "somebody") sent: \(reason)"
        case .eventQuarantined(let event, let reason): "event \(event) cannot be read and was set aside: \(reason)"
        case .clientRefused(let host, let reason): "turned away a client from \(host): \(reason)"
        case .serving(let peers): peers == 0 ? "serving clients, alone" : "serving clients, in step with \(peers)"
        case .operatorActed(let name, let what): "operator \(name): \(what)"
        }
    }

    /// What it has in common with others, where somebody outside can cause many of them; nil where all are told.
    var limitKey: NoteLimiter<Note>.Key? {
        switch self {
        case .frameMalformed(let node, _): .init(kind: "malformed", source: node?.name ?? "")
        case .peerRefused(let address, _): .init(kind: "refused", source: address)
        default: nil
        }
    }

    /// What kind of event it is on the stats socket, and the node that it is about; nil where it stays in the log.
    var statsKind: (kind: StatsEvent.Kind, peer: NodeID?)? {
        switch self {
        case .peerUp(let node, _, _): (.peerUp, node)
        case .peerSuspect(let node, _): (.peerSuspect, node)
        case .peerUnreachable(let node, _): (.peerUnreachable, node)
        case .peerDown(let node, _, _): (.peerDown, node)
        case .lifeGone(let life): (.peerGone, life.node)
        case .takenOver(_, let node): (.takeOver, node)
        case .isolated, .rejoined, .paused: (.nodeState, nil)
        case .peerRefused: (.peerRefused, nil)
        case .collision: (.collision, nil)
        case .repaired(let node, _, _, _), .repairUnavailable(let node, _, _), .skipped(let node, _, _):
            (.repair, node)
        case .digestMismatch(let node, _, _): (.repair, node)
        case .frameMalformed(let node, _): (.malformed, node)
        case .eventQuarantined(let event, _): (.malformed, event.node)
        case .clientRefused: (.clientRefused, nil)
        case .serving: (.nodeState, nil)
        case .snapshotMerged, .operatorActed: nil
        }
    }
}
