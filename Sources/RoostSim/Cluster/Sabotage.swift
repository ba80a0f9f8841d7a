// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Wrongs that the driver does on purpose, and that no network and no fault would do: a checker that does not see its
// wrong is worth nothing. Only tests ask for them.

import RoostIRC
import RoostModel
import RoostNode
import RoostRoster
import RoostWire

/// A wrong that is done on purpose through a whole run.
public struct Sabotage: Sendable {
    /// Which wrong it is.
    public enum Kind: CaseIterable, Sendable {
        // What clients see.

        /// Lines that tell a message have a byte in them that no line may have.
        case spoilsMessages
        /// Each client gets every second message before the one before it.
        case swapsMessages
        /// Each client gets each message twice.
        case repeatsMessages
        /// Nobody gets what others say.
        case withholdsMessages
        /// Nobody gets an echo of what it says.
        case withholdsEchoes
        /// Whoever gets a message sees its sender quit.
        case forgesQuits
        /// Whoever gets a message loses its connection.
        case breaksConnections
        /// Each JOIN is told twice.
        case repeatsJoins
        /// Nobody is told of a JOIN.
        case withholdsJoins
        /// Nobody is told of a PART.
        case withholdsParts
        /// Nobody is told of a NICK.
        case withholdsNicks

        // What nodes hear of each other.

        /// Frames with messages get lost, where nothing ever is.
        case losesFrames
        /// Each claim on a nick goes out as one on another nick.
        case disguisesClaims
        /// In the place of each JOIN goes out what has no effect.
        case hidesJoins
        /// In the place of each MODE goes out what has no effect.
        case hidesModes
        /// Each MODE goes out without what it takes from people and lists.
        case hidesRemovals
        /// In the place of each TOPIC goes out what has no effect.
        case hidesTopics
        /// Each JOIN goes out as that of the channel's operator.
        case forgesPowers
        /// Nobody hears what others have delivered.
        case hidesDeliveries

        // How nodes are run.

        /// They echo a message without waiting for another to have it.
        case echoesAtOnce
        /// They keep as many messages as there is room for in a real one.
        case liftsLimits
        /// They hold the users of a dead one for much longer than they should.
        case stretchesHolds
        /// They are not told of clients whose connection broke.
        case hidesLosses
        /// No machine is woken when it wants to be.
        case wakesNobody
        /// What is cut stays so.
        case keepsCuts

        /// The rules that must see it, each by itself. Others may.
        public var rules: [Rule] {
            switch self {
            case .spoilsMessages: [.linesLegal]
            case .swapsMessages: [.senderOrder]
            case .repeatsMessages, .hidesDeliveries: [.deliveredOnce]
            case .withholdsMessages, .withholdsEchoes: [.nothingLost]
            case .forgesQuits, .breaksConnections, .repeatsJoins: [.nobodyQuits]
            case .withholdsJoins: [.deliveredOnce, .nobodyQuits]
            case .withholdsParts, .withholdsNicks: [.viewsTrue]
            case .losesFrames, .hidesTopics: [.nothingAmiss]
            case .disguisesClaims: [.nickUnique]
            // Whoever comes back to a node that never heard where it was loses its places.
            case .hidesJoins: [.rostersEqual, .nobodyQuits]
            case .hidesModes, .hidesRemovals, .forgesPowers: [.noPowerGained]
            case .echoesAtOnce: [.acceptedIsKept]
            case .liftsLimits: [.memoryBounded]
            case .stretchesHolds, .hidesLosses: [.noGhost]
            case .wakesNobody: [.deadlinesPass]
            case .keepsCuts: [.networkHeals, .rostersEqual]
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
        case .stretchesHolds: settings.limits.hold = settings.limits.hold * 3
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
        switch (kind, line.command) {
        case (.withholdsJoins, "JOIN"), (.withholdsParts, "PART"), (.withholdsNicks, "NICK"): return []
        case (.repeatsJoins, "JOIN"): return [sighting, sighting]
        default: break
        }
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
        case .breaksConnections:
            return [
                sighting,
                SimulatedCluster.Sighting(
                    at: sighting.at, sight: .closed(client), before: sighting.before, after: sighting.after),
            ]
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
        case (.hidesJoins, .joined), (.hidesTopics, .topicChanged), (.hidesModes, .modesChanged):
            .unknown(kind: 1_000, content: [])
        case (.hidesRemovals, .modesChanged(let channel, let birth, let changes, let actor)):
            .modesChanged(channel: channel, birth: birth, changes: changes.filter { !$0.isRemoval }, by: actor)
        case (.forgesPowers, .joined(let user, let channel, let birth, _, let invitations)):
            .joined(user: user, channel: channel, birth: birth, status: .channelOperator, invitations: invitations)
        default: body
        }
    }

    /// What a node hears of what has come for it.
    func tamper(with input: NodeInput) -> NodeInput {
        guard kind == .hidesDeliveries else { return input }
        switch input {
        case .heartbeatReceived(let link, var heartbeat):
            heartbeat.acknowledgement.delivered = Vector()
            return .heartbeatReceived(link, heartbeat)
        case .acknowledgementReceived(let link, var report):
            report.delivered = Vector()
            return .acknowledgementReceived(link, report)
        default: return input
        }
    }
}

extension SimulatedCluster.Sighting {
    /// The same moment with another line.
    fileprivate func saying(_ line: String, to client: SimulatedCluster.ClientID) -> Self {
        Self(at: at, sight: .line(client, line), before: before, after: after)
    }
}

extension ModeFact {
    /// Whether it takes a status from somebody or a mask from a list.
    fileprivate var isRemoval: Bool {
        switch self {
        case .status(_, _, _, let isSet): !isSet
        case .listRemoved: true
        case .flag, .key, .limit, .listAdded: false
        }
    }
}
