// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// A user beside the load, who says what the plan says; and the observers who ask the nodes when the run is over.

import Glibc
import RoostConfiguration
import RoostIRC

/// A client that is driven line by line.
final class ScriptedUser {
    /// The nick at the start, and the user name.
    let name: String
    private let socket: StreamSocket
    private var input = LineBuffer()
    private var waiting: [IRCLine] = []

    /// Connects and registers.
    init(_ name: String, at endpoint: Endpoint) throws(ChaosFailure) {
        self.name = name
        guard let socket = StreamSocket.connecting(to: endpoint) else {
            throw ChaosFailure(.broken, "\(name) cannot connect to \(endpoint)")
        }
        self.socket = socket
        _ = Polling.wait([(socket.descriptor, reads: false, writes: true)], for: .seconds(5))
        guard socket.connectError == 0 else { throw ChaosFailure(.broken, "\(name) cannot connect to \(endpoint)") }
        send("NICK \(name)")
        send("USER \(name) 0 * :\(name)")
        _ = try wait(for: ["001"], orAny: ["432", "433", "465", "ERROR"])
        _ = try wait(for: ["376", "422"])
    }

    /// Says something; lines are short and the system takes them at once.
    func send(_ line: String) { _ = socket.write((Array(line.utf8) + [13, 10])[...]) }

    /// Reads what is there, so that the node has no reason to take it for dead.
    func keepUp() { read(for: .zero) }

    /// Asks, and gives the replies up to the last, which has one of these numerics.
    func ask(_ line: String, until last: Set<String>) throws(ChaosFailure) -> [IRCLine] {
        keepUp()
        waiting = []
        send(line)
        return try wait(for: last)
    }

    private func wait(for last: Set<String>, orAny failures: Set<String> = []) throws(ChaosFailure) -> [IRCLine] {
        let deadline = ContinuousClock.now + .seconds(10)
        var lines: [IRCLine] = []
        while ContinuousClock.now < deadline {
            while !waiting.isEmpty {
                let line = waiting.removeFirst()
                lines.append(line)
                if last.contains(line.command) { return lines }
                if failures.contains(line.command) {
                    throw ChaosFailure(.broken, "\(name) was answered \(line.command) \(line.parameters)")
                }
            }
            read(for: .milliseconds(50))
        }
        throw ChaosFailure(.broken, "\(name) waited in vain for \(last.sorted().joined(separator: " or "))")
    }

    private func read(for limit: Duration) {
        let ready = Polling.wait([(socket.descriptor, reads: true, writes: false)], for: limit)
        guard ready.first?.reads == true else { return }
        while case .bytes(let bytes) = socket.read() {
            for text in input.take(bytes) {
                // Nobody else sends lines here; one that cannot be read is no answer.
                guard let line = try? IRCLine(parsing: text, limits: .fromServer) else { continue }
                if line.command == "PING", let token = line.parameters.first { send("PONG :\(token)") }
                waiting.append(line)
            }
        }
    }

    // MARK: Questions

    /// What the node says to a question, in words that are sorted.
    func answer(to question: Question) throws(ChaosFailure) -> [String] {
        switch question {
        case .holder(let nick):
            let lines = try ask("WHOIS \(nick)", until: ["318"])
            return lines.filter { $0.command == "311" && $0.parameters.count > 2 }
                .map { String($0.parameters[2].drop { $0 == "~" }) }
        case .names(let channel): return try names(in: channel).map { String($0.drop(while: Self.isSign)) }.sorted()
        case .operators(let channel):
            return try names(in: channel).filter { $0.hasPrefix("@") }.map { String($0.drop(while: Self.isSign)) }
                .sorted()
        case .bans(let channel):
            let lines = try ask("MODE \(channel) b", until: ["368", "403", "442", "482"])
            return lines.filter { $0.command == "367" && $0.parameters.count > 2 }.map { $0.parameters[2] }.sorted()
        }
    }

    private func names(in channel: String) throws(ChaosFailure) -> [String] {
        try ask("NAMES \(channel)", until: ["366"]).filter { $0.command == "353" }
            .flatMap { $0.parameters.last?.split(separator: " ").map(String.init) ?? [] }
    }

    private static func isSign(_ character: Character) -> Bool { "~&@%+".contains(character) }
}
