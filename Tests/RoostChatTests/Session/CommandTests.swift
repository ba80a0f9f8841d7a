// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What can be entered, as commands, and how talk is cut.

import Testing

@testable import RoostChat

@Suite struct CommandTests {
    @Test(arguments: [
        ("hello /there", Command.say(["hello /there"])),
        ("//shrug", .say(["/shrug"])),
        ("/quit\nand more\n\n", .say(["/quit", "and more"])),
        ("/join #a,b key", .join(channels: "#a,#b", key: "key")),
        ("/J dev", .join(channels: "#dev", key: nil)),
        ("/part", .part(channel: nil, reason: nil)),
        ("/part see you", .part(channel: nil, reason: "see you")),
        ("/part #a see you", .part(channel: "#a", reason: "see you")),
        ("/msg bob  hi  there ", .message(target: "bob", text: "hi  there")),
        ("/query bob", .query(nick: "bob")),
        ("/nick carol", .nick("carol")),
        ("/me waves  twice", .action("waves  twice")),
        ("/topic", .topic(nil)),
        ("/topic new one", .topic("new one")),
        ("/names #x", .names(channel: "#x")),
        ("/whois bob", .whois(nick: "bob")),
        ("/away", .away(nil)),
        ("/win 3", .window(3)),
        ("/close", .close),
        ("/raw MODE #a +m", .raw("MODE #a +m")),
        ("/quit so long", .quit(reason: "so long")),
        ("/help", .help),
        ("/msg bob", .wrong("/msg needs more: /msg NICK TEXT")),
        ("/win x", .wrong("/win needs more: /win N")),
        ("/nope", .wrong("there is no command /nope; see /help, or say a line that begins with a slash with //")),
        ("/", .wrong("there is no command /; see /help, or say a line that begins with a slash with //")),
    ])
    func linesAreUnderstood(text: String, command: Command) {
        #expect(Command(text) == command)
    }

    @Test func everyNamedCommandIsUnderstood() {
        for name in Command.names {
            if case .wrong = Command("/\(name) 1 2") { Issue.record("/\(name) is offered but unknown") }
        }
    }

    @Test func longTalkIsCutAtSpacesAndNeverInsideACharacter() {
        #expect(Session.pieces(of: "one two three", bytesMax: 8) == ["one two", "three"])
        #expect(Session.pieces(of: "abcdefgh ij", bytesMax: 4) == ["abcd", "efgh", "ij"])
        #expect(Session.pieces(of: "語語語", bytesMax: 7) == ["語語", "語"])
        let text = (1...300).map { "wörd\($0)" }.joined(separator: " ")
        let pieces = Session.pieces(of: text, bytesMax: 380)
        #expect(pieces.joined(separator: " ") == text)
        #expect(pieces.allSatisfy { $0.utf8.count <= 380 })
    }

    @Test func commandsForTheWindowsNeedNoConnection() throws {
        var talk = try Conversation()
        talk.arrange(.started)
        #expect(talk.enter("/win 2") == ["window 2"])
        #expect(talk.enter("/query bob") == ["focus bob"])
        #expect(talk.enter("/close", at: "bob") == ["close bob"])
        #expect(talk.enter("/help").count == Command.helpLines.count)
    }

    @Test func aCommandThatLacksAChannelSaysSo() throws {
        var talk = try Conversation()
        try talk.register()
        #expect(talk.enter("hi") == ["status: !! nobody hears you here; /join a channel first"])
        #expect(talk.enter("/part") == ["status: !! this is no channel; name one: /part #CHANNEL"])
        #expect(talk.enter("/topic x", at: "bob") == ["bob: !! this is no channel; go to one first"])
        #expect(talk.enter("/raw :") == ["status: !! this is no line of IRC: :"])
    }

    @Test func serverTimesAreRead() {
        #expect(TimeTag.seconds(from: "1970-01-01T00:00:00Z") == 0)
        #expect(TimeTag.seconds(from: "2026-11-24T13:18:09.123Z") == 1_795_526_289)
        #expect(TimeTag.seconds(from: "2024-02-29T23:59:60.000Z") == 1_709_251_200)
        #expect(TimeTag.seconds(from: "2100-03-01T00:00:00.000Z") == 4_107_542_400)
        for wrong in ["", "2026-11-24", "2026-13-24T13:18:09Z", "2026-11-24T13:18:09+01", "x026-11-24T13:18:09Z"] {
            #expect(TimeTag.seconds(from: wrong) == nil)
        }
    }

    @Test func onlyABoundedNumberOfMessagesIsRemembered() {
        var seen = SeenMessages()
        func areNew(_ ids: String?...) -> [Bool] { ids.map { seen.isNew($0) } }
        for number in 0..<SeenMessages.countMax { #expect(areNew("\(number)") == [true]) }
        // Room for "x" is made by forgetting "0", and for "0" by forgetting "1".
        #expect(areNew("0", "x", "0", "2", "1") == [false, true, true, false, true])
        #expect(areNew(nil, nil, "", "") == [true, true, true, true])
    }
}
