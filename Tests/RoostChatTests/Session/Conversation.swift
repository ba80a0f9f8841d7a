// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The session under test, driven by hand: inputs go in, and every effect comes out as one line of text, so that a test
// compares all of them at once.
//
//     connect a:1          disconnect          > PRIVMSG #c hi (sent)
//     #c: <bob> hi (shown) * connected to … (announced)
//     topic #c: text       focus #c            window 2      rename bob carol     close #c     finish

import RoostIRC
import Testing

@testable import RoostChat

/// A session, its clock, and the effects of the last input.
struct Conversation {
    var session: Session
    private(set) var now = Duration.zero

    init(
        _ addresses: [String] = ["a:1"], nick: String = "alice", channels: [String] = [], mode: ChatMode = .terminal,
        limits: SessionLimits = SessionLimits()
    ) throws {
        let options = try ChatOptions(addresses: addresses, nick: nick, channels: channels, loginName: "al")
        session = Session(options: options, mode: mode, limits: limits)
    }

    mutating func step(_ input: SessionInput) -> [String] {
        session.step(input, at: now).map(Self.text)
    }

    mutating func receive(_ lines: String...) throws -> [String] {
        var effects: [String] = []
        for line in lines { effects += step(.received(try IRCLine(parsing: line))) }
        return effects
    }

    mutating func enter(_ text: String, at place: String = "status") -> [String] {
        step(.entered(text, at: place == "status" ? .status : .named(place)))
    }

    /// Lets time pass up to the session's next deadline.
    mutating func waitForDeadline() throws -> [String] {
        now = try #require(session.nextDeadline)
        return step(.deadlineReached)
    }

    /// Brings the session to where a test begins; the effects on the way are other tests' concern.
    mutating func arrange(_ input: SessionInput) {
        #expect(session.step(input, at: now).count < 100)
    }

    mutating func arrange(_ lines: String...) throws {
        for line in lines { arrange(.received(try IRCLine(parsing: line))) }
    }

    mutating func arrangeDeadline() throws {
        now = try #require(session.nextDeadline)
        arrange(.deadlineReached)
    }

    mutating func wait(_ duration: Duration) {
        now += duration
    }

    /// Connects and registers with all capabilities; whatever that gives is not looked at here.
    mutating func register(as nick: String = "alice", capabilities: String = "echo-message server-time") throws {
        if session.phase == .new { #expect(!step(.started).isEmpty) }
        #expect(!step(.connected).isEmpty)
        #expect(try !receive(":irc CAP * LS :\(capabilities)", ":irc CAP * ACK :\(capabilities)").isEmpty)
        #expect(try !receive(":irc 001 \(nick) :Welcome").isEmpty)
    }

    static func text(_ effect: SessionEffect) -> String {
        switch effect {
        case .connect(let address): "connect \(address)"
        case .disconnect: "disconnect"
        case .send(let line): "> \(String(decoding: line.bytes.dropLast(2), as: UTF8.self))"
        case .show(let entry, let place): "\(place.name): \(entry.line)\(entry.isForMe ? " (!)" : "")"
        case .announce(let entry): "* \(entry.line)"
        case .setTopic(let topic, let place): "topic \(place.name): \(topic)"
        case .focus(let place): "focus \(place.name)"
        case .selectWindow(let number): "window \(number)"
        case .rename(let place, let new): "rename \(place.name) \(new.name)"
        case .close(let place): "close \(place.name)"
        case .finish(let failure): failure.map { "finish: \($0)" } ?? "finish"
        }
    }
}
