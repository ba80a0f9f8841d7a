// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Getting in: capabilities, nicks that are taken, nodes that do not answer.

import Testing

@testable import RoostChat

@Suite struct RegistrationTests {
    @Test func capabilitiesAreAskedForWhereOffered() throws {
        var talk = try Conversation(channels: ["#dev", "#ops"])
        #expect(talk.step(.started) == ["connect a:1"])
        #expect(talk.step(.connected) == ["> CAP LS 302", "> NICK alice", "> USER al 0 * alice"])
        #expect(try talk.receive(":irc CAP * LS * :sasl=PLAIN server-time") == [])
        #expect(
            try talk.receive(":irc CAP * LS :echo-message batch extended-join=x")
                == ["> CAP REQ :echo-message extended-join server-time"])
        #expect(
            try talk.receive(":irc CAP * ACK :echo-message extended-join server-time") == ["> CAP END"])
        #expect(
            try talk.receive(":irc 001 alice :Welcome") == [
                "* -- connected to a:1 as alice", "> JOIN #dev", "> JOIN #ops", "> PING roost-1",
            ])
        #expect(talk.session.capabilities == ["echo-message", "extended-join", "server-time"])
    }

    @Test func aRefusedRequestAndAnEmptyOfferEndNegotiationToo() throws {
        var talk = try Conversation()
        talk.arrange(.started)
        talk.arrange(.connected)
        #expect(try talk.receive(":irc CAP * LS :server-time") == ["> CAP REQ server-time"])
        #expect(try talk.receive(":irc CAP * NAK :server-time") == ["> CAP END"])
        var other = try Conversation()
        other.arrange(.started)
        other.arrange(.connected)
        #expect(try other.receive(":irc CAP * LS :") == ["> CAP END"])
    }

    @Test func aNickInUseIsVariedAndSaidSo() throws {
        var talk = try Conversation()
        talk.arrange(.started)
        talk.arrange(.connected)
        #expect(
            try talk.receive(":irc 433 * alice :Nickname is already in use")
                == ["* -- the nick alice is in use: trying alice_", "> NICK alice_"])
        #expect(
            try talk.receive(":irc 433 * alice_ :Nickname is already in use")
                == ["* -- the nick alice_ is in use: trying alice__", "> NICK alice__"])
        #expect(
            try talk.receive(":irc 001 alice__ :Welcome") == ["* -- connected to a:1 as alice__", "> PING roost-1"])
        #expect(talk.session.summary == ConnectionSummary(nick: "alice__", node: "a:1"))
    }

    @Test func afterTooManyNicksTheClientGivesUp() throws {
        var talk = try Conversation(nick: "longnickname")
        talk.arrange(.started)
        talk.arrange(.connected)
        var tried: [String] = []
        for _ in 0..<Session.nickAttemptsMax {
            tried += try talk.receive(":irc 433 * x :in use").filter { $0.hasPrefix("> ") }
        }
        #expect(
            tried.map { $0.dropFirst("> NICK ".count) } == [
                "longnickname_", "longnickname__", "longnickname___", "longnic1", "longnic2", "longnic3", "longnic4",
                "longnic5", "longnic6", "longnic7", "longnic8", "longnic9",
            ])
        #expect(try talk.receive(":irc 433 * x :in use") == ["> QUIT Leaving"])
        #expect(
            talk.step(.connectionLost("closed"))
                == ["disconnect", "finish: the nick 'longnickname' is in use; choose another with --nick"])
    }

    @Test func aMalformedNickIsAFailure() throws {
        var talk = try Conversation(nick: "1x")
        talk.arrange(.started)
        talk.arrange(.connected)
        #expect(try talk.receive(":irc 432 * 1x :Erroneous nickname") == ["> QUIT Leaving"])
        #expect(
            talk.step(.connectionLost("closed"))
                == ["disconnect", "finish: '1x' cannot be a nick: Erroneous nickname; choose another with --nick"])
    }

    @Test func whileRegisteredARefusedNickIsOnlyTold() throws {
        var talk = try Conversation()
        try talk.register()
        #expect(talk.enter("/nick bob", at: "#dev") == ["> NICK bob"])
        #expect(try talk.receive(":irc 433 alice bob :in use") == ["#dev: !! bob: in use"])
        #expect(talk.enter("/nick carol") == ["> NICK carol"])
        #expect(try talk.receive(":alice!u@h NICK carol") == ["* -- you are now carol"])
        #expect(talk.session.nick == "carol")
    }

    @Test func aNodeThatDoesNotAnswerIsLeftForTheNext() throws {
        var talk = try Conversation(["a:1", "b:2"])
        #expect(talk.step(.started) == ["connect a:1"])
        #expect(
            try talk.waitForDeadline()
                == [
                    "disconnect", "* !! cannot connect to a:1: no answer within 4 s", "* -- moving on to b:2",
                    "connect b:2",
                ])
        talk.arrange(.connected)
        #expect(
            try talk.waitForDeadline() == [
                "disconnect", "* !! cannot connect to b:2: it did not take us within 10 s", "disconnect",
                "* -- trying a:1 again in 0.5 s",
            ])
        #expect(try talk.waitForDeadline() == ["connect a:1"])
    }

    @Test func thePauseDoublesUpToItsLimitAndATerminalNeverGivesUp() throws {
        var talk = try Conversation()
        talk.arrange(.started)
        var pauses: [Duration] = []
        for _ in 0..<8 {
            talk.arrange(.connectionFailed("refused"))
            let before = talk.now
            #expect(try talk.waitForDeadline() == ["connect a:1"])
            pauses.append(talk.now - before)
        }
        #expect(
            pauses == [
                .milliseconds(500), .seconds(1), .seconds(2), .seconds(4), .seconds(8), .seconds(15), .seconds(15),
                .seconds(15),
            ])
    }

    @Test func aPipeGivesUpAfterItsRounds() throws {
        var talk = try Conversation(["a:1", "b:2"], mode: .pipe)
        talk.arrange(.started)
        var attempts = 1
        while talk.session.phase != .finished, attempts < 100 {
            let effects = talk.step(.connectionFailed("refused"))
            if case .pausing = talk.session.phase { try talk.arrangeDeadline() }
            attempts += 1
            guard talk.session.phase == .finished else { continue }
            #expect(
                effects == [
                    "* !! cannot connect to b:2: refused", "disconnect",
                    "finish: no node answers at a:1, b:2 (b:2: refused); check the addresses, and with "
                        + "'roost cluster status' that a node runs there",
                ])
        }
        #expect(attempts == 9)
    }
}
