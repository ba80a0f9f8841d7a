// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// Follows what the nodes publish about themselves, through `roost stats --json`, and takes note of when they agree.

import Foundation
import Glibc
import Synchronization

/// The statistics of a cluster while a case runs.
final class StatsFeed: Sendable {
    /// What is looked at in a report (docs/protocol/stats.md).
    private struct Report: Decodable {
        struct Roster: Decodable, Equatable {
            let users: Int
            let channels: Int
            let digest: String
        }

        struct Peer: Decodable {
            let node: String
            let state: String
        }

        let node: String
        let state: String
        let roster: Roster
        let peers: [Peer]
    }

    private struct State {
        var lines = LineBuffer()
        var latest: [String: (report: Report, at: Duration)] = [:]
        var running: Set<String>
        var agreements: [RunRecord.Agreement] = []
        var users: Int?
        var lastLines: [String: String] = [:]
    }

    /// A report older than that says nothing about a node any more; it publishes ten times a second.
    private static let ageMax = Duration.seconds(2)

    private let children: [Process]
    private let state: Mutex<State>

    /// Begins to follow.
    ///
    /// - Parameters:
    ///   - commands: each runs `roost stats --json` on some nodes.
    ///   - nodes: how many nodes run.
    ///   - clock: the time in which agreements are noted.
    init(commands: [[String]], nodes: Int, clock: @escaping @Sendable () -> Duration) throws(ChaosFailure) {
        state = Mutex(State(running: Set((1...nodes).map { "node\($0)" })))
        children = commands.map { command in
            let child = Process()
            child.executableURL = URL(filePath: "/usr/bin/env")
            child.arguments = command
            child.standardInput = FileHandle.nullDevice
            child.standardError = FileHandle.nullDevice
            return child
        }
        for child in children {
            let output = Pipe()
            child.standardOutput = output
            output.fileHandleForReading.readabilityHandler = { [weak self] handle in
                let data = handle.availableData
                // The end of the output stays readable; without this it would be told again and again.
                if data.isEmpty { handle.readabilityHandler = nil }
                self?.take([UInt8](data), at: clock())
            }
            do { try child.run() } catch {
                throw ChaosFailure(.broken, "roost stats cannot be run: \(error.localizedDescription)")
            }
        }
    }

    /// Ends the children.
    func stop() {
        for child in children where child.isRunning {
            // SIGTERM, which this process hears through a source alone, does nothing there.
            kill(child.processIdentifier, SIGKILL)
            child.waitUntilExit()
        }
    }

    /// A node runs from now on, or runs no more.
    func set(node: Int, isRunning: Bool) {
        state.withLock { state in
            let name = "node\(node + 1)"
            if isRunning { state.running.insert(name) } else { state.running.remove(name) }
            state.latest[name] = nil
        }
    }

    /// The changes in agreement so far.
    var agreements: [RunRecord.Agreement] { state.withLock { $0.agreements } }

    /// How many users all nodes agree that there are; nil while they do not.
    var users: Int? { state.withLock { $0.users } }

    /// What each node said last, for people.
    var lastReports: [String] { state.withLock { $0.lastLines.sorted { $0.key < $1.key }.map(\.value) } }

    private func take(_ bytes: [UInt8], at now: Duration) {
        state.withLock { state in
            for line in state.lines.take(bytes) {
                // Events and what a later version adds are none of ours.
                guard let report = try? JSONDecoder().decode(Report.self, from: Data(line.utf8)) else { continue }
                state.latest[report.node] = (report, now)
                state.lastLines[report.node] = line
            }
            let reports = state.running.compactMap { name in
                state.latest[name].flatMap { now - $0.at < Self.ageMax ? $0.report : nil }
            }
            let isReached =
                reports.count == state.running.count
                && reports.allSatisfy { report in
                    report.roster == reports.first?.roster && report.state == "serving"
                        && report.peers.count { $0.state == "up" } == state.running.count - 1
                }
            state.users = isReached ? reports.first?.roster.users : nil
            if state.agreements.last?.isReached != isReached {
                state.agreements.append(RunRecord.Agreement(at: now, isReached: isReached))
            }
        }
    }
}
