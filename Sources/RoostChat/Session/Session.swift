// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The client's side of the conversation with a node, as a machine: which address is tried when, registration, the
// channels we are in, what we said and has not been confirmed, and the end. It has no socket and no clock.
// What lines mean is in `Session+Lines`, what the person enters in `Session+Commands`.

import RoostIRC

/// The session of one person, over as many connections as it takes.
///
/// Give it `.started`, then whatever happens; perform the effects in order. `.connected` or `.connectionFailed` answers
/// each `.connect`; `.received` and `.connectionLost` come between `.connected` and the next `.disconnect`, `.connect` or
/// `.connectionLost`. After `.finish` it takes no input.
struct Session: Sendable {
    enum Phase: Equatable, Sendable {
        case new
        case connecting(until: Duration)
        case registering(until: Duration)
        case registered(since: Duration)
        /// All addresses failed; the next round begins then.
        case pausing(until: Duration)
        /// QUIT is sent; the node closes the connection.
        case leaving(until: Duration, ChatFailure?)
        case finished
    }

    /// A channel that we are in, or shall be in again once reconnected.
    struct Membership: Equatable, Sendable {
        var name: String
        var key: String?
        /// The people in it by folded nick, as far as they have been told; empty while not connected.
        var members: [String: String] = [:]
        /// Names of a list that is still coming.
        var incomingNames: [String] = []
    }

    /// Something said whose echo has not come.
    struct Unconfirmed: Equatable, Sendable {
        var target: String
        var text: String
        var until: Duration
    }

    let options: ChatOptions
    let mode: ChatMode
    let limits: SessionLimits

    var phase = Phase.new
    /// The nick we have, or ask for.
    var nick: String
    /// The nick that was asked for first; others are derived from it when it is in use.
    var wantedNick: String
    var nickAttempts = 0
    var addressIndex = 0
    /// Attempts in a row that did not come to a lasting connection.
    private var failures = 0
    private var lastFailure = ""
    /// What the node said in its ERROR line.
    var farewell: String?
    private var hasBeenRegistered = false

    var offeredCapabilities: Set<String> = []
    var capabilities: Set<String> = []

    /// In the order joined.
    var channels: [Membership] = []
    /// The channels asked for that have not been joined yet.
    var awaitedJoins: [Membership] = []
    /// Why the last of them was refused.
    var joinRefusal: String?
    /// The channel to look at once it is joined.
    var channelToFocus: String?
    /// Whether a channel has been looked at of itself; from then on the person chooses.
    var hasFocused = false
    /// Nicks with whom there is a private conversation, folded.
    var correspondents: Set<String> = []
    /// Where the person was when they last asked for something; answers go there.
    var askingPlace = Place.status

    /// Channels whose names the person asked for, folded.
    var askedNames: Set<String> = []

    var unconfirmed: [Unconfirmed] = []
    /// Lines of a pipe that were refused, or of which nobody knows whether they arrived.
    var undelivered = 0
    var seenMessages = SeenMessages()

    private var barrierCount = 0
    /// The PING after whose PONG everything sent before it has been dealt with.
    private var awaitedBarrier: String?
    private var inputHasEnded = false
    private var lastHeard = Duration.zero
    private var isProbing = false

    var effects: [SessionEffect] = []
    var now = Duration.zero

    init(options: ChatOptions, mode: ChatMode, limits: SessionLimits = SessionLimits()) {
        self.options = options
        self.mode = mode
        self.limits = limits
        nick = options.nick
        wantedNick = options.nick
        awaitedJoins = options.channels.map { Membership(name: $0) }
        channelToFocus = options.channels.first
    }

    /// Takes one input and gives what is to be done. `now` is the time since the client started; it never goes back.
    mutating func step(_ input: SessionInput, at now: Duration) -> [SessionEffect] {
        self.now = now
        effects = []
        guard phase != .finished else { return [] }
        switch input {
        case .started: connect()
        case .connected: beginRegistration()
        case .connectionFailed(let reason): connectionEnded(reason, wasConnected: false)
        case .connectionLost(let reason): connectionEnded(farewell ?? reason, wasConnected: true)
        case .received(let line):
            lastHeard = now
            isProbing = false
            receive(line)
        case .entered(let text, let place): enter(text, at: place)
        case .inputEnded:
            inputHasEnded = true
            setBarrier()
        case .leaveAsked: leave(reason: nil)
        case .deadlineReached: break
        }
        passDeadlines()
        return effects
    }

    // MARK: Queries

    /// When `.deadlineReached` is due.
    var nextDeadline: Duration? {
        switch phase {
        case .new, .finished: nil
        case .connecting(let until), .registering(let until), .pausing(let until), .leaving(let until, _): until
        case .registered: min(quietDeadline, unconfirmed.first?.until ?? quietDeadline)
        }
    }

    /// Whether lines of a pipe can be taken: registered, in the channels asked for, not too much unconfirmed.
    var acceptsInput: Bool {
        guard case .registered = phase else { return false }
        return awaitedBarrier == nil && !inputHasEnded && unconfirmed.count < limits.unconfirmedMax
    }

    var isRegistered: Bool {
        if case .registered = phase { return true }
        return false
    }

    var address: ChatAddress { options.addresses[addressIndex % options.addresses.count] }

    var summary: ConnectionSummary {
        let node =
            switch phase {
            case .registered, .leaving: "\(address)"
            case .pausing: "(not connected)"
            default: "(trying \(address))"
            }
        return ConnectionSummary(nick: nick, node: node)
    }

    func isMe(_ other: String) -> Bool { other.folded == nick.folded }

    /// The people in a channel, for completion.
    func members(of place: Place) -> [String] {
        guard let name = place.target, let index = channelIndex(name) else { return [] }
        return channels[index].members.values.sorted()
    }

    func channelIndex(_ name: String) -> Int? {
        channels.firstIndex { $0.name.folded == name.folded }
    }

    // MARK: For all parts of the session

    mutating func send(_ command: String, _ parameters: String...) {
        effects.append(.send(IRCLine(command: command, parameters: parameters)))
    }

    mutating func show(_ kind: Entry.Kind, _ text: String, in place: Place, time: Int64? = nil) {
        effects.append(.show(Entry(kind: kind, text: PlainText.oneLine(text), time: time), in: place))
    }

    mutating func announce(_ kind: Entry.Kind, _ text: String) {
        effects.append(.announce(Entry(kind: kind, text: PlainText.oneLine(text))))
    }

    /// Sends a PING; when its answer comes, so have the answers to all that was sent before.
    mutating func setBarrier() {
        barrierCount += 1
        let token = "roost-\(barrierCount)"
        awaitedBarrier = token
        send("PING", token)
    }

    mutating func answered(_ token: String) {
        guard token == awaitedBarrier else { return }
        awaitedBarrier = nil
        guard mode == .pipe, let missing = awaitedJoins.first else { return }
        // What was meant for one channel must not end up in another.
        leave(
            reason: nil,
            failure: ChatFailure(
                .refused, "cannot join \(missing.name): \(joinRefusal ?? "the node did not say why")",
                hint: "choose another channel, or have its operators let you in"))
    }

    mutating func leave(reason: String?, failure: ChatFailure? = nil) {
        switch phase {
        case .registering, .registered:
            send("QUIT", reason ?? "Leaving")
            phase = .leaving(until: now + limits.leaving, failure)
        case .leaving, .finished: break
        case .new, .connecting, .pausing:
            finish(failure ?? undeliveredFailure)
        }
    }

    mutating func finish(_ failure: ChatFailure?) {
        phase = .finished
        effects.append(.disconnect)
        effects.append(.finish(failure))
    }

    mutating func registered(as name: String) {
        nick = name
        if nick.folded == options.nick.folded { wantedNick = options.nick }
        nickAttempts = 0
        phase = .registered(since: now)
        announce(.news, hasBeenRegistered ? "now on \(address) as \(nick)" : "connected to \(address) as \(nick)")
        hasBeenRegistered = true
        for channel in awaitedJoins {
            if let key = channel.key {
                send("JOIN", channel.name, key)
            } else {
                send("JOIN", channel.name)
            }
        }
        joinRefusal = nil
        setBarrier()
    }

    // MARK: Connections

    private mutating func connect() {
        phase = .connecting(until: now + limits.connecting)
        effects.append(.connect(address))
    }

    private mutating func beginRegistration() {
        phase = .registering(until: now + limits.registering)
        lastHeard = now
        isProbing = false
        farewell = nil
        offeredCapabilities = []
        capabilities = []
        nickAttempts = 0
        register()
    }

    private mutating func connectionEnded(_ reason: String, wasConnected: Bool) {
        if case .leaving(_, let failure) = phase {
            finish(failure ?? undeliveredFailure)
            return
        }
        var held = false
        if case .registered(let since) = phase { held = now - since >= limits.settling }
        giveUpUnconfirmed()
        if inputHasEnded, hasBeenRegistered {
            finish(undeliveredFailure ?? Self.lostAtEnd(address, reason))
            return
        }
        // Those that we were in are to be joined again; those not joined yet still are.
        let rejoining = channels.map { Membership(name: $0.name, key: $0.key) }
        awaitedJoins = rejoining + awaitedJoins.filter { channelIndex($0.name) == nil }
        channels = []
        awaitedBarrier = nil

        let old = address
        failures = held ? 0 : failures + 1
        lastFailure = "\(old): \(reason)"
        addressIndex = (addressIndex + 1) % options.addresses.count
        announce(.problem, wasConnected ? "\(old) is gone: \(reason)" : "cannot connect to \(old): \(reason)")
        guard failures > 0, failures % options.addresses.count == 0 else {
            announce(.news, "moving on to \(address)")
            connect()
            return
        }
        let rounds = failures / options.addresses.count
        if mode == .pipe, rounds >= limits.roundsMax {
            finish(Self.unreachable(options.addresses, lastFailure))
            return
        }
        let pause = min(limits.pause * (1 << min(rounds - 1, 10)), limits.pauseMax)
        phase = .pausing(until: now + pause)
        effects.append(.disconnect)
        if mode == .terminal { announce(.news, "trying \(address) again in \(Self.text(pause))") }
    }

    private mutating func giveUpUnconfirmed() {
        for said in unconfirmed {
            show(.problem, "perhaps not delivered to \(said.target): \(said.text)", in: .named(said.target))
        }
        undelivered += unconfirmed.count
        unconfirmed = []
    }

    // MARK: Time

    private var quietDeadline: Duration {
        lastHeard + limits.quiet + (isProbing ? limits.answering : .zero)
    }

    /// Deals with every deadline that has passed, however late we come.
    private mutating func passDeadlines() {
        switch phase {
        case .connecting(let until) where now >= until:
            effects.append(.disconnect)
            connectionEnded("no answer within \(Self.text(limits.connecting))", wasConnected: false)
        case .registering(let until) where now >= until:
            effects.append(.disconnect)
            connectionEnded("it did not take us within \(Self.text(limits.registering))", wasConnected: false)
        case .pausing(let until) where now >= until:
            connect()
        case .leaving(let until, let failure) where now >= until:
            finish(failure ?? undeliveredFailure)
        case .registered:
            passRegisteredDeadlines()
        default: break
        }
    }

    private mutating func passRegisteredDeadlines() {
        while let said = unconfirmed.first, now >= said.until {
            unconfirmed.removeFirst()
            undelivered += 1
            show(.problem, "not confirmed, perhaps not delivered: \(said.text)", in: .named(said.target))
        }
        if now >= quietDeadline {
            if isProbing {
                effects.append(.disconnect)
                connectionEnded(
                    "it has not answered for \(Self.text(limits.quiet + limits.answering))", wasConnected: true)
                return
            }
            isProbing = true
            send("PING", "still-there")
        }
        if inputHasEnded, awaitedBarrier == nil, unconfirmed.isEmpty {
            leave(reason: nil, failure: undeliveredFailure)
        }
    }

    // MARK: Texts

    private var undeliveredFailure: ChatFailure? {
        guard mode == .pipe, undelivered > 0 else { return nil }
        let lines = undelivered == 1 ? "1 line" : "\(undelivered) lines"
        return ChatFailure(
            .undelivered, "\(lines) may not have been delivered",
            hint: "the output above names each; send it again if need be")
    }

    private static func lostAtEnd(_ address: ChatAddress, _ reason: String) -> ChatFailure {
        ChatFailure(
            .undelivered, "\(address) was lost before it confirmed the last lines: \(PlainText.oneLine(reason))",
            hint: "look in the channel whether they came, and send them again if not")
    }

    private static func unreachable(_ addresses: [ChatAddress], _ lastFailure: String) -> ChatFailure {
        ChatFailure(
            .unreachable,
            "no node answers at \(addresses.map(\.description).joined(separator: ", ")) (\(PlainText.oneLine(lastFailure)))",
            hint: "check the addresses, and with 'roost cluster status' that a node runs there")
    }

    private static func text(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let tenths = attoseconds / 100_000_000_000_000_000
        return tenths == 0 ? "\(seconds) s" : "\(seconds).\(tenths) s"
    }
}
