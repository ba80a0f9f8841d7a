// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// A user whose node is down connects to another and goes on as the same user: same nick, channels and status, and what
// was said to it meanwhile (DESIGN §8). Nobody else sees anything of it.

import RoostIRC
import RoostModel
import RoostRoster

/// What stands in the way of a newcomer's nick.
enum NickStanding: Hashable, Sendable {
    /// Nothing.
    case free
    /// A user who is held, and who may be the newcomer.
    case held(UserID)
    /// The same, but it is not known yet whether its node is down.
    case undecided
    /// Somebody else.
    case taken
}

extension Node {
    /// How long a node must have been heard after a newcomer came until it is believed to be there. It is said to be
    /// there by what it sent before it died, too.
    private static let proofOfLife = Duration.milliseconds(300)
    /// How long a newcomer waits at most for the verdict about a node.
    private static let verdictMax = Duration.seconds(5)

    /// What stands in the way of a nick for somebody of that identity who asked for it then.
    func standing(of nick: Nick, for identity: String, since: Instant) -> NickStanding {
        if isFree(nick, for: nil) { return .free }
        guard let user = roster.user(named: nick), user.life != life, mayTakeOver(user, identity),
            roster.claimedNick(of: user.id) == nick
        else { return .taken }
        if isDown(user.life) { return .held(user.id) }
        guard let peer = mesh.peers[user.node], now.instant - since < Self.verdictMax else { return .taken }
        let isThere = peer.health == .up && (peer.lastHeard.map { $0 > since + Self.proofOfLife } ?? false)
        return isThere ? .taken : .undecided
    }

    /// Whether somebody of that identity may be a user.
    func mayTakeOver(_ user: User, _ identity: String) -> Bool {
        switch settings.takeOver {
        case .off: false
        case .account: user.profile.account == identity
        case .host: user.identity == identity
        }
    }

    /// Has a newcomer wait for the verdict about the node of the user whose nick it wants.
    mutating func waitForVerdict(_ connection: ConnectionID) {
        if takeOversWaiting[connection] == nil { takeOversWaiting[connection] = now.instant }
    }

    /// Goes on with the newcomers who wait for a verdict. To be called now and then, when a node is down, and when this
    /// node has caught up with the others.
    mutating func decideTakeOvers() {
        guard mesh.catchingUpUntil == nil else { return }
        for connection in takeOversWaiting.keys.sorted() { registerIfReady(connection) }
    }

    /// Has a newcomer go on as a user who was held.
    mutating func takeOver(_ id: UserID, by connection: ConnectionID) {
        guard let client = clients[connection], let registration = registration(of: connection),
            let user = roster.users[id]
        else { return }
        let former = user.life
        takeOversWaiting[connection] = nil
        var profile = user.profile
        profile.host = client.host
        profile.realName = registration.realName
        profile.away = nil
        // Who may use the powers of a network operator is asked for a password again.
        profile.modes.remove(.networkOperator)
        let last = roster.sequence(of: former)
        guard
            let takeOver = takeOver(
                of: user, following: user.record.session, as: profile,
                after: last == 0 ? nil : EventID(node: former.node, epoch: former.epoch, sequence: last))
        else { return }
        takingOver = connection
        counters.takeOvers += 1
        effects.append(.note(.takenOver(nick: takeOver.nick.text, from: former.node)))
        publish(.userTakenOver(takeOver))
        takingOver = nil
    }

    /// What is said of a user who goes on here, in all its places.
    private func takeOver(
        of user: User, following session: Session, as profile: UserProfile, after: EventID?
    ) -> TakeOver? {
        guard let claim = roster.claimInUse(of: user.id) else { return nil }
        let memberships = user.channels.sorted().compactMap { name -> TakeOver.Membership? in
            guard let channel = roster.channels[name] else { return nil }
            return TakeOver.Membership(
                channel: channel.name, birth: channel.state.birth, status: channel.status(of: user.id))
        }
        return TakeOver(
            user: user.id,
            session: Session(number: session.number &+ 1, since: clock.latest, node: settings.node),
            nick: claim.nick, identity: claim.identity, claimedAt: claim.time, userName: user.record.userName,
            profile: profile, signedOn: user.record.signedOn, memberships: memberships, after: after)
    }

    /// Holds on to a user of ours whom a take-over is about to take from us that was made without knowing of our session:
    /// whoever is behind it was here later, or was there, on a node that may be no more. Each connection insists once, so
    /// that of two that are both there the one stays that would have had the user anyway. A node that stood still does not
    /// know whether its client is there.
    mutating func insist(against takeOver: TakeOver, by event: Event) {
        guard mesh.catchingUpUntil == nil, event.id.life != life, let user = roster.users[takeOver.user],
            user.life == life, user.record.session < takeOver.session, let connection = connections[user.id],
            farewells[connection] == nil, clients[connection]?.hasInsisted == false
        else { return }
        let start = user.introduced
        if let after = takeOver.after, after.life == start.life, after.sequence >= start.sequence { return }
        guard let answer = self.takeOver(of: user, following: takeOver.session, as: user.profile, after: nil) else {
            return
        }
        clients[connection]?.hasInsisted = true
        publish(.userTakenOver(answer))
    }

    /// Takes out what is kept for the user whom an event takes over, while it is still known as held.
    mutating func mailTaken(by event: Event) -> [Event] {
        guard case .userTakenOver(let takeOver) = event.body, let user = roster.users[takeOver.user],
            user.record.session < takeOver.session
        else { return [] }
        let isOurs = user.life == life
        if isOurs { openMail(of: life, delivered: mesh.delivered) }
        let taken = takeMail(for: user, of: user.life, in: takeOver.memberships)
        // What we did not report delivered is for a user of ours, too, but our others are not held.
        if isOurs { mail[life] = nil }
        noteSeen(by: user)
        return taken
    }

    /// A take-over took effect: the user is shown where it is, or what it is to be handed is remembered.
    mutating func finish(_ takeOver: TakeOver, by event: Event, mail: [Event]) {
        guard let connection = takingOver else {
            remember(mail, handedTo: takeOver.user, by: event.id)
            return
        }
        clients[connection]?.stage = .registered(takeOver.user)
        connections[takeOver.user] = connection
        counters.localUsersPeak = max(counters.localUsersPeak, connections.count)
        effects.append(.registered(connection))
        let caller = Caller(connection: connection, user: takeOver.user)
        sendWelcome(to: connection, nick: roster.users[takeOver.user]?.nick ?? takeOver.nick)
        showModes(to: caller)
        for name in (roster.users[takeOver.user]?.channels ?? []).sorted() { showReturn(to: name, caller) }
        hand(mail, to: connection, of: takeOver.user)
    }

    /// Shows a client the modes that its user has kept, as if it had set them.
    private mutating func showModes(to caller: Caller) {
        guard let user = roster.users[caller.user], !user.profile.modes.isEmpty else { return }
        let modes = Self.difference(from: [], to: user.profile.modes)
        effects.append(
            .send(
                message("MODE", [user.nick.text, modes], from: user.prefix, at: clock.latest), to: caller.connection))
    }

    /// Shows a client the channel that its user is in, as if it had joined.
    private mutating func showReturn(to name: ChannelName, _ caller: Caller) {
        guard let user = roster.users[caller.user], let channel = roster.channels[name] else { return }
        audiences[name, default: Audience()].remove(caller.connection)
        audiences[name, default: Audience()].insert(caller.connection)
        effects.append(
            .send(
                OutgoingMessage(
                    time: now.wall.milliseconds, source: user.prefix, command: "JOIN",
                    parameters: [channel.name.text],
                    extended: [user.profile.account ?? "*", user.profile.realName]),
                to: caller.connection))
        showChannel(name, to: caller)
    }

    /// A user of ours goes on at another node, or as another connection.
    mutating func leaveToOther(_ id: UserID) {
        guard let connection = connections[id], roster.users[id]?.life != life else { return }
        for name in audiences.keys where audiences[name]?.contains(connection) == true {
            audiences[name]?.remove(connection)
            if audiences[name]?.isEmpty == true { audiences[name] = nil }
        }
        closeClient(connection, error: "You are connected to another node now")
    }
}
