// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// What a case waits for, what it asks the nodes at the end, and the logs that it leaves.

import Foundation
import RoostConfiguration

extension CaseRun {
    /// Waits for a condition of the preparation.
    func wait(
        _ what: String, within limit: Duration, _ scene: Scene, until isSo: () -> Bool
    ) throws(ChaosFailure) {
        let deadline = ContinuousClock.now + limit
        while !isSo() {
            try goOn(scene)
            guard ContinuousClock.now < deadline else {
                let reports = scene.feed.lastReports.joined(separator: "\n")
                throw ChaosFailure(.broken, "not within \(limit.brief): \(what)\n\(reports)")
            }
            usleep(10_000)
        }
    }

    /// Waits for a time of the crowd's clock while the actors read what they are sent.
    func sleep(
        until time: Duration, _ scene: Scene, _ actors: [String: ScriptedUser]
    ) throws(ChaosFailure) {
        while true {
            try goOn(scene)
            for actor in actors.values { actor.keepUp() }
            let left = time - scene.crowd.now
            if left <= .zero { return }
            usleep(UInt32(clamping: min(20_000, max(200, left.inMilliseconds * 1_000))))
        }
    }

    /// Waits until nobody has got a message for two seconds.
    func settle(_ scene: Scene) throws(ChaosFailure) {
        let deadline = scene.crowd.now + .seconds(20)
        let quiet = Duration.seconds(2)
        var since = scene.crowd.now
        while scene.crowd.now - since < quiet, scene.crowd.now < deadline {
            try goOn(scene)
            since = max(since, scene.crowd.lastHeard)
            usleep(20_000)
        }
    }

    private func goOn(_ scene: Scene) throws(ChaosFailure) {
        if interruption.isRequested { throw ChaosFailure(.interrupted, "interrupted") }
        if scene.cluster.hasEnded { throw ChaosFailure(.broken, "the cluster ended: \(scene.cluster.said.suffix(1))") }
    }

    /// What nodes answer to the questions of the plan.
    func ask(_ nodes: [Int], _ endpoints: [Endpoint]) throws(ChaosFailure) -> Answers {
        let questions = plan.expectations.compactMap { expectation in
            switch expectation {
            case .limit: nil as Question?
            case .same(let question), .answer(let question, _): question
            }
        }
        guard !questions.isEmpty else { return [:] }
        var answers: Answers = [:]
        for node in nodes {
            let observer = try ScriptedUser("observer\(node + 1)", at: endpoints[node])
            for question in questions {
                let words = try observer.answer(to: question)
                answers[question, default: []].append((node: "node\(node + 1)", words: words))
            }
        }
        return answers
    }

    /// Leaves what each client and each node said, for whoever looks for the cause of a failure.
    func writeLogs(_ logs: [ClientLog], _ feed: StatsFeed) {
        let folder = "\(directory)/clients"
        // Logs are for people; a case is judged without them.
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for log in logs {
            let nick = CrowdLayout(clients: plan.clients, nodes: plan.nodes).nick(log.client)
            try? log.text.write(toFile: "\(folder)/\(nick).log", atomically: false, encoding: .utf8)
        }
        let reports = feed.lastReports.joined(separator: "\n") + "\n"
        try? reports.write(toFile: "\(directory)/last-reports.json", atomically: false, encoding: .utf8)
    }
}
