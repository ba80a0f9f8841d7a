// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// From the first line to 001: the nick is claimed across the cluster before anybody is welcomed (DESIGN §6.1, rule 1),
// and before a change of nick is shown.

import RoostIRC
import RoostModel
import RoostRoster

extension Node {
    /// Changes what a registering client has said.
    mutating func updateRegistration(of connection: ConnectionID, _ change: (inout Registration) -> Void) {
        guard case .registering(var registration) = clients[connection]?.stage else { return }
        change(&registration)
        clients[connection]?.stage = .registering(registration)
    }

    /// What a client has said so far, while it is not registered.
    func registration(of connection: ConnectionID) -> Registration? {
        if case .registering(let registration) = clients[connection]?.stage { return registration }
        return nil
    }

    /// Claims the nick once a client has said all that is needed.
    mutating func registerIfReady(_ connection: ConnectionID) {
        guard let client = clients[connection], let registration = registration(of: connection),
            registration.claim == nil, !registration.isNegotiating, let nick = registration.nick,
            let userName = registration.userName
        else { return }
        switch registration.password {
        case .checking:
            return
        case .missing, .refused:
            reply(.passwordMismatch, to: connection)
            closeClient(connection, error: "Bad password")
            return
        case .accepted:
            break
        }
        let identity = "\(userName)@\(client.host)"
        seeOff(nick, for: identity)
        switch standing(of: nick, for: identity, since: takeOversWaiting[connection] ?? now.instant) {
        case .undecided:
            waitForVerdict(connection)
            return
        case .held(let user):
            takeOver(user, by: connection)
            return
        case .taken:
            takeOversWaiting[connection] = nil
            updateRegistration(of: connection) { $0.nick = nil }
            reply(.nicknameInUse(nick.text), to: connection)
            return
        case .free:
            takeOversWaiting[connection] = nil
        }
        let claim = publish(.nickClaimed(NickClaim(user: nil, nick: nick, identity: identity)))
        updateRegistration(of: connection) { $0.claim = claim }
        wait(for: claim, nick: nick, of: connection)
    }

    /// Whether nobody but that user has a claim on a nick.
    func isFree(_ nick: Nick, for user: UserID?) -> Bool {
        let claims = roster.standingClaims(on: nick)
        if let other = roster.user(named: nick), other.id != user { return false }
        return claims.allSatisfy { $0.user == user }
    }

    /// Claims another nick for a registered user.
    mutating func claim(_ nick: Nick, for caller: Caller) {
        guard let user = roster.users[caller.user] else { return }
        for (claim, pending) in pendingClaims where pending.connection == caller.connection {
            if pending.nick.text == nick.text { return }
            pendingClaims[claim] = nil
            publish(.nickReleased(claim: claim))
        }
        let claim = publish(.nickClaimed(NickClaim(user: caller.user, nick: nick, identity: user.identity)))
        wait(for: claim, nick: nick, of: caller.connection)
    }

    private mutating func wait(for claim: EventID, nick: Nick, of connection: ConnectionID) {
        let peers = mesh.peers.filter { $0.value.isFollowed && $0.value.health == .up }.keys.sorted()
        let deadline = now.instant + settings.limits.claimWait
        pendingClaims[claim] = PendingClaim(connection: connection, nick: nick, peers: peers, deadline: deadline)
        nextClaimDeadline = min(nextClaimDeadline ?? deadline, deadline)
        settle(claim)
    }

    /// Decides the claims that have been acknowledged by all, or have waited long enough. To be called when a peer has
    /// acknowledged something or is waited for no longer, when claims of others were merged, and at the deadline. A node
    /// that must first learn what it missed decides for nobody.
    mutating func settleClaims() {
        for claim in pendingClaims.keys.sorted() { settle(claim) }
        nextClaimDeadline = pendingClaims.values.map(\.deadline).min()
    }

    /// Decides the claims on a nick that somebody else has just claimed.
    mutating func settleClaims(on nick: Nick) {
        guard !pendingClaims.isEmpty else { return }
        for claim in roster.standingClaims(on: nick).map(\.id) { settle(claim) }
    }

    private mutating func settle(_ claim: EventID) {
        guard let pending = pendingClaims[claim] else { return }
        guard let client = clients[pending.connection] else {
            pendingClaims[claim] = nil
            return
        }
        let user = client.user ?? claim
        if roster.holder(of: pending.nick) != user {
            lose(claim, pending)
            return
        }
        guard mesh.catchingUpUntil == nil else { return }
        let isAcknowledged = pending.peers.allSatisfy { node in
            guard let peer = mesh.peers[node], peer.isFollowed, peer.health != .down else { return true }
            return peer.confirmed >= claim.sequence
        }
        guard isAcknowledged || now.instant >= pending.deadline else { return }
        pendingClaims[claim] = nil
        if client.user == nil {
            welcome(pending.connection, claim: claim)
        } else {
            publish(.nickChanged(user: user, claim: claim))
        }
    }

    /// Another claim on the nick was better.
    private mutating func lose(_ claim: EventID, _ pending: PendingClaim) {
        pendingClaims[claim] = nil
        publish(.nickReleased(claim: claim))
        updateRegistration(of: pending.connection) {
            $0.claim = nil
            $0.nick = nil
        }
        reply(.nicknameInUse(pending.nick.text), to: pending.connection)
    }

    /// Introduces a client's user to the cluster, and the cluster to the client.
    private mutating func welcome(_ connection: ConnectionID, claim: EventID) {
        guard let client = clients[connection], let registration = registration(of: connection),
            let nick = registration.nick
        else { return }
        let record = UserRecord(
            id: claim, session: Session(number: 1, since: clock.latest, node: settings.node), claim: claim,
            userName: registration.userName ?? "user",
            profile: UserProfile(host: client.host, realName: registration.realName), signedOn: now.wall)
        clients[connection]?.stage = .registered(claim)
        connections[claim] = connection
        effects.append(.registered(connection))
        publish(.userIntroduced(record))
        counters.localUsersPeak = max(counters.localUsersPeak, connections.count)
        sendWelcome(to: connection, nick: nick)
        if let lobby = settings.lobby { enter(lobby, Caller(connection: connection, user: claim)) }
    }

    mutating func sendWelcome(to connection: ConnectionID, nick: Nick) {
        reply(.welcome(network: settings.networkName, nick: nick.text), to: connection)
        reply(.yourHost(server: settings.serverName, version: settings.version), to: connection)
        reply(.created(ServerTime.text(millisecondsSince1970: settings.started.milliseconds)), to: connection)
        reply(.myInfo(server: settings.serverName, version: settings.version), to: connection)
        for line in support { reply(line, to: connection) }
        sendLusers(to: connection)
        sendMotd(to: connection)
    }

    mutating func passwordChecked(for connection: ConnectionID, _ purpose: PasswordPurpose, matches: Bool) {
        switch purpose {
        case .connection:
            updateRegistration(of: connection) {
                if case .checking(let count) = $0.password, count > 1 {
                    $0.password = .checking(count - 1)
                } else {
                    $0.password = matches ? .accepted : .refused
                }
            }
            registerIfReady(connection)
        case .networkOperator(let name):
            guard let user = clients[connection]?.user else { return }
            becomeOperator(Caller(connection: connection, user: user), name: name, matches: matches)
        }
    }
}
