// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The session of a pipe: nothing goes to the wrong channel, and the end waits for what was sent.

import Testing

@testable import RoostChat

@Suite struct PipeTests {
    private func inDev() throws -> Conversation {
        var talk = try Conversation(channels: ["#dev"], mode: .pipe)
        try talk.register()
        #expect(!talk.session.acceptsInput)
        try talk.arrange(":alice!u@h JOIN #dev", ":irc PONG irc roost-1")
        #expect(talk.session.acceptsInput)
        return talk
    }

    @Test func theEndWaitsForTheBarrierAndForEveryEcho() throws {
        var talk = try inDev()
        #expect(talk.enter("one", at: "#dev") == ["> PRIVMSG #dev one"])
        #expect(talk.step(.inputEnded) == ["> PING roost-2"])
        #expect(!talk.session.acceptsInput)
        #expect(try talk.receive(":irc PONG irc roost-2") == [])
        #expect(try talk.receive(":alice!u@h PRIVMSG #dev one") == ["#dev: <alice> one", "> QUIT Leaving"])
        #expect(try talk.receive("ERROR :bye") == [])
        #expect(talk.step(.connectionLost("closed")) == ["disconnect", "finish"])
    }

    @Test func theNodeThatDoesNotCloseIsLeftAnyway() throws {
        var talk = try inDev()
        #expect(talk.step(.inputEnded) == ["> PING roost-2"])
        #expect(try talk.receive(":irc PONG irc roost-2") == ["> QUIT Leaving"])
        #expect(try talk.waitForDeadline() == ["disconnect", "finish"])
    }

    @Test func aJoinRefusedIsTheEndBeforeALineGoesElsewhere() throws {
        var talk = try Conversation(channels: ["#dev"], mode: .pipe)
        try talk.register()
        try talk.arrange(":alice!u@h JOIN #lobby", ":irc 474 alice #dev :Cannot join channel (+b)")
        #expect(try talk.receive(":irc PONG irc roost-1") == ["> QUIT Leaving"])
        #expect(!talk.session.acceptsInput)
        #expect(
            talk.step(.connectionLost("closed")) == [
                "disconnect",
                "finish: cannot join #dev: Cannot join channel (+b); choose another channel, "
                    + "or have its operators let you in",
            ])
    }

    @Test func afterAJoinTheNextLineWaitsUntilItIsSettled() throws {
        var talk = try inDev()
        #expect(talk.enter("/join ops", at: "#dev") == ["> JOIN #ops", "> PING roost-2"])
        #expect(!talk.session.acceptsInput)
        #expect(try talk.receive(":alice!u@h JOIN #ops") == ["#ops: -- you are in #ops", "focus #ops"])
        #expect(!talk.session.acceptsInput)
        #expect(try talk.receive(":irc PONG irc roost-2") == [])
        #expect(talk.session.acceptsInput)
    }

    @Test func tooMuchUnconfirmedHoldsTheInput() throws {
        var talk = try inDev()
        for number in 0..<talk.session.limits.unconfirmedMax {
            #expect(talk.session.acceptsInput)
            talk.arrange(.entered("\(number)", at: .named("#dev")))
        }
        #expect(!talk.session.acceptsInput)
        try talk.arrange(":alice!u@h PRIVMSG #dev 0")
        #expect(talk.session.acceptsInput)
    }

    @Test func whatWasRefusedMakesTheEndAFailure() throws {
        var talk = try inDev()
        talk.arrange(.entered("hi", at: .named("#dev")))
        talk.arrange(.entered("/nope", at: .named("#dev")))
        try talk.arrange(":irc 404 alice #dev :Cannot send to channel")
        talk.arrange(.inputEnded)
        try talk.arrange(":irc PONG irc roost-2")
        #expect(
            talk.step(.connectionLost("closed")) == [
                "disconnect",
                "finish: 2 lines may not have been delivered; the output above names each; send it again if need be",
            ])
    }

    @Test func losingTheNodeBeforeTheLastConfirmationIsAFailure() throws {
        var talk = try inDev()
        talk.arrange(.inputEnded)
        #expect(
            talk.step(.connectionLost("reset")) == [
                "disconnect",
                "finish: a:1 was lost before it confirmed the last lines: reset; look in the channel whether they "
                    + "came, and send them again if not",
            ])
    }
}
