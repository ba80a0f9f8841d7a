// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What people do in a simulation: their deeds, and how they come back when they have lost their node.

import RoostIRC
import RoostModel
import RoostNode
import RoostRoster

extension Simulation {
    /// How long somebody waits for the welcome, or for a node that does not answer, until it goes elsewhere.
    private static let patience = Duration.seconds(3)

    // MARK: Deeds

    mutating func perform(_ deed: Deed) {
        lastDeed = cluster.now.instant
        switch deed {
        case .connect(let node): arrive(at: node)
        case .drop(let number):
            remember("person \(number) loses its connection")
            depart(number)
        case .say(let number, let line): say(line, number)
        case .tell(let number, let target, let isNotice):
            guard people[number].view.nick != nil else { return }
            let text = messages.send(
                from: number, on: people[number].client.number, to: target, at: cluster.now.instant)
            say("\(isNotice ? "NOTICE" : "PRIVMSG") \(target) :\(text)", number)
        }
    }

    mutating func say(_ line: String, _ number: Int) {
        remember("person \(number)> \(line)")
        if line.hasPrefix("QUIT") {
            people[number].hasQuit = true
            people[number].mayQuit = true
        }
        cluster.send(line, from: people[number].client)
    }

    private mutating func arrive(at node: Int) {
        let number = people.count
        let host = "192.0.2.\(number % 250)"
        let client = cluster.connect(to: node, host: host)
        people.append(
            Person(
                number: number, userName: "u\(number)", host: host, client: client, node: node, wish: workload.nick(),
                connectedAt: cluster.now.instant))
        stays.append([])
        register(number)
    }

    /// Presents somebody to its node.
    private mutating func register(_ number: Int) {
        let person = people[number]
        owners.append(number)
        remember("person \(number) connects to \(cluster.machines[person.node].settings.node) as \(person.client)")
        guard cluster.isOpen(person.client) else {
            comeBack(number, after: .milliseconds(100))
            return
        }
        people[number].connectedAt = cluster.now.instant
        people[number].waitingSince = nil
        people[number].hasQuit = false
        let batch = number % 2 == 0 ? " batch" : ""
        say("CAP REQ :echo-message multi-prefix message-tags server-time standard-replies\(batch)", number)
        say("CAP END", number)
        say("NICK \(person.wish)", number)
        say("USER \(person.userName) 0 * :Somebody", number)
    }

    /// Somebody breaks its connection, and is not coming back.
    private mutating func depart(_ number: Int) {
        people[number].mayQuit = true
        people[number].state = .gone
        endStays(of: number, at: people[number].knows)
        breakConnection(of: number)
    }

    private mutating func breakConnection(of number: Int) {
        if !cluster.isRunning(people[number].node) { people[number].hasLeftStanding.insert(people[number].node) }
        cluster.drop(people[number].client, reason: "Connection reset by peer")
    }

    // MARK: Coming back

    /// Somebody has lost its node through no fault of its own.
    mutating func loseNode(_ number: Int) {
        people[number].wish = people[number].view.nick?.text ?? people[number].wish
        let node = people[number].node
        let until = cluster.now.instant + (limits.hold - plan.clockDifferenceMax)
        if people[number].heldUntil == nil {
            people[number].heldUntil = until
            people[number].witnesses = cluster.witnesses(of: node)
            reviewHold(of: number)
        }
        lastLoss = cluster.now.instant
        if Int.random(in: 0..<10, using: &random) == 0 {
            people[number].state = .gone
            return
        }
        let isFaithful = Int.random(in: 0..<4, using: &random) == 0
        let wait = Duration.milliseconds(Int.random(in: 0...3_000, using: &random))
        people[number].state = .away(until: cluster.now.instant + wait, to: isFaithful ? node : nil)
    }

    /// Nodes have died that may have known longest that somebody's node was there.
    mutating func reviewHolds() {
        for number in people.indices where people[number].heldUntil != nil { reviewHold(of: number) }
    }

    /// A hold is as long as it is from the moment on at which a node that is left heard the one that died last: those who had
    /// given it up before could not know that it was only out of their reach. Where no node is left that knows that somebody
    /// had come back, the hold goes on that it came back from.
    private mutating func reviewHold(of number: Int) {
        if let former = people[number].formerHold, !cluster.isHeardOf(former.end) {
            shortenHold(of: number, to: former.until)
        }
        let heard = people[number].witnesses.filter { cluster.isThere($0) }.map(\.at).max()
        if let heard { shortenHold(of: number, to: heard + (limits.hold - plan.clockDifferenceMax)) }
    }

    private mutating func shortenHold(of number: Int, to until: Instant) {
        people[number].heldUntil = people[number].heldUntil.map { min($0, until) }
    }

    private mutating func comeBack(_ number: Int, after wait: Duration) {
        people[number].state = .away(until: cluster.now.instant + wait, to: nil)
    }

    /// Has people do what time has come for.
    mutating func movePeople() throws(Violation) {
        let answers = answers
        self.answers = []
        for (number, line) in answers where people[number].isThere {
            lastDeed = cluster.now.instant
            say(line, number)
        }
        let now = cluster.now.instant
        for number in people.indices {
            switch people[number].state {
            case .gone: continue
            case .away(let until, let wanted):
                guard until <= now else { continue }
                lastDeed = now
                reconnect(number, to: wanted)
            case .there:
                if let due = people[number].placesDue, due <= now {
                    people[number].placesDue = nil
                    try settlePlaces(of: number)
                }
                if hasLostPatience(number) { goElsewhere(number) }
            }
        }
    }

    private mutating func reconnect(_ number: Int, to wanted: Int?) {
        if let wanted, !cluster.isAlive(wanted) {
            // It waits for its own node, but not for ever.
            let patience = Int.random(in: 0..<20, using: &random)
            people[number].state = .away(
                until: cluster.now.instant + .milliseconds(200), to: patience == 0 ? nil : wanted)
            return
        }
        let node = wanted ?? Int.random(in: cluster.machines.indices, using: &random)
        people[number].node = node
        people[number].client = cluster.connect(to: node, host: people[number].host)
        people[number].view = ClientView()
        people[number].placesDue = nil
        people[number].state = .there
        register(number)
    }

    /// Whether somebody has waited for too long: for its welcome, or for a node that does nothing.
    private mutating func hasLostPatience(_ number: Int) -> Bool {
        let now = cluster.now.instant
        let person = people[number]
        if person.view.nick == nil { return now - person.connectedAt > Self.patience }
        if cluster.isRunning(person.node) {
            people[number].waitingSince = nil
            return false
        }
        guard let since = person.waitingSince else {
            people[number].waitingSince = now
            return false
        }
        // Every other person would wait for ever.
        return number % 2 == 0 && now - since > Self.patience
    }

    /// Somebody breaks its connection to a node that does not answer, and connects to another. When the node goes on
    /// before anybody takes over from it, others see a QUIT.
    private mutating func goElsewhere(_ number: Int) {
        lastDeed = cluster.now.instant
        remember("person \(number) has waited long enough")
        if people[number].hasQuit {
            depart(number)
            return
        }
        if people[number].view.nick != nil {
            people[number].mayQuit = true
            people[number].brokeOff = true
            people[number].wish = people[number].view.nick?.text ?? people[number].wish
        } else {
            // When its node goes on, it may still register what it had read, before it finds the connection broken.
            people[number].hasFormerSelf = true
        }
        breakConnection(of: number)
        comeBack(number, after: .zero)
    }

    // MARK: Answers

    /// What somebody says to what it sees.
    mutating func answer(_ number: Int, to line: IRCLine) -> String? {
        let view = people[number].view
        if line.command == Numeric.nicknameInUse.code, view.nick == nil {
            // All the nicks that people want may be taken.
            let isTired = Int.random(in: 0..<5, using: &random) == 0
            people[number].wish = isTired ? "q\(number)" : workload.nick()
            return "NICK \(people[number].wish)"
        }
        guard let name = line.parameters.first.map({ ChannelName($0) }), view.operated.contains(name),
            let sender = line.sender, sender != view.nick
        else { return nil }
        switch line.command {
        case "JOIN": return workload.welcome(of: sender, to: name)
        case "MODE" where line.parameters.count == 3 && line.parameters[1] == "+b":
            return workload.pardon(of: line.parameters[2], in: name)
        default: return nil
        }
    }
}
