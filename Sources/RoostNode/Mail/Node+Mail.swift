// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What becomes of messages to users whose node is down: kept, handed over when they return to any node, or told to their
// senders when they do not (DESIGN §2, P3).

import RoostIRC
import RoostModel
import RoostRoster

extension Node {
    // MARK: Keeping

    /// Begins to keep what is said to the users of a life, with what its node had not delivered yet: as far as it told
    /// us, or another node.
    mutating func openMail(of life: Life, delivered: Vector? = nil) {
        guard mail[life] == nil, roster.userCount(of: life) > 0 || mesh.peers[life.node]?.epoch == life.epoch else {
            return
        }
        let report = delivered ?? mesh.peers[life.node]?.delivered(in: life) ?? Vector()
        var channels: Set<ChannelName> = []
        var unreported: [UserID: HandedMail] = [:]
        for user in roster.users(of: life) {
            channels.formUnion(roster.users[user]?.channels ?? [])
            // Its report may have come before its word that it took the user over.
            if let handed = handed.removeValue(forKey: user), handed.takeOver.life == life,
                !report.covers(handed.takeOver)
            {
                unreported[user] = handed
            }
        }
        mail[life] = KeptMail(delivered: report, handed: unreported, channels: channels)
        for event in undelivered(in: life, since: DeliveryReport(delivered: report)) { keep(event, in: life) }
    }

    /// What a node had not delivered in a life when it reported last, as far as it is here.
    func undelivered(in life: Life, since report: DeliveryReport) -> [Event] {
        var missed = inherited
        for (origin, log) in logs.sorted(by: { $0.key < $1.key }) {
            let position = report.delivered[origin.node]
            log.forEach(after: position?.epoch == origin.epoch ? position?.sequence ?? 0 : 0) { missed.append($0) }
        }
        return missed.filter { event in
            // Where it never reported on a stream, only what was said in its life was meant for its users.
            report.delivered[event.id.node] == nil
                ? event.time.wall.milliseconds >= life.epoch.rawValue : !report.covers(event.id)
        }
    }

    /// Forgets what was inherited and all who are there have delivered since. While the users of a life are known whose mail
    /// is yet to be opened, or others may tell of such users, all of it may be for them.
    mutating func forgetInherited() {
        guard !inherited.isEmpty, !mesh.isNewcomer(at: now.instant) else { return }
        var reports: [DeliveryReport] = []
        for life in roster.populatedLives
        where life != self.life && mail[life] == nil && !roster.hiddenLives.contains(life) {
            guard let peer = mesh.peers[life.node], peer.epoch == life.epoch, peer.health != .down else { return }
            reports.append(peer.report)
        }
        inherited.removeAll { event in reports.allSatisfy { $0.covers(event.id) } }
    }

    /// Users turned out to be in these channels whom their node had there before it was down.
    mutating func noteHeldMembers(in changes: [RosterChange]) {
        guard !mail.isEmpty else { return }
        for case .joined(let user, let channel) in changes {
            if let life = roster.users[user]?.life { mail[life]?.channels.insert(channel) }
        }
    }

    /// Keeps a message for those held who are meant.
    mutating func keep(_ event: Event) {
        guard !mail.isEmpty else { return }
        for life in mail.keys.sorted() { keep(event, in: life) }
    }

    mutating func keep(_ event: Event, in life: Life) {
        guard case .messageSent(let message) = event.body, prefix(ofSender: message.sender) != nil else { return }
        switch message.target {
        case .user(let id):
            guard roster.users[id]?.life == life,
                let refusal = mail[life]?.keep(event, for: .user(id), limits: settings.limits)
            else { return }
            tellNotKept(event, message, refusal)
        case .channel(let name, _):
            guard mail[life]?.channels.contains(name) == true,
                let refusal = mail[life]?.keep(event, for: .channel(name), limits: settings.limits)
            else { return }
            let told = KeptMail.Told(sender: message.sender, channel: name)
            if mail[life]?.told.insert(told).inserted == true { tellNotKept(event, message, refusal) }
        }
    }

    // MARK: Handing over

    /// Takes out what is kept for a user of a life that it leaves by a take-over, in the channels that it is in here and
    /// those that the take-over names: it may have been kicked here by somebody who had not heard of that.
    mutating func takeMail(for user: User, of life: Life, in places: [TakeOver.Membership]) -> [Event] {
        openMail(of: life)
        var channels: [ChannelName: MemberStatus] = [:]
        for place in places { channels[place.channel] = place.status }
        for name in user.channels { channels[name] = roster.channels[name]?.status(of: user.id) ?? [] }
        let kept = mail[life]?.take(for: user.id, in: channels) ?? []
        return kept.filter { !hasSeen($0.id, user.id) && !wasSaid($0, before: user) }
    }

    /// Whether something was said before a user came to the network, for certain: in the stream of the node that it came
    /// to, or so long before that no clock is that far off. Where its node's reports were never heard here, nothing else
    /// tells what was said to the channel in the time of others.
    func wasSaid(_ event: Event, before user: User) -> Bool {
        if event.id.life == user.id.life { return event.id.sequence < user.id.sequence }
        let skew = UInt64(clamping: settings.limits.clockSkew.milliseconds)
        return event.time.wall.milliseconds &+ skew < user.record.signedOn.milliseconds
    }

    /// Hands a user of ours what was said to it while it was held.
    mutating func hand(_ events: [Event], to connection: ConnectionID, of user: UserID) {
        let lines = events.compactMap { event -> OutgoingMessage? in
            guard case .messageSent(let message) = event.body else { return nil }
            return line(of: message, event)
        }
        guard !lines.isEmpty else { return }
        let reference = nextBatch()
        sendBatch(["+" + reference, "roost.chat/missed"], to: connection)
        for line in lines { effects.append(.send(line.inBatch(reference), to: connection)) }
        sendBatch(["-" + reference], to: connection)
    }

    private mutating func sendBatch(_ parameters: [String], to connection: ConnectionID) {
        let line = OutgoingMessage(
            time: now.wall.milliseconds, source: settings.serverName, command: "BATCH", parameters: parameters,
            requires: .batch)
        effects.append(.send(line, to: connection))
    }

    /// Remembers what another node is to hand to a user that it took over. It may be down by the time that this is known.
    mutating func remember(_ events: [Event], handedTo user: UserID, by takeOver: EventID) {
        let mail = HandedMail(takeOver: takeOver, events: events, applied: roster.vector)
        if self.mail[takeOver.life] == nil {
            handed[user] = mail
        } else {
            self.mail[takeOver.life]?.remember(mail, for: user, in: roster.users[user]?.channels ?? [])
        }
    }

    /// Forgets what a node has reported to have handed over.
    mutating func forgetHanded(by node: NodeID) {
        guard !handed.isEmpty, let delivered = mesh.peers[node]?.delivered else { return }
        handed = handed.filter { $0.value.takeOver.node != node || !delivered.covers($0.value.takeOver) }
    }

    // MARK: Returning

    /// The hold of a life is over: tells our users which of their messages reached nobody there.
    mutating func returnMail(of life: Life) {
        guard let kept = mail.removeValue(forKey: life) else { return }
        for recipient in roster.users(of: life) {
            guard let user = roster.users[recipient] else { continue }
            for event in kept.personal(of: recipient) { tellUndelivered(event, to: user) }
        }
        for (box, events) in kept.boxes.sorted(by: { $0.key < $1.key }) {
            guard case .channel(let name) = box else { continue }
            let missing = roster.channels[name]?.members.keys.count { roster.users[$0]?.life == life } ?? 0
            guard missing > 0 else { continue }
            var counts: [UserID: Int] = [:]
            for event in events {
                if case .messageSent(let message) = event.body { counts[message.sender, default: 0] += 1 }
            }
            for (sender, count) in counts.sorted(by: { $0.key < $1.key }) {
                tellUndelivered(count, in: name, members: missing, to: sender)
            }
        }
    }

    private mutating func tellUndelivered(_ event: Event, to user: User) {
        guard case .messageSent(let message) = event.body, let connection = connections[message.sender] else { return }
        // A channel's message that was on its way to this user alone: its sender was not promised an answer for each.
        guard case .user = message.target else { return }
        tell(
            "FAIL", message.kind, "NOT_DELIVERED", [user.nick.text, event.id.description],
            "Your message to \(user.nick.text) was not delivered, as its connection did not return in time:"
                + " \"\(message.text.truncated(toBytes: 60))\"",
            to: connection)
    }

    private mutating func tellUndelivered(_ count: Int, in name: ChannelName, members: Int, to sender: UserID) {
        guard let connection = connections[sender] else { return }
        let messages = count == 1 ? "one of your messages" : "\(count) of your messages"
        let people = members == 1 ? "one member" : "\(members) members"
        tell(
            "NOTE", .message, "NOT_DELIVERED", [name.text, String(count)],
            "\(people) of \(name.text), whose connection did not return in time, did not get \(messages)",
            to: connection)
    }

    private mutating func tellNotKept(_ event: Event, _ message: ChatMessage, _ refusal: KeptMail.Refusal) {
        guard let connection = connections[message.sender] else { return }
        let (target, whom): (String, String)
        switch message.target {
        case .user(let id):
            target = roster.users[id]?.nick.text ?? "*"
            whom = target
        case .channel(let name, _):
            target = name.text
            whom = "the members of \(name.text) whose node is down"
        }
        let why = refusal == .boxFull ? "too many messages are kept already" : "this node can keep no more"
        tell(
            "FAIL", message.kind, "NOT_KEPT", [target, event.id.description],
            "Your message will not reach \(whom): \(why)", to: connection)
    }

    /// A standard reply (https://ircv3.net/specs/extensions/standard-replies) to those who know them, a notice to others.
    mutating func tell(
        _ type: String, _ kind: ChatMessage.Kind, _ code: String, _ context: [String], _ text: String,
        to connection: ConnectionID
    ) {
        if capabilities(of: connection).contains(.standardReplies) {
            send(type, [kind.command, code] + context + [text], to: connection)
        } else {
            notice(text, to: connection)
        }
    }
}

extension Event {
    /// Whether somebody says something in it.
    var isMessage: Bool { if case .messageSent = body { true } else { false } }
}
