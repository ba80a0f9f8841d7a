// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// A node dies: the client moves on, is in its channels again, and says what may be lost.

import Testing

@testable import RoostChat

@Suite struct FailoverTests {
    @Test func theClientMovesOnAndJoinsItsChannelsAgain() throws {
        var talk = try Conversation(["a:1", "b:2"], channels: ["#dev"])
        try talk.register()
        try talk.arrange(":alice!u@h JOIN #lobby", ":alice!u@h JOIN #dev", ":irc PONG irc roost-1")
        #expect(talk.enter("/join ops secret", at: "#dev") == ["> JOIN #ops secret"])
        #expect(
            try talk.receive(":alice!u@h JOIN #ops", ":irc 353 alice = #ops :alice bob")
                == ["#ops: -- you are in #ops", "focus #ops"])
        talk.wait(.seconds(60))
        #expect(
            talk.step(.connectionLost("reset"))
                == ["* !! a:1 is gone: reset", "* -- moving on to b:2", "connect b:2"])
        #expect(talk.session.summary.node == "(trying b:2)")
        #expect(talk.step(.connected) == ["> CAP LS 302", "> NICK alice", "> USER al 0 * alice"])
        #expect(
            try talk.receive(":irc 001 alice :Welcome")
                == ["* -- now on b:2 as alice", "> JOIN #lobby", "> JOIN #dev", "> JOIN #ops secret", "> PING roost-2"])
        // Being in them again moves nobody's eyes.
        #expect(
            try talk.receive(":alice!u@h JOIN #lobby", ":alice!u@h JOIN #ops")
                == ["#lobby: -- you are in #lobby", "#ops: -- you are in #ops"])
        // The people of before are forgotten until the node names them.
        #expect(try talk.receive(":bob!u@h QUIT :bye") == [])
    }

    @Test func channelsThatWereLeftAreNotJoinedAgain() throws {
        var talk = try Conversation(channels: ["#dev", "#ops"])
        try talk.register()
        try talk.arrange(":alice!u@h JOIN #dev", ":alice!u@h JOIN #ops")
        #expect(talk.enter("/part", at: "#dev") == ["> PART #dev"])
        #expect(
            try talk.receive(":alice!u@h PART #dev", ":bob!u@h KICK #ops alice :out")
                == [
                    "status: -- you have left #dev", "close #dev", "#ops: !! bob has thrown you out (out)",
                ])
        talk.wait(.seconds(60))
        talk.arrange(.connectionLost("reset"))
        talk.arrange(.connected)
        #expect(try talk.receive(":irc 001 alice :Welcome") == ["* -- now on a:1 as alice", "> PING roost-2"])
    }

    @Test func theNickThatOthersKnowIsAskedForAgain() throws {
        var talk = try Conversation(["a:1", "b:2"])
        try talk.register()
        try talk.arrange(":alice!u@h NICK carol")
        talk.wait(.seconds(60))
        talk.arrange(.connectionLost("reset"))
        #expect(talk.step(.connected) == ["> CAP LS 302", "> NICK carol", "> USER al 0 * alice"])
        #expect(
            try talk.receive(":irc 433 * carol :in use")
                == ["* -- the nick carol is in use: trying carol_", "> NICK carol_"])
    }

    @Test func whatTheNodeSaidLastIsTheReason() throws {
        var talk = try Conversation(["a:1", "b:2"])
        try talk.register()
        talk.wait(.seconds(60))
        #expect(try talk.receive("ERROR :Closing link: (shutting down)") == [])
        #expect(
            talk.step(.connectionLost("it closed the connection"))
                == ["* !! a:1 is gone: Closing link: (shutting down)", "* -- moving on to b:2", "connect b:2"])
    }

    @Test func aNodeThatThrowsUsOutAtOnceIsNotHammered() throws {
        var talk = try Conversation()
        try talk.register()
        talk.wait(.seconds(1))
        #expect(
            talk.step(.connectionLost("reset"))
                == ["* !! a:1 is gone: reset", "disconnect", "* -- trying a:1 again in 0.5 s"])
    }

    @Test func aSilentNodeIsAskedAndThenLeft() throws {
        var talk = try Conversation(["a:1", "b:2"])
        try talk.register()
        #expect(try talk.waitForDeadline() == ["> PING still-there"])
        #expect(try talk.receive(":irc PONG irc still-there") == [])
        #expect(try talk.waitForDeadline() == ["> PING still-there"])
        #expect(
            try talk.waitForDeadline() == [
                "disconnect", "* !! a:1 is gone: it has not answered for 30 s", "* -- moving on to b:2", "connect b:2",
            ])
    }

    @Test func whatWasNotConfirmedIsNamed() throws {
        var talk = try Conversation(["a:1", "b:2"], channels: ["#dev"])
        try talk.register()
        try talk.arrange(":alice!u@h JOIN #dev")
        #expect(talk.enter("one", at: "#dev") == ["> PRIVMSG #dev one"])
        #expect(talk.enter("two", at: "#dev") == ["> PRIVMSG #dev two"])
        #expect(try talk.receive(":alice!u@h PRIVMSG #dev one") == ["#dev: <alice> one"])
        talk.wait(.seconds(6))
        #expect(
            talk.step(.connectionLost("reset")) == [
                "#dev: !! perhaps not delivered to #dev: two", "* !! a:1 is gone: reset", "* -- moving on to b:2",
                "connect b:2",
            ])
    }

    @Test func aMessageThatComesTwiceIsShownOnce() throws {
        var talk = try Conversation(["a:1", "b:2"])
        try talk.register()
        let line = "@msgid=n1-7-42 :bob!u@h PRIVMSG #dev :hi"
        #expect(try talk.receive(line) == ["#dev: <bob> hi"])
        talk.arrange(.connectionLost("reset"))
        try talk.arrangeDeadline()
        #expect(try talk.receive(line) == [])
    }

    @Test func withoutAConnectionNothingIsSentSilently() throws {
        var talk = try Conversation()
        talk.arrange(.started)
        #expect(talk.enter("hello", at: "#dev") == ["#dev: !! not connected, so this was not sent: hello"])
        #expect(talk.enter("/quit") == ["disconnect", "finish"])
        #expect(talk.step(.connectionFailed("late")) == [])
    }
}
