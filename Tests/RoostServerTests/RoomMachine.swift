// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// A machine for tests: everybody who has given a NICK is in one room. Small enough to know its effects by heart.

import RoostIRC
import RoostModel
import RoostNode
import RoostServer
import Synchronization

/// The room. `NICK n` registers, `SAY text` goes to all others, `PING x` is answered, `REPEAT n text` sends n lines
/// back, `CAP` turns on message-tags, `QUIT` ends; anything else is ignored.
struct RoomMachine: Machine {
    var room = Audience()
    var nicks: [ConnectionID: String] = [:]
    var gone: Set<ConnectionID> = []
    var nextDeadline: Instant?
    let log: InputLog

    mutating func step(_ input: NodeInput, at now: Moment, into effects: inout NodeEffects) {
        log.append(input)
        switch input {
        case .lineReceived(let id, let line):
            if !gone.contains(id) { take(line, from: id, into: &effects) }
        case .lineRefused(let id, let error):
            effects.append(.send(message("REFUSED", ["\(error)"]), to: id))
        case .clientLost(let id, _): leave(id)
        default: break
        }
    }

    private mutating func take(_ line: IRCLine, from id: ConnectionID, into effects: inout NodeEffects) {
        switch line.command {
        case "NICK":
            nicks[id] = line.parameters.first ?? "?"
            room.insert(id)
            effects.append(.registered(id))
            effects.append(.send(message("WELCOME", [nicks[id] ?? "?"]), to: id))
        case "SAY":
            let said = OutgoingMessage(
                messageID: "id", source: nicks[id], command: "PRIVMSG", parameters: ["#room", line.parameters[0]])
            effects.append(.fanOut(said, to: room, except: id))
        case "PING": effects.append(.send(message("PONG", line.parameters), to: id))
        case "REPEAT":
            for _ in 0..<(Int(line.parameters[0]) ?? 0) {
                effects.append(.send(message("NOTE", [line.parameters[1]]), to: id))
            }
        case "CAP": effects.append(.setCapabilities(id, [.messageTags]))
        case "QUIT":
            leave(id)
            effects.append(.send(message("ERROR", ["bye"]), to: id))
            effects.append(.disconnect(id))
        default: break
        }
    }

    private mutating func leave(_ id: ConnectionID) {
        nicks[id] = nil
        gone.insert(id)
        room.remove(id)
    }

    private func message(_ command: String, _ parameters: [String]) -> OutgoingMessage {
        OutgoingMessage(source: nil, command: command, parameters: parameters)
    }
}

/// What a machine was given.
final class InputLog: Sendable {
    private let entries = Mutex<[NodeInput]>([])

    var inputs: [NodeInput] { entries.withLock { $0 } }

    func append(_ input: NodeInput) { entries.withLock { $0.append(input) } }

    /// The reasons for which clients were lost.
    var lossReasons: [String] {
        inputs.compactMap { if case .clientLost(_, let reason) = $0 { reason } else { nil } }
    }
}
