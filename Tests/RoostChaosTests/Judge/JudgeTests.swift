// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The judge must be able to fail: each fault that a cluster could commit is put into logs, one at a time.

import RoostIRC
import Testing

@testable import RoostChaos

/// Logs of three clients on three nodes, who are all in #all and #room0; written as it would have happened.
struct Story {
    var logs = (0..<3).map { ClientLog(client: $0) }
    var mended: Duration?

    /// Everybody is there, and node2 is killed at one second.
    init() {
        for client in 0..<3 { logs[client].add(.welcomed(node: client), at: .zero) }
    }

    /// Client `sender` says its message of that number, and the others get it 5 ms later.
    mutating func say(
        _ number: Int, from sender: Int, to target: String = "#all", at time: Int, heardBy listeners: [Int],
        isAccepted: Bool = true
    ) {
        let key = MessageKey(sender: sender, number: number)
        logs[sender].add(.sent(key, target: target), at: .milliseconds(time))
        if isAccepted { logs[sender].add(.echoed(key, msgid: id(key)), at: .milliseconds(time + 2)) }
        for listener in listeners { hear(number, of: sender, by: listener, at: time + 5) }
    }

    mutating func hear(_ number: Int, of sender: Int, by listener: Int, at time: Int, msgid: String? = nil) {
        let key = MessageKey(sender: sender, number: number)
        logs[listener].add(.received(key, target: "#all", msgid: msgid ?? id(key)), at: .milliseconds(time))
    }

    /// A client's connection breaks, and it goes on at another node.
    mutating func move(_ client: Int, to node: Int, brokenAt: Int, connectedAt: Int) {
        logs[client].add(.disconnected, at: .milliseconds(brokenAt))
        logs[client].add(.connected(node: node), at: .milliseconds(connectedAt))
        logs[client].add(.welcomed(node: node), at: .milliseconds(connectedAt + 10))
    }

    var record: RunRecord {
        var record = RunRecord(
            layout: CrowdLayout(clients: 3, nodes: 3), logs: logs, loadBegan: .zero, loadEnded: .seconds(5))
        record.faultsBegan = .seconds(1)
        record.mended = mended
        return record
    }

    var figures: Figures { Judge.figures(of: record) }

    private func id(_ key: MessageKey) -> String { "node\(key.sender)/e/\(key.number)" }
}

struct JudgeTests {
    /// What the faults are put into: each client says two things that all hear.
    private var peace: Story {
        var story = Story()
        for number in 1...2 {
            for sender in 0..<3 {
                let others = (0..<3).filter { $0 != sender }
                story.say(number, from: sender, at: 1_000 * number + 10 * sender, heardBy: others)
            }
        }
        return story
    }

    @Test func aRunWithoutFaultsHasNone() {
        let figures = peace.figures
        #expect(figures.sent == 6 && figures.accepted == 6 && figures.delivered == 12)
        #expect(figures.lost == 0 && figures.outOfOrder == 0 && figures.twiceOthers + figures.twiceOwn == 0)
        #expect(figures.quits + figures.joins + figures.renames + figures.returned == 0)
        #expect(figures.quantile(0.99) == .milliseconds(5))
    }

    @Test func aMessageThatOneRecipientNeverGotIsLost() {
        var story = peace
        story.say(3, from: 0, at: 3_000, heardBy: [1])
        #expect(story.figures.lost == 1)
    }

    @Test func aMessageThatWasNotAcceptedIsNotLost() {
        var story = peace
        story.say(3, from: 0, at: 3_000, heardBy: [1], isAccepted: false)
        #expect(story.figures.lost == 0)
        #expect(story.figures.sent - story.figures.accepted == 1)
    }

    @Test func aPrivateMessageIsForOneAlone() {
        var story = peace
        story.say(3, from: 0, to: "c02", at: 3_000, heardBy: [])
        #expect(story.figures.lost == 1)
        story.hear(3, of: 0, by: 2, at: 3_005)
        #expect(story.figures.lost == 0)
    }

    @Test func aMessageThatWasReturnedIsNotLost() {
        var story = peace
        story.say(3, from: 0, at: 3_000, heardBy: [1])
        story.logs[0].add(.returned(.message(msgid: "node0/e/3")), at: .seconds(4))
        #expect(story.figures.lost == 0 && story.figures.returned == 1)
    }

    @Test func aSummaryReturnsAsManyAsItSays() {
        var story = peace
        for number in 3...5 { story.say(number, from: 0, at: 1_000 * number, heardBy: [2]) }
        story.logs[0].add(.returned(.messages(2, channel: "#all")), at: .seconds(6))
        #expect(story.figures.lost == 1 && story.figures.returned == 2)
    }

    @Test func whoWasSeenToLeaveBeforehandIsNotMissed() {
        var story = peace
        story.logs[0].add(.sawQuit(nick: "c02"), at: .milliseconds(3_001))
        story.say(3, from: 0, at: 3_000, heardBy: [1])
        #expect(story.figures.lost == 0, "accepted at 3,002, after it was seen to leave")
        story.say(3, from: 1, at: 3_000, heardBy: [0])
        #expect(story.figures.lost == 1, "another sender did not see it")
    }

    @Test func whoIsAwayForGoodCannotBeTold() {
        var story = peace
        story.say(3, from: 0, at: 3_000, heardBy: [1])
        story.logs[2].add(.disconnected, at: .milliseconds(3_000))
        #expect(story.figures.lost == 1)
        story.logs[0].add(.disconnected, at: .milliseconds(3_100))
        #expect(story.figures.lost == 0)
    }

    @Test func aReturnIsReadAsTheServerWritesIt() throws {
        let one = try IRCLine(parsing: ":x FAIL PRIVMSG NOT_DELIVERED bob node1/e/5 :Your message to bob")
        #expect(ReturnedMessage(one) == .message(msgid: "node1/e/5"))
        let many = try IRCLine(parsing: ":x NOTE PRIVMSG NOT_DELIVERED #all 3 :one member of #all did not get 3")
        #expect(ReturnedMessage(many) == .messages(3, channel: "#all"))
        #expect(ReturnedMessage(try IRCLine(parsing: ":x FAIL PRIVMSG CANNOT_SEND #all 3 :no")) == nil)
    }

    @Test func aMessageThatCameTwiceIsCountedByWhoseConnectionBroke() {
        var story = peace
        story.hear(2, of: 0, by: 1, at: 2_500)
        #expect(story.figures.twiceOthers == 1 && story.figures.twiceOwn == 0 && story.figures.twiceAnew == 0)
        #expect(story.figures.outOfOrder == 0, "a repetition is no disorder")
        story.move(1, to: 2, brokenAt: 2_600, connectedAt: 2_700)
        #expect(story.figures.twiceOthers == 0 && story.figures.twiceOwn == 1)
    }

    @Test func aMessageThatCameAgainUnderAnotherNameIsSeen() {
        var story = peace
        story.hear(2, of: 0, by: 1, at: 2_500, msgid: "other")
        #expect(story.figures.twiceAnew == 1)
    }

    @Test func aMessageAfterALaterOneIsOutOfOrder() {
        var story = peace
        story.say(3, from: 0, at: 3_000, heardBy: [1])
        story.say(4, from: 0, at: 3_010, heardBy: [1, 2])
        story.hear(3, of: 0, by: 2, at: 3_100)
        #expect(story.figures.outOfOrder == 1 && story.figures.lost == 0)
    }

    @Test func departuresThatNobodyTookAreCounted() {
        var story = peace
        story.logs[0].add(.sawQuit(nick: "c01"), at: .seconds(2))
        story.logs[0].add(.sawJoin(nick: "c01", channel: "#all"), at: .seconds(3))
        story.logs[2].add(.sawNick(from: "c01", to: "c01|x"), at: .seconds(3))
        let figures = story.figures
        #expect(figures.quits == 1 && figures.joins == 1 && figures.renames == 1)
    }

    @Test func latenessIsMeasuredDuringTheFaultsAndAfterThem() {
        var story = peace
        story.mended = .milliseconds(1_900)
        story.say(3, from: 0, at: 1_500, heardBy: [])
        story.hear(3, of: 0, by: 1, at: 1_900)
        story.hear(3, of: 0, by: 2, at: 1_900)
        let figures = story.figures
        #expect(figures.quantile(0.99) == .milliseconds(400))
        #expect(figures.quantile(0.99, duringFaultsAfter: .milliseconds(600)) == nil)
        #expect(figures.quantileAfterFaults(0.99) == .milliseconds(5))
    }
}

struct TalkAgainTests {
    @Test func talkFlowsAgainWhenOneWhoCameBackHearsAndIsHeard() {
        var story = Story()
        story.move(1, to: 2, brokenAt: 1_000, connectedAt: 1_100)
        story.say(1, from: 1, at: 1_300, heardBy: [0, 2])
        story.say(1, from: 0, at: 1_200, heardBy: [2])
        story.say(1, from: 2, at: 1_600, heardBy: [0, 1])
        // Heard from 1,305, and heard something new at 1,605, both after its connection at 1,100.
        #expect(story.figures.talkAgain == .milliseconds(505))
    }

    @Test func whatWasSaidBeforeDoesNotCount() {
        var story = Story()
        story.say(1, from: 0, at: 900, heardBy: [2])
        story.move(1, to: 2, brokenAt: 1_000, connectedAt: 1_100)
        story.hear(1, of: 0, by: 1, at: 1_200)
        story.say(1, from: 1, at: 1_300, heardBy: [0, 2])
        #expect(story.figures.talkAgain == nil)
    }

    @Test func aPairOfNodesThatHearsNothingIsSeen() {
        var story = Story()
        for sender in 0..<2 { story.say(1, from: sender, at: 1_100, heardBy: [0, 1, 2].filter { $0 != sender }) }
        story.say(1, from: 2, at: 1_200, heardBy: [0])
        #expect(story.figures.talkAgain == nil)
        story.hear(1, of: 2, by: 1, at: 1_900)
        #expect(story.figures.talkAgain == .milliseconds(900))
    }
}

struct VerdictTests {
    private let expectations: [RoostChaos.Expectation] = [
        .limit(.lost, .count(1), after: .zero), .limit(.converged, .time(.seconds(2)), after: .zero),
        .answer(.holder(nick: "zed"), ["early"]), .same(.names(channel: "#x")),
    ]

    private func failures(
        lost: Int = 1, converged: Duration? = .seconds(2), holder: String = "early", names: [String] = ["a", "b"]
    ) -> [String] {
        var figures = Figures()
        figures.lost = lost
        figures.converged = converged
        let answers: Answers = [
            .holder(nick: "zed"): [("node1", ["early"]), ("node2", [holder])],
            .names(channel: "#x"): [("node1", ["a", "b"]), ("node2", names)],
        ]
        return Verdict.failures(of: expectations, figures, answers)
    }

    @Test func whatIsWithinItsLimitsPasses() { #expect(failures() == []) }

    @Test func whatIsBeyondThemIsNamed() {
        #expect(failures(lost: 2) == ["lost 2, allowed 1"])
        #expect(failures(converged: .milliseconds(2_010)) == ["converged 2.01 s, allowed 2 s"])
        #expect(failures(converged: nil) == ["converged: never"])
        #expect(failures(holder: "late") == ["holder zed: node1 says early, node2 says late instead of early"])
        #expect(failures(names: ["a"]) == ["names #x differs: node1 says a b, node2 says a"])
        #expect(Verdict.failures(of: expectations, Figures(), [:]).count == 3)
    }

    /// Agreement counts from contact, and only for good.
    @Test func convergenceIsTheLastTimeThatTheyCameToAgree() {
        var record = Story().record
        record.mended = .seconds(2)
        record.agreements = [(500, true), (1_100, false), (2_400, true), (2_600, false), (2_900, true)].map {
            RunRecord.Agreement(at: .milliseconds($0.0), isReached: $0.1)
        }
        #expect(record.timeToConverge == .milliseconds(900))
        record.agreements.append(RunRecord.Agreement(at: .seconds(4), isReached: false))
        #expect(record.timeToConverge == nil)
    }
}
