// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The watcher against real ZeroMQ publishers on loopback. Publishers and watcher take turns on one thread: the
// presenter under test is wrapped in one that publishes first.

import RoostStats
import Testing
import ZeroMQ

@testable import RoostWatch

/// A node as the watcher sees it: a socket that publishes one report after the other.
private final class Publisher {
    let socket: Socket
    let address: String

    /// Binds to `address`, or to a free port.
    init(in context: Context, at address: String = "127.0.0.1:*") throws {
        socket = try Socket(.xpub, in: context)
        self.address = String(try socket.bind("tcp://" + address).dropFirst("tcp://".count))
    }

    func publish(_ message: StatsMessage) throws {
        try publish(try message.parts())
    }

    func publish(_ parts: [[UInt8]]) throws {
        let sent = try socket.send(parts)
        #expect(sent, "a publisher drops, it never has to wait")
    }
}

/// Does something each turn, before the presenter under test has its own.
private struct Staged<Shown: Presenter>: Presenter {
    var shown: Shown
    var deadline = Duration.seconds(20)
    /// Returns the exit code to end early.
    var stage: (ClusterView, Duration) throws -> Int32?

    mutating func heard(_ received: ReceivedMessage, at now: Duration) { shown.heard(received, at: now) }

    mutating func tick(_ view: ClusterView, at now: Duration) -> Int32? {
        do {
            if let exitCode = try stage(view, now) { return exitCode }
        } catch {
            Issue.record(error)
            return -1
        }
        if now > deadline {
            Issue.record("the deadline passed with \(view.nodes.keys.sorted()) heard")
            return -1
        }
        return shown.tick(view, at: now)
    }
}

struct WatchTests {
    private let context: Context

    init() throws { context = try Context() }

    private func look(at addresses: [String], json: Bool = false, waitMax: Duration = patience) -> (
        OneLook, Transcript, Transcript
    ) {
        let (output, errors) = (Transcript(), Transcript())
        let look = OneLook(
            screen: Screen(addresses: addresses), output: output.output, errors: errors.output, columns: 80,
            colour: false, json: json, waitMax: waitMax)
        return (look, output, errors)
    }

    @Test(arguments: [
        ("tcp://[::ffff:127.0.0.1]:7602", "tcp://127.0.0.1:7602"), ("tcp://127.0.0.1:7602", "tcp://127.0.0.1:7602"),
        ("tcp://[::1]:7602", "tcp://[::1]:7602"), ("", ""), ("tcp://[::ffff:", "tcp://[::ffff:"),
    ])
    func anEndpointIsNamedAsItWasDialled(reported: String, dialled: String) {
        #expect(Subscriber.asDialled(reported) == dialled)
    }

    @Test(arguments: [false, true]) func oneAddressFindsTheOthers(json: Bool) throws {
        let first = try Publisher(in: context)
        let second = try Publisher(in: context)
        let third = try Publisher(in: context)
        // A chain: the first knows the second, only the second knows the third.
        let reports = [
            report("node1", statsAddress: first.address, peers: [peer("node2", statsAddress: second.address)]),
            report("node2", statsAddress: second.address, peers: [peer("node3", statsAddress: third.address)]),
            report("node3", statsAddress: third.address),
        ]
        let (look, output, errors) = look(at: [first.address], json: json, waitMax: .seconds(20))
        var staged = Staged(shown: look) { _, _ in
            try first.publish(.stats(reports[0]))
            try second.publish(.stats(reports[1]))
            try third.publish(.stats(reports[2]))
            return nil
        }
        var watch = try Watch([first.address])
        #expect(try watch.run(&staged) == 0)
        #expect(errors.text == "")
        let lines = output.text.split(separator: "\n").map(String.init)
        if json {
            #expect(try lines == reports.map { String(decoding: try StatsMessage.stats($0).json(), as: UTF8.self) })
        } else {
            #expect(
                lines.map { $0.prefix(16) } == [
                    "roost  3 nodes, ", "NODE    STATE   ", "node1   serving ", "node2   serving ", "node3   serving ",
                    "cluster         ",
                ])
        }
    }

    @Test func nobodyThereIsExitCodeOneAndOneLine() throws {
        // A port that was free a moment ago, and that nobody publishes on.
        let address = try Publisher(in: context).address
        var (look, output, errors) = look(at: [address], waitMax: .seconds(1))
        var watch = try Watch([address])
        #expect(try watch.run(&look) == 1)
        #expect(output.text == "")
        #expect(
            errors.text == """
                roost stats: no node publishes at \(address) (waited 1s); start one with `roost node`, or give a \
                running node's stats address

                """)
    }

    @Test func aNodeThatComesBackIsSeenToHaveStartedAgain() throws {
        var process: Publisher? = try Publisher(in: context)
        let address = try #require(process).address
        let transcript = Transcript()
        let lines = PlainLines(
            output: transcript.output, waiting: WaitingNote(addresses: [address], errors: transcript.output))
        var staged = Staged(shown: lines) { view, _ in
            let node = view.nodes["node1"]
            if node == nil {
                try process?.publish(.stats(report("node1", epoch: 1, uptime: 900)))
            } else if node?.stats.epoch == 1, node?.silenceNoted == false {
                process = nil
            } else if node?.stats.epoch == 1 {
                // libzmq closes in the background: until it is done the port is taken, and the next turn tries again.
                if process == nil { process = try? Publisher(in: context, at: address) }
                try process?.publish(.stats(report("node1", epoch: 2, uptime: 1)))
            } else if transcript.text.contains("up=1s") {
                return 0
            }
            return nil
        }
        var watch = try Watch([address])
        #expect(try watch.run(&staged) == 0)
        let events = transcript.text.split(separator: "\n").filter { $0.contains(" event ") }.map { $0.dropFirst(9) }
        #expect(events.count == 2)
        #expect(events.first == "event silent: node1 sends no more reports")
        #expect(events.last?.hasPrefix("event restarted: node1 has started again, last heard ") == true)
    }

    @Test func strangeMessagesAreCountedAndPassedOver() throws {
        let publisher = try Publisher(in: context)
        var watch = try Watch([publisher.address])
        let transcript = Transcript()
        let lines = JSONLines(
            output: transcript.output, waiting: WaitingNote(addresses: [], errors: transcript.output))
        let later = #"{"kind":"new_kind","node":"n","epoch":1,"time_ms":1,"text":"t","values":{},"extra":[1, 2]}"#
        var staged = Staged(shown: lines) { _, _ in
            for strange in [["stats.x", "{}"], ["stats.x"], ["event.y", "\u{0}", "z"], ["stats.", "[1,"]] {
                try publisher.publish(strange.map { Array($0.utf8) })
            }
            try publisher.publish([Array("event.new_kind".utf8), Array(later.utf8)])
            return transcript.text.isEmpty ? nil : 0
        }
        #expect(try watch.run(&staged) == 0)
        #expect(transcript.text.hasPrefix(later + "\n"), "passed on as it came")
    }
}
