// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Wrongs that the driver does on purpose, and that no network and no fault would do: a checker that does not see its
// wrong is worth nothing. Only tests ask for them.

import RoostIRC
import RoostModel
import RoostNode
import RoostRoster

/// A wrong that is done on purpose through a whole run.
public struct Sabotage: Sendable {
    /// Which wrong it is.
    public enum Kind: CaseIterable, Sendable {
        /// Lines that tell a message have a byte in them that no line may have.
        case spoilsMessages
        /// Frames with messages get lost, where nothing ever is.
        case losesFrames
        /// No machine is woken when it wants to be.
        case wakesNobody
        /// Other nodes hear each claim on a nick as one on another nick.
        case disguisesClaims
        /// Each client gets every second message before the one before it.
        case swapsMessages
        /// Each client gets each message twice.
        case repeatsMessages
        /// Nodes echo a message without waiting for another node to have it.
        case echoesAtOnce
        /// Nobody gets what others say.
        case withholdsMessages
        /// Nobody gets an echo of what it says.
        case withholdsEchoes
        /// Whoever gets a message sees its sender quit.
        case forgesQuits
        /// Nodes are not told of clients whose connection broke.
        case hidesLosses
        /// Other nodes get an event of no effect in the place of each JOIN.
        case hidesJoins
        /// Nobody is told of a PART.
        case withholdsParts
        /// Other nodes hear that whoever joins a channel is its operator.
        case forgesPowers
        /// Nodes keep as much as they like.
        case liftsLimits
        /// What is cut stays so.
        case keepsCuts

        /// The rule that it breaks.
        public var rule: Rule {
            switch self {
            case .spoilsMessages: .linesLegal
            case .losesFrames: .nothingAmiss
            case .wakesNobody: .deadlinesPass
            case .disguisesClaims: .nickUnique
            case .swapsMessages: .senderOrder
            case .repeatsMessages: .deliveredOnce
            case .echoesAtOnce: .acceptedIsKept
            case .withholdsMessages, .withholdsEchoes: .nothingLost
            case .forgesQuits: .nobodyQuits
            case .hidesLosses: .noGhost
            case .hidesJoins: .rostersEqual
            case .withholdsParts: .viewsTrue
            case .forgesPowers: .noPowerGained
            case .liftsLimits: .memoryBounded
            case .keepsCuts: .networkHeals
            }
        }
    }

    let kind: Kind
    /// The message that each client gets after the next.
    private var late: [SimulatedCluster.ClientID: SimulatedCluster.Sighting] = [:]

    init(_ kind: Kind) { self.kind = kind }

    /// What a node is told of how it is to work.
    func tamper(with settings: inout NodeSettings) {
        switch kind {
        case .echoesAtOnce: settings.acknowledge = .local
        case .liftsLimits:
            let limits = NodeLimits()
            settings.limits.framesBuffered = limits.framesBuffered
            settings.limits.bytesBuffered = limits.bytesBuffered
            settings.limits.keptBytes = limits.keptBytes
            settings.limits.keptMessages = limits.keptMessages
        default: break
        }
    }

    // MARK: What clients see

    /// What clients get of what a node tells them.
    mutating func tamper(with sights: [SimulatedCluster.Sighting]) -> [SimulatedCluster.Sighting] {
        var result: [SimulatedCluster.Sighting] = []
        for sighting in sights {
            if case .line(let client, let text) = sighting.sight,
                let lines = tamper(with: text, to: client, sighting)
            {
                result += lines
            } else {
                result.append(sighting)
            }
        }
        return result
    }

    /// What a client gets in place of a line; nil for the line.
    private mutating func tamper(
        with text: String, to client: SimulatedCluster.ClientID, _ sighting: SimulatedCluster.Sighting
    ) -> [SimulatedCluster.Sighting]? {
        // A line that cannot be read is for a checker to see.
        guard let line = try? IRCLine(parsing: text, limits: .fromServer) else { return nil }
        if kind == .withholdsParts { return line.command == "PART" ? [] : nil }
        guard let source = line.source, let key = line.parameters.last.flatMap({ MessageKey($0) }) else { return nil }
        // People have one client each, unless they lose it.
        let isEcho = key.sender == client.number
        switch kind {
        case .spoilsMessages: return [sighting.saying(":\(source) PRIVMSG somebody :\u{0}", to: client)]
        case .swapsMessages:
            guard let earlier = late.removeValue(forKey: client) else {
                late[client] = sighting
                return []
            }
            return [sighting, earlier]
        case .repeatsMessages: return [sighting, sighting]
        case .withholdsMessages: return isEcho ? nil : []
        case .withholdsEchoes: return isEcho ? [] : nil
        case .forgesQuits: return [sighting, sighting.saying(":\(source) QUIT :Forged", to: client)]
        default: return nil
        }
    }

    // MARK: What peers hear

    /// What other nodes get of the events of a frame; nothing where the frame is lost.
    func tamper(with events: [Event]) -> [Event] {
        if kind == .losesFrames {
            let hasMessage = events.contains { if case .messageSent = $0.body { true } else { false } }
            return hasMessage ? [] : events
        }
        return events.map { Event(id: $0.id, time: $0.time, body: tamper(with: $0.body)) }
    }

    private func tamper(with body: EventBody) -> EventBody {
        switch (kind, body) {
        case (.disguisesClaims, .nickClaimed(let claim)):
            .nickClaimed(NickClaim(user: claim.user, nick: Nick("x\(claim.nick)"), identity: claim.identity))
        case (.hidesJoins, .joined): .unknown(kind: 1_000, content: [])
        case (.forgesPowers, .joined(let user, let channel, let birth, _, let invitations)):
            .joined(user: user, channel: channel, birth: birth, status: .channelOperator, invitations: invitations)
        default: body
        }
    }
}

extension SimulatedCluster.Sighting {
    /// The same moment with another line.
    fileprivate func saying(_ line: String, to client: SimulatedCluster.ClientID) -> Self {
        Self(at: at, sight: .line(client, line), before: before, after: after)
    }
}
