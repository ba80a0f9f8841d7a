// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What lines become for the person, and what the person's lines become.

import RoostIRC
import Testing

@testable import RoostChat

@Suite struct TalkTests {
    private func inDev(mode: ChatMode = .terminal, capabilities: String = "echo-message") throws -> Conversation {
        var talk = try Conversation(channels: ["#dev"], mode: mode)
        try talk.register(capabilities: capabilities)
        try talk.arrange(
            ":alice!u@h JOIN #dev", ":irc 353 alice = #dev :@bob +carol alice", ":irc 366 alice #dev :End",
            ":irc PONG irc roost-1")
        return talk
    }

    @Test func talkGoesToItsPlace() throws {
        var talk = try inDev()
        #expect(
            try talk.receive(
                ":bob!u@h PRIVMSG #dev :hello", ":bob!u@h PRIVMSG #dev :Alice: look", ":bob!u@h PRIVMSG #dev :malice",
                ":bob!u@h PRIVMSG @#dev :ops only", ":bob!u@h PRIVMSG alice :psst", ":bob!u@h NOTICE alice :note",
                ":carol!u@h NOTICE alice :auto", ":bob!u@h PRIVMSG #dev :\u{01}ACTION waves\u{01}",
                ":irc NOTICE alice :from the node", ":bob!u@h PRIVMSG alice :\u{01}VERSION\u{01}")
                == [
                    "#dev: <bob> hello", "#dev: <bob> Alice: look (!)", "#dev: <bob> malice", "#dev: <bob> ops only",
                    "bob: <bob> psst (!)", "bob: -bob- note (!)", "status: -carol- auto (!)", "#dev: * bob waves",
                    "status: -irc- from the node", "status: -- bob sends CTCP VERSION",
                ])
    }

    @Test func anEchoIsShownWhenItComesAndOnlyThen() throws {
        var talk = try inDev()
        #expect(talk.enter("hi", at: "#dev") == ["> PRIVMSG #dev hi"])
        #expect(try talk.receive(":alice!u@h PRIVMSG #dev hi") == ["#dev: <alice> hi"])
        #expect(talk.enter("/msg bob psst now", at: "#dev") == ["> PRIVMSG bob :psst now"])
        #expect(try talk.receive(":alice!u@h PRIVMSG bob :psst now") == ["bob: <alice> psst now"])
        #expect(talk.session.unconfirmed == [])
    }

    @Test func withoutEchoWhatWeSayIsShownAtOnce() throws {
        var talk = try inDev(capabilities: "server-time")
        #expect(talk.enter("hi", at: "#dev") == ["> PRIVMSG #dev hi", "#dev: <alice> hi"])
        #expect(
            talk.enter("/me waves", at: "#dev")
                == ["> PRIVMSG #dev :\u{01}ACTION waves\u{01}", "#dev: * alice waves"])
    }

    @Test func anEchoThatDoesNotComeIsMissed() throws {
        var talk = try inDev()
        talk.arrange(.entered("hi", at: .named("#dev")))
        #expect(try talk.waitForDeadline() == ["#dev: !! not confirmed, perhaps not delivered: hi"])
        talk.arrange(.entered("you", at: .named("nobody")))
        #expect(
            try talk.receive(":irc 401 alice nobody :No such nick") == ["nobody: !! nobody: No such nick"])
        #expect(talk.session.unconfirmed == [])
    }

    @Test func comingsAndGoingsAreToldWhereTheyMatter() throws {
        var talk = try inDev()
        #expect(
            try talk.receive(
                ":dave!u@h JOIN #dev", ":erin!u@h JOIN #dev erin :Erin E", ":frank!u@h JOIN #dev * frank",
                ":dave!u@h PART #dev :bye", ":bob!u@h KICK #dev erin", ":bob!u@h NICK rob", ":carol!u@h QUIT :gone",
                ":dave!u@h QUIT", ":rob!u@h MODE #dev +o alice", ":rob!u@h TOPIC #dev :new")
                == [
                    "#dev: -- dave has joined", "#dev: -- erin [erin] (Erin E) has joined",
                    "#dev: -- frank has joined", "#dev: -- dave has left (bye)", "#dev: -- bob has thrown erin out",
                    "#dev: -- bob is now rob", "#dev: -- carol has quit (gone)", "#dev: -- rob sets mode +o alice",
                    "topic #dev: new", "#dev: -- rob sets the topic: new",
                ])
        #expect(talk.session.members(of: .named("#DEV")) == ["alice", "frank", "rob"])
    }

    @Test func aPrivateConversationFollowsItsPartner() throws {
        var talk = try inDev()
        try talk.arrange(":zoe!u@h PRIVMSG alice :hi")
        #expect(
            try talk.receive(
                ":zoe!u@h AWAY :lunch", ":zoe!u@h AWAY", ":bob!u@h AWAY :x", ":zoe!u@h NICK zo", ":zo!u@h QUIT")
                == [
                    "zoe: -- zoe is away: lunch", "zoe: -- zoe is back", "zoe: -- zoe is now zo", "rename zoe zo",
                    "zo: -- zo has quit",
                ])
    }

    @Test func answersGoWhereTheyWereAskedFor() throws {
        var talk = try inDev()
        #expect(talk.enter("/whois bob", at: "#dev") == ["> WHOIS bob"])
        #expect(
            try talk.receive(
                ":irc 311 alice bob ~b host * :Bob B", ":irc 319 alice bob :#dev #ops", ":irc 317 alice bob 7 1 :idle",
                ":irc 318 alice bob :End", ":irc 301 alice bob :lunch", ":irc 372 alice :- motd")
                == [
                    "#dev: -- bob is ~b@host (Bob B)", "#dev: -- bob is in #dev #ops",
                    "#dev: -- bob has been idle for 7 s", "#dev: -- bob is away: lunch", "status: -- - motd",
                ])
        #expect(talk.enter("/topic", at: "#dev") == ["> TOPIC #dev"])
        #expect(
            try talk.receive(":irc 332 alice #dev :the topic", ":irc 333 alice #dev bob!u@h 1")
                == ["topic #dev: the topic", "#dev: -- topic: the topic", "#dev: -- set by bob"])
        #expect(talk.enter("/topic a b", at: "#dev") == ["> TOPIC #dev :a b"])
        #expect(
            try talk.receive(":irc 482 alice #dev :You're not an operator") == ["#dev: !! #dev: You're not an operator"]
        )
        #expect(talk.enter("/raw MODE #dev +m", at: "#dev") == ["> MODE #dev +m"])
    }

    @Test func aLongListOfNamesIsShownInFullOnlyWhenAskedFor() throws {
        var talk = try inDev()
        let names = (1...40).map { "n\($0)" }
        try talk.arrange(":irc 353 alice = #dev :\(names.joined(separator: " "))")
        #expect(
            try talk.receive(":irc 366 alice #dev :End")
                == ["#dev: -- 40 here: \(names.prefix(30).joined(separator: " ")) and 10 more: /names shows all"])
        #expect(talk.enter("/names", at: "#dev") == ["> NAMES #dev"])
        try talk.arrange(":irc 353 alice = #dev :\(names.joined(separator: " "))")
        #expect(try talk.receive(":irc 366 alice #dev :End") == ["#dev: -- 40 here: \(names.joined(separator: " "))"])
    }

    @Test func theLobbyIsLookedAtUnlessAChannelWasAskedFor() throws {
        var talk = try Conversation()
        try talk.register()
        #expect(try talk.receive(":alice!u@h JOIN #lobby") == ["#lobby: -- you are in #lobby", "focus #lobby"])
        #expect(try talk.receive(":alice!u@h JOIN #forced") == ["#forced: -- you are in #forced"])
        var other = try Conversation(channels: ["dev"])
        try other.register()
        #expect(try other.receive(":alice!u@h JOIN #lobby") == ["#lobby: -- you are in #lobby"])
        #expect(try other.receive(":alice!u@h JOIN #dev") == ["#dev: -- you are in #dev", "focus #dev"])
    }

    @Test func linesThatMeanNothingChangeNothing() throws {
        var talk = try inDev()
        #expect(
            try talk.receive(
                "PRIVMSG", "PRIVMSG #dev", "JOIN", "KICK #dev", "NICK", "TOPIC #dev", "CAP", "CAP * LS", "MODE",
                "433x", "TAGMSG #dev", "BATCH +1 netsplit", "353 a", "301 a", "AWAY", "PONG", "ERROR") == [])
        #expect(try talk.receive("PING x") == ["> PONG x"])
    }

    @Test func nothingAStrangerSendsReachesTheScreenRaw() throws {
        var talk = try inDev()
        let evil = "\u{1B}]0;x\u{07}\u{9B}2J"
        for line in [
            ":b\(evil)!u@h PRIVMSG #dev :\(evil)", ":b\(evil)!u@h PRIVMSG alice :x",
            ":b\(evil) JOIN #dev \(evil) :\(evil)",
            ":bob!u@h TOPIC #dev :\(evil)", ":bob!u@h QUIT :\(evil)", ":irc 999 alice :\(evil)", ":i\(evil) 001 al :x",
            ":bob!u@h NICK x\(evil)", ":bob!u@h INVITE alice #\(evil)", ":irc 404 alice #\(evil) :\(evil)",
        ] {
            for text in try talk.receive(line) where !text.hasPrefix("> ") {
                #expect(text == PlainText.oneLine(text), "from \(line.debugDescription)")
            }
        }
    }
}
