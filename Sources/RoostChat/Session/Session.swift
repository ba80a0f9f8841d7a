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
/// each `.connect`; `.received` and `.connectionLost` come between `.connected` and the next `.disconnect`, `.connect`
/// or `.connectionLost`. After `.finish` it takes no input.
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
    var failures = 0
    var lastFailure = ""
    /// What the node said in its ERROR line.
    var farewell: String?
    var hasBeenRegistered = false

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
    var awaitedBarrier: String?
    var inputHasEnded = false
    var lastHeard = Duration.zero
    var isProbing = false

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
}
